//! From the path of a finding to the place in the object: `controlPlane.statefulSet.env`, or
//! `spec.template.spec.containers[syncer].image`.

use alloc::string::String;

use serde_json::Value;

use crate::config::folds_to;

/// Where a dotted path leads, as far as it is written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// JSON pointer to what is there.
    pub pointer: String,
    /// How many names of the path were found.
    pub depth: usize,
    /// Whether that is the whole path.
    pub whole: bool,
}

/// Follows a dotted path; names fold as Go's JSON decoder folds them, `[NAME]` picks an item of a list by its name
/// or its index.
#[must_use]
pub fn place(root: &Value, path: &str) -> Place {
    let mut place = Place::default();
    let mut value = root;
    for segment in path.split('.') {
        let (name, item) = segment.split_once('[').unwrap_or((segment, ""));
        let Some((key, member)) = member(value, name) else {
            return place;
        };
        push(&mut place.pointer, key);
        place.depth += 1;
        value = member;
        let item = item.trim_end_matches(']');
        if item.is_empty() {
            continue;
        }
        let Some((index, member)) = find(value, item) else {
            return place;
        };
        push(&mut place.pointer, &alloc::format!("{index}"));
        value = member;
    }
    place.whole = true;
    place
}

/// The value at a dotted path, if the whole path is written.
#[must_use]
pub fn value<'v>(root: &'v Value, path: &str) -> Option<&'v Value> {
    let place = place(root, path);
    root.pointer(&place.pointer).filter(|_| place.whole)
}

fn push(pointer: &mut String, token: &str) {
    pointer.push('/');
    pointer.push_str(&token.replace('~', "~0").replace('/', "~1"));
}

fn member<'v>(value: &'v Value, name: &str) -> Option<(&'v str, &'v Value)> {
    let map = value.as_object()?;
    let exact = map.get_key_value(name);
    // Of several keys that fold to one field, the last one wins.
    exact
        .or_else(|| map.iter().rev().find(|(key, _)| folds_to(key, name)))
        .map(|(key, value)| (key.as_str(), value))
}

fn find<'v>(value: &'v Value, item: &str) -> Option<(usize, &'v Value)> {
    let items = value.as_array()?;
    let named = |value: &Value| {
        let name = value.get("name").or_else(|| value.pointer("/metadata/name"));
        name.and_then(Value::as_str) == Some(item)
    };
    let index = item.parse().ok().or_else(|| items.iter().position(named))?;
    Some((index, items.get(index)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_path_is_followed_as_far_as_it_is_written() {
        let object = json!({"spec": {"containers": [{"name": "a"}, {"name": "b/c", "image": "x"}]}});
        let at = |path: &str| place(&object, path).pointer;
        assert_eq!(at("spec.containers[b/c].image"), "/spec/containers/1/image");
        assert_eq!(at("spec.containers[0].image"), "/spec/containers/0");
        assert_eq!(at("spec.containers[z].image"), "/spec/containers");
        assert_eq!(at("Spec.replicas"), "/spec");
        assert_eq!(at("metadata"), "");
        assert!(place(&object, "spec.containers").whole);
        assert_eq!(place(&object, "spec.replicas").depth, 1);
    }
}
