//! The mechanical mend of a finding: changes of the values that take nothing from their owner which they would have to
//! choose: no store, no licence, no place of the data, no number of members.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use serde_json::Value;

/// One change of the values. Neither its words nor its `Debug` show an address, which may hold a password.
#[derive(Clone, PartialEq, Eq)]
pub enum Change {
    /// The key gets this value.
    Set {
        /// Dotted path in the values; `[2]` picks an item of a list.
        path: Cow<'static, str>,
        /// What is to stand there.
        value: Value,
    },
    /// The key, or the item of a list, goes.
    Remove {
        /// Dotted path in the values; `[2]` picks an item of a list.
        path: Cow<'static, str>,
    },
}

/// Everything that mends one finding.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Remedy {
    /// In the order in which they are made.
    pub changes: Vec<Change>,
    /// What its owner is told before a release that runs is upgraded to it.
    pub caution: Option<&'static str>,
}

impl Change {
    /// The key gets this value.
    #[must_use]
    pub fn set(path: impl Into<Cow<'static, str>>, value: impl Into<Value>) -> Self {
        Self::Set {
            path: path.into(),
            value: value.into(),
        }
    }

    /// The key, or the item of a list, goes.
    #[must_use]
    pub fn remove(path: impl Into<Cow<'static, str>>) -> Self {
        Self::Remove { path: path.into() }
    }

    /// Where.
    #[must_use]
    pub fn path(&self) -> &str {
        match self {
            Self::Set { path, .. } | Self::Remove { path } => path,
        }
    }
}

/// `set PATH to VALUE`, `remove PATH`.
impl core::fmt::Display for Change {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Set { path, value } => match value.as_str() {
                Some(text) if text.contains("://") => write!(f, "rewrite {path}"),
                Some(text) => write!(f, "set {path} to {text}"),
                None => write!(f, "set {path} to {value}"),
            },
            Self::Remove { path } => write!(f, "remove {path}"),
        }
    }
}

impl core::fmt::Debug for Change {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_not_shown() {
        let change = Change::set("a.b", "https://root:s3cret@db");
        assert_eq!(alloc::format!("{change} {change:?}"), "rewrite a.b rewrite a.b");
        assert_eq!(alloc::format!("{}", Change::set("a.b", "Retain")), "set a.b to Retain");
    }
}
