//! One object of a set, decoded: a part of a vCluster, or what decides over vClusters.

use alloc::boxed::Box;
use alloc::string::String;

use serde::Deserialize;
use serde_json::Value;

use super::DecodeError;
use crate::carrier::autoscaler::Autoscaler;
use crate::carrier::budget::Budget;
use crate::carrier::claim::Claim;
use crate::carrier::node::Node;
use crate::carrier::secret::ConfigSecret;
use crate::carrier::workload::{Workload, WorkloadKind};
use crate::misfit::{Misfit, decode_value};
use crate::object::{Meta, Release};
use crate::recognise::{self, Identity, Role};

/// An object that [`super::Releases`] takes.
#[derive(Debug, Clone)]
pub struct Item(pub(super) Content);

#[derive(Debug, Clone)]
pub(super) enum Content {
    Config(Release, Box<ConfigSecret>),
    Workload(Release, Box<(Workload, Identity)>),
    Budget(Release, Box<Budget>, Role),
    Node(Box<Node>),
    Claim(Box<Claim>),
    PriorityClass(String),
    Autoscaler(Box<Autoscaler>),
    /// The namespace that has the key to vCluster Platform.
    PlatformKey(String),
}

type Decoded = Result<Option<Item>, Misfit>;

/// An object of which only the name counts.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Named {
    metadata: Meta,
}

impl Item {
    /// Decodes an object; nothing when it neither is a part of a vCluster nor decides over one.
    pub fn of(object: &Value) -> Result<Option<Self>, DecodeError> {
        let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let failed = |misfit| DecodeError {
            kind: text("/kind").into(),
            name: text("/metadata/name").into(),
            misfit,
        };
        // As at admission: of what does not decode, only the selector says whose it is.
        let ours = matches!(
            text("/spec/selector/matchLabels/app"),
            recognise::APP_CONTROL_PLANE | recognise::APP_ETCD
        );
        let if_ours = |misfit| if ours { Err(failed(misfit)) } else { Ok(None) };
        let group = text("/apiVersion").split_once('/').map_or("", |(group, _)| group);
        match (group, text("/kind")) {
            ("apps", "StatefulSet") => workload(object, WorkloadKind::StatefulSet).or_else(if_ours),
            ("apps", "Deployment") => workload(object, WorkloadKind::Deployment).or_else(if_ours),
            ("", "Secret") if text("/metadata/name") == recognise::PLATFORM_KEY => {
                Ok(Some(Self::platform_key(text("/metadata/namespace"))))
            }
            ("", "Secret") => secret(object, text("/metadata/name")).map_err(failed),
            ("policy", "PodDisruptionBudget") => budget(object).or_else(if_ours),
            (group, kind) => around(group, kind, object).map_err(failed),
        }
    }

    /// A workload, if it is of a vCluster.
    #[must_use]
    pub fn workload(workload: Workload) -> Option<Self> {
        let identity = recognise::workload(&workload)?;
        let release = Release::new(&workload.metadata.namespace, &identity.release);
        Some(Self(Content::Workload(release, Box::new((workload, identity)))))
    }

    /// A Secret, if its name is that of a config Secret.
    #[must_use]
    pub fn secret(secret: ConfigSecret) -> Option<Self> {
        let name = recognise::config_secret(&secret.metadata.name)?;
        let release = Release::new(&secret.metadata.namespace, name);
        Some(Self(Content::Config(release, Box::new(secret))))
    }

    /// A budget, if it covers pods of one vCluster.
    #[must_use]
    pub fn budget(budget: Budget) -> Option<Self> {
        let identity = recognise::budget(&budget)?;
        let release = Release::new(&budget.metadata.namespace, &identity.release);
        Some(Self(Content::Budget(release, Box::new(budget), identity.role)))
    }

    /// A claim.
    #[must_use]
    pub fn claim(claim: Claim) -> Self {
        Self(Content::Claim(Box::new(claim)))
    }

    /// An autoscaler.
    #[must_use]
    pub fn autoscaler(autoscaler: Autoscaler) -> Self {
        Self(Content::Autoscaler(Box::new(autoscaler)))
    }

    /// The key to vCluster Platform of a namespace. What it holds is nobody's business.
    #[must_use]
    pub fn platform_key(namespace: &str) -> Self {
        Self(Content::PlatformKey(namespace.into()))
    }

    /// The vCluster that it is a part of.
    #[must_use]
    pub fn release(&self) -> Option<&Release> {
        match &self.0 {
            Content::Config(release, _) | Content::Workload(release, _) | Content::Budget(release, ..) => Some(release),
            _ => None,
        }
    }
}

fn workload(object: &Value, kind: WorkloadKind) -> Decoded {
    let mut workload: Workload = decode_value(object)?;
    workload.kind = kind;
    Ok(Item::workload(workload))
}

fn secret(object: &Value, name: &str) -> Decoded {
    // Others are not even decoded.
    if recognise::config_secret(name).is_none() {
        return Ok(None);
    }
    Ok(ConfigSecret::from_value(object)?.and_then(Item::secret))
}

fn budget(object: &Value) -> Decoded {
    Ok(Item::budget(decode_value(object)?))
}

fn around(group: &str, kind: &str, object: &Value) -> Decoded {
    Ok(Some(match (group, kind) {
        ("", "Node") => Item(Content::Node(Box::new(decode_value(object)?))),
        ("", "PersistentVolumeClaim") => Item::claim(decode_value(object)?),
        ("scheduling.k8s.io", "PriorityClass") => {
            let Named { metadata } = decode_value(object)?;
            Item(Content::PriorityClass(metadata.name))
        }
        ("autoscaling", "HorizontalPodAutoscaler") => Item::autoscaler(decode_value(object)?),
        _ => return Ok(None),
    }))
}
