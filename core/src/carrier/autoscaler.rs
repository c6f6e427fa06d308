//! A `HorizontalPodAutoscaler`.

use alloc::string::String;

use serde::Deserialize;

use crate::object::{Meta, or_default};

/// `autoscaling/v2` (or v1) `HorizontalPodAutoscaler`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Autoscaler {
    /// metadata
    #[serde(deserialize_with = "or_default")]
    pub metadata: Meta,
    /// spec
    #[serde(deserialize_with = "or_default")]
    pub spec: Spec,
}

/// What it scales.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the names of the Kubernetes API")]
pub struct Spec {
    #[serde(deserialize_with = "or_default")]
    pub scale_target_ref: Target,
}

/// A reference to a workload of the same namespace.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the names of the Kubernetes API")]
pub struct Target {
    #[serde(deserialize_with = "or_default")]
    pub kind: String,
    #[serde(deserialize_with = "or_default")]
    pub name: String,
}
