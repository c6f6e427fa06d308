//! The scale subresource of a workload.

use alloc::string::String;

use serde::Deserialize;

use crate::object::{Meta, or_default};

/// `autoscaling/v1` Scale. Zero is left out of it on the wire, so absent is 0 here, unlike in a workload.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Scale {
    /// metadata: name and namespace only, never labels (kubernetes: pkg/registry/apps/statefulset/storage).
    #[serde(deserialize_with = "or_default")]
    pub metadata: Meta,
    #[serde(deserialize_with = "or_default")]
    spec: Spec,
    #[serde(deserialize_with = "or_default")]
    status: Status,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct Spec {
    #[serde(deserialize_with = "or_default")]
    replicas: i64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct Status {
    #[serde(deserialize_with = "or_default")]
    selector: String,
}

impl Scale {
    /// Replicas asked for.
    #[must_use]
    pub fn replicas(&self) -> i64 {
        self.spec.replicas
    }

    /// The value of one `key=value` of `status.selector`, which the API server writes from the workload's own
    /// immutable selector. A minimal PUT lacks it in the new object, never in the old one.
    #[must_use]
    pub fn selector(&self, key: &str) -> Option<&str> {
        self.status
            .selector
            .split(',')
            .find_map(|pair| pair.strip_prefix(key)?.strip_prefix('='))
    }
}
