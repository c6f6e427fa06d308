//! A `PersistentVolumeClaim`.

use alloc::string::String;
use alloc::vec::Vec;

use serde::Deserialize;

use crate::object::{Meta, or_default};

/// `v1` `PersistentVolumeClaim`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Claim {
    /// metadata
    #[serde(deserialize_with = "or_default")]
    pub metadata: Meta,
    /// spec
    #[serde(deserialize_with = "or_default")]
    pub spec: Spec,
    /// status
    #[serde(deserialize_with = "or_default")]
    pub status: Status,
}

/// What it asks for, and what it got.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the names of the Kubernetes API")]
pub struct Spec {
    #[serde(deserialize_with = "or_default")]
    pub access_modes: Vec<String>,
    #[serde(deserialize_with = "or_default")]
    pub storage_class_name: String,
    #[serde(deserialize_with = "or_default")]
    pub volume_name: String,
}

/// How it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Status {
    /// `Pending`, `Bound` or `Lost`.
    #[serde(deserialize_with = "or_default")]
    pub phase: String,
}

impl Claim {
    /// Whether pods on several nodes can write to it.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.spec.access_modes.iter().any(|mode| mode == "ReadWriteMany")
    }

    /// Whether it is the claim that a claim template `data` of this `StatefulSet` makes for one of its pods.
    #[must_use]
    pub fn is_data_of(&self, stateful_set: &str) -> bool {
        let ordinal = || {
            let tail = self.metadata.name.strip_prefix("data-")?.strip_prefix(stateful_set)?;
            tail.strip_prefix('-')
        };
        ordinal().is_some_and(|ordinal| !ordinal.is_empty() && ordinal.bytes().all(|byte| byte.is_ascii_digit()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(name: &str) -> Claim {
        let mut claim = Claim::default();
        claim.metadata.name = name.into();
        claim
    }

    #[test]
    fn a_claim_is_known_by_the_name_that_the_controller_gives() {
        assert!(claim("data-demo-0").is_data_of("demo"));
        assert!(claim("data-demo-12").is_data_of("demo"));
        assert!(claim("data-demo-etcd-0").is_data_of("demo-etcd"));
    }

    #[test]
    fn a_longer_name_is_another_release() {
        assert!(!claim("data-demo-etcd-0").is_data_of("demo"));
        assert!(!claim("data-demo-two-0").is_data_of("demo"));
        assert!(!claim("data-demo-").is_data_of("demo"));
    }
}
