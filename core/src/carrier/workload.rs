//! The StatefulSet or Deployment of a control plane, or of its etcd.

mod volume;

use alloc::string::String;
use alloc::vec::Vec;

use serde::Deserialize;
use serde_json::Value;

pub use volume::{
    ClaimSource, EmptyDir, HostPath, Mount, Projected, ProjectedSecret, ProjectedSource, SecretSource, Volume,
};

use super::env::Env;
use crate::object::{Meta, Strings, or_default};
use crate::recognise::names;

/// Which controller runs the workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum WorkloadKind {
    /// `apps/v1` StatefulSet.
    #[default]
    StatefulSet,
    /// `apps/v1` Deployment.
    Deployment,
}

impl WorkloadKind {
    /// The Kubernetes kind.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::StatefulSet => "StatefulSet",
            Self::Deployment => "Deployment",
        }
    }
}

/// A workload. Field names are those of Kubernetes; what no rule reads is not decoded.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Workload {
    /// Which controller; set by the caller, who knows the kind of the request.
    #[serde(skip)]
    pub kind: WorkloadKind,
    /// metadata
    #[serde(deserialize_with = "or_default")]
    pub metadata: Meta,
    /// spec
    #[serde(deserialize_with = "or_default")]
    pub spec: Spec,
}

/// `spec` of a StatefulSet or Deployment.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the names of the Kubernetes API")]
pub struct Spec {
    pub replicas: Option<i64>,
    #[serde(deserialize_with = "or_default")]
    pub selector: LabelSelector,
    #[serde(deserialize_with = "or_default")]
    pub service_name: String,
    #[serde(deserialize_with = "or_default")]
    pub pod_management_policy: String,
    #[serde(deserialize_with = "or_default")]
    pub update_strategy: UpdateStrategy,
    #[serde(deserialize_with = "or_default")]
    pub strategy: UpdateStrategy,
    #[serde(deserialize_with = "or_default")]
    pub ordinals: Ordinals,
    pub revision_history_limit: Option<i64>,
    #[serde(deserialize_with = "or_default")]
    pub persistent_volume_claim_retention_policy: Retention,
    #[serde(deserialize_with = "or_default")]
    pub volume_claim_templates: Vec<ClaimTemplate>,
    #[serde(deserialize_with = "or_default")]
    pub template: Template,
}

/// A label selector.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the names of the Kubernetes API")]
pub struct LabelSelector {
    #[serde(deserialize_with = "or_default")]
    pub match_labels: Strings,
    #[serde(deserialize_with = "or_default")]
    pub match_expressions: Vec<Value>,
}

/// `updateStrategy` of a StatefulSet, or `strategy` of a Deployment.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the names of the Kubernetes API")]
pub struct UpdateStrategy {
    #[serde(deserialize_with = "or_default", rename = "type")]
    pub kind: String,
    #[serde(deserialize_with = "or_default")]
    pub rolling_update: RollingUpdate,
}

/// `rollingUpdate` of either kind; `maxUnavailable` is int-or-string.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the names of the Kubernetes API")]
pub struct RollingUpdate {
    pub partition: Option<i64>,
    pub max_unavailable: Option<Value>,
}

/// `ordinals` of a StatefulSet.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the names of the Kubernetes API")]
pub struct Ordinals {
    #[serde(deserialize_with = "or_default")]
    pub start: i64,
}

/// `persistentVolumeClaimRetentionPolicy`; empty strings where unset (the API server's default is Retain).
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the names of the Kubernetes API")]
pub struct Retention {
    #[serde(deserialize_with = "or_default")]
    pub when_deleted: String,
    #[serde(deserialize_with = "or_default")]
    pub when_scaled: String,
}

/// One of `volumeClaimTemplates`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the names of the Kubernetes API")]
pub struct ClaimTemplate {
    #[serde(deserialize_with = "or_default")]
    pub metadata: Meta,
    #[serde(deserialize_with = "or_default")]
    pub spec: ClaimSpec,
}

/// `spec` of a claim.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the names of the Kubernetes API")]
pub struct ClaimSpec {
    #[serde(deserialize_with = "or_default")]
    pub access_modes: Vec<String>,
    #[serde(deserialize_with = "or_default")]
    pub storage_class_name: String,
    #[serde(deserialize_with = "or_default")]
    pub volume_mode: String,
    #[serde(deserialize_with = "or_default")]
    pub resources: Value,
}

/// The pod template.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the names of the Kubernetes API")]
pub struct Template {
    #[serde(deserialize_with = "or_default")]
    pub metadata: Meta,
    #[serde(deserialize_with = "or_default")]
    pub spec: PodSpec,
}

/// The pod's `spec`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the names of the Kubernetes API")]
pub struct PodSpec {
    #[serde(deserialize_with = "or_default")]
    pub containers: Vec<Container>,
    #[serde(deserialize_with = "or_default")]
    pub init_containers: Vec<Container>,
    #[serde(deserialize_with = "or_default")]
    pub volumes: Vec<Volume>,
    pub affinity: Option<Value>,
    #[serde(deserialize_with = "or_default")]
    pub topology_spread_constraints: Vec<Value>,
    #[serde(deserialize_with = "or_default")]
    pub node_name: String,
    #[serde(deserialize_with = "or_default")]
    pub node_selector: Strings,
    #[serde(deserialize_with = "or_default")]
    pub tolerations: Vec<Value>,
    #[serde(deserialize_with = "or_default")]
    pub dns_policy: String,
    #[serde(deserialize_with = "or_default")]
    pub priority_class_name: String,
    pub termination_grace_period_seconds: Option<i64>,
}

/// A container, init containers included.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the names of the Kubernetes API")]
pub struct Container {
    #[serde(deserialize_with = "or_default")]
    pub name: String,
    #[serde(deserialize_with = "or_default")]
    pub image: String,
    #[serde(deserialize_with = "or_default")]
    pub image_pull_policy: String,
    #[serde(deserialize_with = "or_default")]
    pub command: Vec<String>,
    #[serde(deserialize_with = "or_default")]
    pub args: Vec<String>,
    #[serde(deserialize_with = "or_default")]
    pub env: Vec<Env>,
    #[serde(deserialize_with = "or_default")]
    pub env_from: Vec<Value>,
    #[serde(deserialize_with = "or_default")]
    pub volume_mounts: Vec<Mount>,
    pub readiness_probe: Option<serde::de::IgnoredAny>,
}

impl Workload {
    /// `spec.replicas`, with the API server's default of 1.
    #[must_use]
    pub fn replicas(&self) -> i64 {
        self.spec.replicas.unwrap_or(1)
    }

    /// The container of that name.
    #[must_use]
    pub fn container(&self, name: &str) -> Option<&Container> {
        self.spec.template.spec.containers.iter().find(|c| c.name == name)
    }

    /// Containers and init containers.
    pub fn all_containers(&self) -> impl Iterator<Item = &Container> {
        let pod = &self.spec.template.spec;
        pod.containers.iter().chain(&pod.init_containers)
    }

    /// The pod volume of that name. A claim template of the same name would win over it.
    #[must_use]
    pub fn volume(&self, name: &str) -> Option<&Volume> {
        self.spec.template.spec.volumes.iter().find(|v| v.name == name)
    }

    /// The claim template of that name. Deployments have none.
    #[must_use]
    pub fn claim_template(&self, name: &str) -> Option<&ClaimTemplate> {
        self.spec
            .volume_claim_templates
            .iter()
            .find(|t| t.metadata.name == name)
    }

    /// Name of the config Secret that a pod volume mounts (charts 0.20 and later). Where there are several, the one
    /// of the workload's own name.
    #[must_use]
    pub fn config_secret(&self) -> Option<&str> {
        let volumes = self.spec.template.spec.volumes.iter();
        let secrets = volumes.flat_map(Volume::secrets);
        let mut releases = secrets.filter_map(|name| Some((name, names::config_secret(name)?)));
        let own = releases.clone().find(|(_, release)| *release == self.metadata.name);
        own.or_else(|| releases.next()).map(|(name, _)| name)
    }

    /// The chart's version as the label tells it.
    #[must_use]
    pub fn chart_version(&self) -> Option<semver::Version> {
        self.metadata.chart_version()
    }
}

impl Container {
    /// The value of `--flag=value`, in command or args.
    #[must_use]
    pub fn flag(&self, flag: &str) -> Option<&str> {
        let words = self.command.iter().chain(&self.args);
        words
            .filter_map(|word| word.strip_prefix(flag)?.strip_prefix('='))
            .next_back()
    }

    /// Whether `--flag` or `--flag=…` is among command and args.
    #[must_use]
    pub fn has_flag(&self, flag: &str) -> bool {
        self.command
            .iter()
            .chain(&self.args)
            .any(|w| w == flag || w.strip_prefix(flag).is_some_and(|r| r.starts_with('=')))
    }
}
