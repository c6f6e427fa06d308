//! What a pod asks of the scheduler. Field names are those of Kubernetes; what no rule reads is not decoded.

use alloc::string::String;
use alloc::vec::Vec;

use serde::Deserialize;

use crate::object::{Strings, or_default};

use super::node::{Node, Taint};

/// A label selector.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the names of the Kubernetes API")]
pub struct Selector {
    #[serde(deserialize_with = "or_default")]
    pub match_labels: Strings,
    #[serde(deserialize_with = "or_default")]
    pub match_expressions: Vec<Expression>,
}

/// One of `matchExpressions` or `matchFields`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the names of the Kubernetes API")]
pub struct Expression {
    #[serde(deserialize_with = "or_default")]
    pub key: String,
    #[serde(deserialize_with = "or_default")]
    pub operator: String,
    #[serde(deserialize_with = "or_default")]
    pub values: Vec<String>,
}

/// One of `topologySpreadConstraints`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the names of the Kubernetes API")]
pub struct Spread {
    #[serde(deserialize_with = "or_default")]
    pub topology_key: String,
    #[serde(deserialize_with = "or_default")]
    pub when_unsatisfiable: String,
    pub label_selector: Option<Selector>,
    #[serde(deserialize_with = "or_default")]
    pub match_label_keys: Vec<String>,
    pub min_domains: Option<i64>,
}

/// `affinity`
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the names of the Kubernetes API")]
pub struct Affinity {
    #[serde(deserialize_with = "or_default")]
    pub node_affinity: NodeAffinity,
    #[serde(deserialize_with = "or_default")]
    pub pod_anti_affinity: PodAntiAffinity,
}

/// `podAntiAffinity`
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(default)]
pub struct PodAntiAffinity {
    /// Hard terms.
    #[serde(
        rename = "requiredDuringSchedulingIgnoredDuringExecution",
        deserialize_with = "or_default"
    )]
    pub required: Vec<PodTerm>,
    /// Soft ones.
    #[serde(
        rename = "preferredDuringSchedulingIgnoredDuringExecution",
        deserialize_with = "or_default"
    )]
    pub preferred: Vec<WeightedPodTerm>,
}

/// A preferred term; its weight decides nothing here.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the names of the Kubernetes API")]
pub struct WeightedPodTerm {
    #[serde(deserialize_with = "or_default")]
    pub pod_affinity_term: PodTerm,
}

/// A term about other pods.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the names of the Kubernetes API")]
pub struct PodTerm {
    #[serde(deserialize_with = "or_default")]
    pub topology_key: String,
    pub label_selector: Option<Selector>,
    #[serde(deserialize_with = "or_default")]
    pub namespaces: Vec<String>,
    pub namespace_selector: Option<Selector>,
    #[serde(deserialize_with = "or_default")]
    pub match_label_keys: Vec<String>,
    #[serde(deserialize_with = "or_default")]
    pub mismatch_label_keys: Vec<String>,
}

/// `nodeAffinity`; preferences are not read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(default)]
pub struct NodeAffinity {
    /// Which nodes will do at all.
    #[serde(rename = "requiredDuringSchedulingIgnoredDuringExecution")]
    pub required: Option<NodeSelector>,
}

/// Terms of which one must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the names of the Kubernetes API")]
pub struct NodeSelector {
    #[serde(deserialize_with = "or_default")]
    pub node_selector_terms: Vec<NodeTerm>,
}

/// Expressions that must all hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the names of the Kubernetes API")]
pub struct NodeTerm {
    #[serde(deserialize_with = "or_default")]
    pub match_expressions: Vec<Expression>,
    #[serde(deserialize_with = "or_default")]
    pub match_fields: Vec<Expression>,
}

/// One of `tolerations`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the names of the Kubernetes API")]
pub struct Toleration {
    #[serde(deserialize_with = "or_default")]
    pub key: String,
    #[serde(deserialize_with = "or_default")]
    pub operator: String,
    #[serde(deserialize_with = "or_default")]
    pub value: String,
    #[serde(deserialize_with = "or_default")]
    pub effect: String,
    pub toleration_seconds: Option<i64>,
}

impl Selector {
    /// Whether pods with these labels are selected. An empty selector selects all.
    #[must_use]
    pub fn matches(&self, labels: &Strings) -> bool {
        self.match_labels
            .iter()
            .all(|(key, value)| labels.get(key) == Some(value))
            && self
                .match_expressions
                .iter()
                .all(|expression| expression.holds(labels.get(&expression.key).map(String::as_str)))
    }

    /// Every label that it asks about.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        let expressions = self.match_expressions.iter().map(|expression| expression.key.as_str());
        self.match_labels.keys().map(String::as_str).chain(expressions)
    }
}

impl Expression {
    /// Whether it holds of a label's value, or of its absence (kubernetes: apimachinery pkg/labels/selector.go).
    #[must_use]
    pub fn holds(&self, value: Option<&str>) -> bool {
        let listed = || value.is_some_and(|value| self.values.iter().any(|wanted| wanted == value));
        let numbers = || {
            let bound: i64 = self.values.first()?.parse().ok()?;
            Some((value?.parse::<i64>().ok()?, bound))
        };
        match self.operator.as_str() {
            "In" => listed(),
            "NotIn" => !listed(),
            "Exists" => value.is_some(),
            "DoesNotExist" => value.is_none(),
            "Gt" => numbers().is_some_and(|(value, bound)| value > bound),
            "Lt" => numbers().is_some_and(|(value, bound)| value < bound),
            _ => false,
        }
    }
}

impl NodeTerm {
    /// Whether the node will do. A term without any expression selects none.
    #[must_use]
    pub fn matches(&self, node: &Node) -> bool {
        let is_empty = self.match_expressions.is_empty() && self.match_fields.is_empty();
        let name = Some(node.metadata.name.as_str());
        !is_empty
            && self.match_fields.iter().all(|field| field.holds(name))
            && self
                .match_expressions
                .iter()
                .all(|expression| expression.holds(node.label(&expression.key)))
    }
}

impl Toleration {
    /// Whether the operator is `Exists`, which asks for no value.
    #[must_use]
    pub fn is_exists(&self) -> bool {
        self.operator == "Exists"
    }

    /// Whether pods with it may stand on a node with this taint (kubernetes: component-helpers toleration.go).
    #[must_use]
    pub fn tolerates(&self, taint: &Taint) -> bool {
        let effect = self.effect.is_empty() || self.effect == taint.effect;
        let key = self.key.is_empty() || self.key == taint.key;
        effect && key && (self.is_exists() || (!self.key.is_empty() && self.value == taint.value))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn selector(value: serde_json::Value) -> Selector {
        Selector::deserialize(value).unwrap()
    }

    #[test]
    fn a_selector_asks_for_all_that_it_names() {
        let labels: Strings = [("app".into(), "vcluster".into()), ("release".into(), "demo".into())].into();
        let both = selector(json!({"matchLabels": {"app": "vcluster"},
            "matchExpressions": [{"key": "release", "operator": "In", "values": ["demo", "other"]}]}));
        assert!(both.matches(&labels));
        assert!(selector(json!({})).matches(&labels));
        assert!(!selector(json!({"matchLabels": {"app": "vcluster", "tier": "x"}})).matches(&labels));
        let not_in = json!({"matchExpressions": [{"key": "tier", "operator": "NotIn", "values": ["x"]}]});
        assert!(selector(not_in).matches(&labels));
    }

    #[test]
    fn a_toleration_without_key_and_value_tolerates_only_with_exists() {
        let taint = Taint {
            key: "dedicated".into(),
            effect: "NoSchedule".into(),
            ..Taint::default()
        };
        let of = |value| Toleration::deserialize::<serde_json::Value>(value).unwrap();
        assert!(of(json!({"operator": "Exists"})).tolerates(&taint));
        assert!(!of(json!({})).tolerates(&taint));
        assert!(of(json!({"key": "dedicated"})).tolerates(&taint));
        assert!(!of(json!({"key": "dedicated", "effect": "NoExecute"})).tolerates(&taint));
    }
}
