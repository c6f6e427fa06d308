//! A node of the host cluster, as the scheduler sees it.

use alloc::string::String;
use alloc::vec::Vec;

use serde::Deserialize;

use crate::object::{Meta, or_default};

/// `v1` Node.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Node {
    /// metadata
    #[serde(deserialize_with = "or_default")]
    pub metadata: Meta,
    /// spec
    #[serde(deserialize_with = "or_default")]
    pub spec: Spec,
}

/// What keeps pods away.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the names of the Kubernetes API")]
pub struct Spec {
    #[serde(deserialize_with = "or_default")]
    pub unschedulable: bool,
    #[serde(deserialize_with = "or_default")]
    pub taints: Vec<Taint>,
}

/// A taint.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the names of the Kubernetes API")]
pub struct Taint {
    #[serde(deserialize_with = "or_default")]
    pub key: String,
    #[serde(deserialize_with = "or_default")]
    pub value: String,
    #[serde(deserialize_with = "or_default")]
    pub effect: String,
}

impl Node {
    /// The value of a label.
    #[must_use]
    pub fn label(&self, key: &str) -> Option<&str> {
        self.metadata.labels.get(key).map(String::as_str)
    }
}
