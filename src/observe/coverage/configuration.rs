//! A webhook configuration, with the fields that decide over what is sent to the guard.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use kube::core::{Selector, SelectorExt};
use serde::Deserialize;
use vcluster_guard_core::object::{Meta, ObjectRef, Release, Strings};

/// Which of the two kinds of configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Door {
    Validate,
    Mutate,
}

impl Door {
    pub(crate) const ALL: [Self; 2] = [Self::Validate, Self::Mutate];

    pub(crate) const fn kind(self) -> &'static str {
        match self {
            Self::Validate => "ValidatingWebhookConfiguration",
            Self::Mutate => "MutatingWebhookConfiguration",
        }
    }

    /// What the guard does with what is sent.
    pub(super) const fn done(self) -> &'static str {
        match self {
            Self::Validate => "judged",
            Self::Mutate => "mended",
        }
    }

    /// The value of the chart that switches it.
    pub(super) const fn values_key(self) -> &'static str {
        match self {
            Self::Validate => "validating",
            Self::Mutate => "mutating",
        }
    }
}

/// A `ValidatingWebhookConfiguration` or `MutatingWebhookConfiguration`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Configuration {
    pub(super) metadata: Meta,
    pub(super) webhooks: Vec<Entry>,
}

/// One of its webhooks. Field names are those of Kubernetes.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) client_config: ClientConfig,
    pub(super) failure_policy: String,
    pub(super) namespace_selector: LabelSelector,
    pub(super) object_selector: LabelSelector,
    pub(super) rules: Vec<Rule>,
    pub(super) match_conditions: Vec<Condition>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct ClientConfig {
    pub(super) service: Option<Service>,
    pub(super) url: Option<String>,
    /// PEM in base64.
    pub(super) ca_bundle: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct Service {
    pub(super) namespace: String,
    pub(super) name: String,
    pub(super) path: String,
    pub(super) port: Option<u16>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Rule {
    pub(super) api_groups: Vec<String>,
    pub(super) api_versions: Vec<String>,
    pub(super) operations: Vec<String>,
    pub(super) resources: Vec<String>,
    pub(super) scope: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Condition {
    pub(super) name: String,
    pub(super) expression: String,
}

impl Configuration {
    /// How reports name it.
    pub(super) fn object(&self, door: Door) -> ObjectRef {
        ObjectRef {
            api_version: "admissionregistration.k8s.io/v1".into(),
            kind: door.kind().into(),
            namespace: String::new(),
            name: self.metadata.name.clone(),
        }
    }

    pub(super) fn entry(&self, name: &str) -> Option<&Entry> {
        self.webhooks.iter().find(|entry| entry.name == name)
    }
}

impl Service {
    /// As `NAMESPACE/NAME`, whatever the path.
    pub(super) fn host(&self) -> Release {
        Release::new(&self.namespace, &self.name)
    }
}

impl Rule {
    /// Whether it asks for one operation on one resource of one group, in version v1.
    pub(super) fn asks(&self, group: &str, resource: &str, operation: &str) -> bool {
        let has = |list: &[String], wanted: &str| list.iter().any(|item| item == wanted || item == "*");
        let every = match resource.split_once('/') {
            Some((parent, sub)) => [format!("{parent}/*"), format!("*/{sub}"), "*/*".into()],
            None => ["*".into(), "*/*".into(), String::new()],
        };
        let resources = &self.resources;
        // Both of the API server's words for "every resource"; `*` alone leaves subresources out.
        let named = resources.iter().any(|item| item == resource || every.contains(item));
        named
            && has(&self.api_groups, group)
            && has(&self.api_versions, "v1")
            && has(&self.operations, operation)
            && matches!(self.scope.as_str(), "" | "*" | "Namespaced")
    }
}

/// The label that the API server gives each namespace.
const NAME: &str = "kubernetes.io/metadata.name";

/// Whether the name of a namespace says whether it is selected.
pub(super) fn selects_by_name(selector: &LabelSelector) -> bool {
    let labels = selector.match_labels.iter().flatten().map(|(key, _)| key);
    let expressions = selector
        .match_expressions
        .iter()
        .flatten()
        .map(|expression| &expression.key);
    labels.chain(expressions).all(|key| key == NAME)
}

/// Whether a selector is met; `None` where labels decide that are not known, or it is none.
pub(super) fn selects(selector: &LabelSelector, name: &str, labels: Option<&Strings>) -> Option<bool> {
    if labels.is_none() && !selects_by_name(selector) {
        return None;
    }
    let mut labels: BTreeMap<String, String> = labels.cloned().unwrap_or_default();
    labels.insert(NAME.into(), name.into());
    let selector = Selector::try_from(selector.clone()).ok()?;
    Some(selector.matches(&labels))
}

/// Whether it is empty, and so met by everything.
pub(super) fn selects_all(selector: &LabelSelector) -> bool {
    selector.match_labels.iter().flatten().next().is_none()
        && selector.match_expressions.iter().flatten().next().is_none()
}
