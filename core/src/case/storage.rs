//! Where `/data` of a control plane lies, and `/var/lib/etcd` of a deployed etcd.
//!
//! Read off the workload where that is at hand, else foretold from the values as the chart would render them
//! (vcluster: `chart/templates/_persistence.tpl`, `statefulset.yaml`, `etcd-statefulset.yaml`).

use alloc::string::String;
use alloc::vec::Vec;

use serde::Deserialize;
use serde_json::Value;

use crate::carrier::workload::{Volume, Workload, WorkloadKind};
use crate::config::{Config, key};
use crate::rule::{Need, Part};
use crate::store::Store;

use super::{Case, Places};

/// Name of the volume that holds the state, in both workloads.
pub const DATA: &str = "data";

/// What is behind the volume `data`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Data {
    /// A claim template: one claim a pod.
    ClaimTemplate,
    /// One claim for all pods.
    Claim(String),
    /// Gone with the pod.
    EmptyDir,
    /// `emptyDir` with `medium: Memory`.
    Memory,
    /// A directory of the node.
    HostPath,
    /// A generic ephemeral or CSI inline volume: gone with the pod.
    Ephemeral,
    /// Something else.
    Other,
    /// No volume of that name.
    Missing,
}

impl Data {
    /// Whether the state dies with the pod.
    #[must_use]
    pub fn dies_with_pod(&self) -> bool {
        matches!(self, Self::EmptyDir | Self::Memory | Self::Ephemeral)
    }

    fn of_volume(volume: &Volume) -> Self {
        if let Some(claim) = &volume.persistent_volume_claim {
            Self::Claim(claim.claim_name.clone())
        } else if let Some(dir) = &volume.empty_dir {
            if dir.medium == "Memory" {
                Self::Memory
            } else {
                Self::EmptyDir
            }
        } else if volume.host_path.is_some() {
            Self::HostPath
        } else if volume.ephemeral.is_some() || volume.csi.is_some() {
            Self::Ephemeral
        } else {
            Self::Other
        }
    }
}

/// How a workload stores its state.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Storage {
    /// `StatefulSet` or Deployment.
    pub kind: WorkloadKind,
    /// What is behind `data`.
    pub data: Data,
    /// A pod volume `data` that a claim template of the same name replaces.
    pub shadowed: Option<Data>,
}

impl Storage {
    fn of_workload(workload: &Workload) -> Self {
        let volume = workload.volume(DATA).map(Data::of_volume);
        let template = workload.kind == WorkloadKind::StatefulSet && workload.claim_template(DATA).is_some();
        let (data, shadowed) = if template {
            (Data::ClaimTemplate, volume)
        } else {
            (volume.unwrap_or(Data::Missing), None)
        };
        Self {
            kind: workload.kind,
            data,
            shadowed,
        }
    }

    /// What the chart will render. `claims_made` is its `vcluster.persistence.volumeClaim.enabled`.
    fn of_config(config: &Config) -> Self {
        let templates = names(config.any(key::CLAIM_TEMPLATES));
        let claims_made = makes_claims(config);
        let volumes = volumes(config.any(key::DATA_VOLUME));
        let has_volumes = !volumes.is_empty();
        let added = self::volumes(config.any(key::ADD_VOLUMES));
        let volume = volumes
            .iter()
            .chain(&added)
            .find(|volume| volume.name == DATA)
            .map(Data::of_volume);
        let from_template = claims_made && (templates.is_empty() || templates.contains(&DATA));
        let (data, shadowed) = match (from_template, volume) {
            (true, volume) => (Data::ClaimTemplate, volume),
            (false, Some(volume)) => (volume, None),
            (false, None) if claims_made || has_volumes => (Data::Missing, None),
            (false, None) => (Data::EmptyDir, None),
        };
        let stateful = claims_made || config.flag(key::EMBEDDED_ETCD_ENABLED);
        let kind = if stateful {
            WorkloadKind::StatefulSet
        } else {
            WorkloadKind::Deployment
        };
        Self { kind, data, shadowed }
    }
}

/// The chart's `vcluster.persistence.volumeClaim.enabled`.
#[must_use]
pub fn makes_claims(config: &Config) -> bool {
    // The chart's own idea of "embedded database" is: enabled, or nothing enabled.
    let none = Store::enabled(config).next().is_none();
    let embedded = none || config.flag(key::EMBEDDED_DB_ENABLED) || config.flag(key::EMBEDDED_ETCD_ENABLED);
    !is_empty(config.any(key::CLAIM_TEMPLATES))
        || match config.strbool(key::CLAIM_ENABLED) {
            "true" => true,
            // Every chart writes it; a config made by hand is taken as the chart's default.
            "auto" => embedded,
            "" if !config.is_written(key::CLAIM_ENABLED.path) => embedded,
            _ => false,
        }
}

/// What Go templates take for false: absent, null, an empty list or map.
pub(crate) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    }
}

/// Whether required node affinity names a host.
fn requires_hostname(affinity: &Value) -> bool {
    let terms = affinity.pointer("/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms");
    let terms = terms.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let names_host = |term: &Value| {
        let expressions = term
            .get("matchExpressions")
            .and_then(Value::as_array)
            .map(Vec::as_slice)
            .unwrap_or_default();
        expressions
            .iter()
            .any(|e| e.get("key").and_then(Value::as_str) == Some("kubernetes.io/hostname"))
    };
    !terms.is_empty() && terms.iter().all(names_host)
}

fn volumes(value: &Value) -> Vec<Volume> {
    let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
    items.iter().filter_map(|item| Volume::deserialize(item).ok()).collect()
}

fn names(templates: &Value) -> Vec<&str> {
    let items = templates.as_array().map(Vec::as_slice).unwrap_or_default();
    items
        .iter()
        .filter_map(|item| item.pointer("/metadata/name")?.as_str())
        .collect()
}

impl Case<'_> {
    /// How the control plane stores its state.
    pub fn storage(&self) -> Result<Storage, Need> {
        let storage = match self.workload_at_hand() {
            Some(workload) => Storage::of_workload(workload),
            None => Storage::of_config(self.config()?),
        };
        Ok(self.saw("where data lies", storage))
    }

    /// How the deployed etcd stores its state.
    pub fn etcd_storage(&self) -> Result<Storage, Need> {
        let storage = if let Some(workload) = self.etcd_at_hand() {
            Storage::of_workload(workload)
        } else {
            let config = self.config()?;
            let claims = config.flag(key::DEPLOYED_ETCD_CLAIM_ENABLED)
                || !config.is_written(key::DEPLOYED_ETCD_CLAIM_ENABLED.path)
                || !is_empty(config.any(key::DEPLOYED_ETCD_CLAIM_TEMPLATES));
            let data = if claims { Data::ClaimTemplate } else { Data::EmptyDir };
            Storage {
                kind: WorkloadKind::StatefulSet,
                data,
                shadowed: None,
            }
        };
        Ok(self.saw("where data of NAME-etcd lies", storage))
    }

    /// The backing store by its type, as vCluster decides it.
    pub fn store(&self) -> Result<Store, Need> {
        let store = match self.config() {
            Ok(config) => Store::of(config),
            Err(need) => self.legacy_at_hand().and_then(|legacy| legacy.store()).ok_or(need)?,
        };
        Ok(self.saw("controlPlane.backingStore", store))
    }

    /// Whether the replicas are members of an etcd. A chart up to 0.19 tells even where it hides its store.
    pub fn embeds_etcd(&self) -> Result<bool, Need> {
        match self.legacy_at_hand() {
            Some(legacy) => Ok(self.saw("--etcd-embedded", legacy.embeds_etcd())),
            None => Ok(self.store()? == Store::EmbeddedEtcd),
        }
    }

    /// Whether the chart gives the control plane claims of its own.
    pub fn makes_claims(&self) -> Result<bool, Need> {
        Ok(self.saw("whether the chart makes claims", makes_claims(self.config()?)))
    }

    /// Whether the control plane can run on one node alone.
    pub fn is_pinned_to_node(&self) -> Result<bool, Need> {
        const HOSTNAME: &str = "kubernetes.io/hostname";
        let pinned = match self.workload_at_hand() {
            Some(workload) => {
                let pod = &workload.spec.template.spec;
                !pod.node_name.is_empty()
                    || pod.node_selector.contains_key(HOSTNAME)
                    || pod.affinity.as_ref().is_some_and(requires_hostname)
            }
            None => {
                self.any(key::NODE_SELECTOR)?.get(HOSTNAME).is_some() || requires_hostname(self.any(key::AFFINITY)?)
            }
        };
        Ok(self.saw("whether the pods are pinned to a node", pinned))
    }

    /// Whether the control plane's own volume holds the state.
    pub fn stores_in_data(&self) -> Result<bool, Need> {
        Ok(matches!(self.store()?, Store::EmbeddedDatabase | Store::EmbeddedEtcd))
    }

    /// Where a finding about the control plane's workload is best told: at the values while the config is being
    /// judged, at the workload otherwise.
    #[must_use]
    pub fn point(&self, values: &'static str, object: &'static str) -> (Part, &'static str) {
        if self.places.meets(Places::CONFIG) {
            (Part::Config, values)
        } else {
            (Part::Workload, object)
        }
    }
}
