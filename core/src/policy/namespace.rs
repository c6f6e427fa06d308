//! Which namespaces a policy treats otherwise, and how.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use serde::Deserialize;

use super::word::maybe_word;
use super::{Mode, RulePolicy};
use crate::object::Strings;

/// Other settings for some namespaces.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NamespacePolicy {
    /// Which namespaces.
    #[serde(rename = "match")]
    pub matches: NamespaceMatch,
    /// Instead of the policy's mode.
    #[serde(default, deserialize_with = "maybe_word")]
    pub mode: Option<Mode>,
    /// Over the policy's rules.
    #[serde(default)]
    pub rules: BTreeMap<String, RulePolicy>,
}

/// Which namespaces: all that is given must match.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NamespaceMatch {
    /// Names or globs with `*`; any of them.
    pub names: Vec<String>,
    /// Labels of the namespace; all of them.
    pub labels: Strings,
}

impl NamespaceMatch {
    pub(super) fn meets(&self, name: &str, labels: Option<&Strings>) -> bool {
        let by_name = self.names.is_empty() || self.names.iter().any(|pattern| glob(pattern, name));
        let has = |(key, value): (&String, &String)| labels.is_some_and(|labels| labels.get(key) == Some(value));
        by_name && self.labels.iter().all(has)
    }
}

/// `*` stands for any run of characters, none included.
fn glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let middle: Vec<&str> = parts.collect();
    let Some((last, middle)) = middle.split_last() else {
        return rest.is_empty();
    };
    for part in middle {
        let Some((_, after)) = rest.split_once(*part) else {
            return false;
        };
        rest = after;
    }
    rest.ends_with(last)
}
