//! A `PodDisruptionBudget`.

use serde::Deserialize;
use serde_json::Value;

use crate::object::{Meta, or_default};

use super::workload::LabelSelector;

/// `policy/v1` `PodDisruptionBudget`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Budget {
    /// metadata; the chart's budgets carry no labels, and no namespace when rendered.
    #[serde(deserialize_with = "or_default")]
    pub metadata: Meta,
    /// spec
    #[serde(deserialize_with = "or_default")]
    pub spec: Spec,
}

/// `spec` of a budget. The two numbers are int-or-string.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the names of the Kubernetes API")]
pub struct Spec {
    pub min_available: Option<Value>,
    pub max_unavailable: Option<Value>,
    #[serde(deserialize_with = "or_default")]
    pub selector: LabelSelector,
}
