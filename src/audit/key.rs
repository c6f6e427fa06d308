//! Where an object stands in a list: the apiserver gives lists in the order of its store's keys.

use std::cmp::Ordering;

use serde::Deserialize;
use vcluster_guard_core::object::Meta;

/// Namespace and name. Ordered as the keys `NAMESPACE/NAME` are, byte by byte: `a-b/x` comes before `a/x`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct Key {
    /// Empty for kinds without namespaces.
    pub(super) namespace: String,
    pub(super) name: String,
}

impl Key {
    pub(super) fn of(metadata: &Meta) -> Self {
        Self {
            namespace: metadata.namespace.clone(),
            name: metadata.name.clone(),
        }
    }

    fn bytes(&self) -> impl Iterator<Item = u8> {
        // Without a namespace the key is the name alone; the slash in front of every one changes nothing.
        self.namespace.bytes().chain([b'/']).chain(self.name.bytes())
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        self.bytes().cmp(other.bytes())
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// `NAMESPACE/NAME`, or the name alone.
impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.namespace.is_empty() {
            f.write_str(&self.name)
        } else {
            write!(f, "{}/{}", self.namespace, self.name)
        }
    }
}

/// Which of two namespaces a list passes first.
pub(super) fn order(one: &str, other: &str) -> Ordering {
    one.bytes().chain([b'/']).cmp(other.bytes().chain([b'/']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn namespaces_come_in_the_order_of_the_stores_keys() {
        let mut names = ["a", "a-b", "a.b", "a0", "aa", "b"];
        names.sort_by(|one, other| order(one, other));
        assert_eq!(names, ["a-b", "a.b", "a", "a0", "aa", "b"]);
    }
}
