//! One object of a set, decoded: a part of a vCluster, or what decides over vClusters.

use alloc::boxed::Box;
use alloc::format;
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
}

type Decoded = Result<Option<Content>, serde_json::Error>;

impl Item {
    /// Decodes an object; nothing when it neither is a part of a vCluster nor decides over one.
    pub fn of(object: &Value) -> Result<Option<Self>, DecodeError> {
        let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let failed = |error: serde_json::Error| DecodeError {
            kind: text("/kind").into(),
            name: text("/metadata/name").into(),
            problem: format!("{:?} error", error.classify()),
        };
        // As at admission: of what does not decode, only the selector says whose it is.
        let ours = matches!(
            text("/spec/selector/matchLabels/app"),
            recognise::APP_CONTROL_PLANE | recognise::APP_ETCD
        );
        let if_ours = |error| if ours { Err(failed(error)) } else { Ok(None) };
        let group = text("/apiVersion").split_once('/').map_or("", |(group, _)| group);
        let content = match (group, text("/kind")) {
            ("apps", "StatefulSet") => workload(object, WorkloadKind::StatefulSet).or_else(if_ours),
            ("apps", "Deployment") => workload(object, WorkloadKind::Deployment).or_else(if_ours),
            ("", "Secret") => secret(object, text("/metadata/name")).map_err(failed),
            ("policy", "PodDisruptionBudget") => budget(object).or_else(if_ours),
            (group, kind) => around(group, kind, object).map_err(failed),
        };
        Ok(content?.map(Self))
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
    let mut workload = Workload::deserialize(object)?;
    workload.kind = kind;
    Ok(recognise::workload(&workload).map(|identity| {
        let release = Release::new(&workload.metadata.namespace, &identity.release);
        Content::Workload(release, Box::new((workload, identity)))
    }))
}

fn secret(object: &Value, name: &str) -> Decoded {
    let Some(name) = recognise::config_secret(name) else {
        return Ok(None);
    };
    Ok(ConfigSecret::from_value(object)?.map(|secret| {
        let release = Release::new(&secret.metadata.namespace, name);
        Content::Config(release, Box::new(secret))
    }))
}

fn budget(object: &Value) -> Decoded {
    let budget = Budget::deserialize(object)?;
    Ok(recognise::budget(&budget).map(|identity| {
        let release = Release::new(&budget.metadata.namespace, &identity.release);
        Content::Budget(release, Box::new(budget), identity.role)
    }))
}

fn around(group: &str, kind: &str, object: &Value) -> Decoded {
    Ok(Some(match (group, kind) {
        ("", "Node") => Content::Node(Box::new(Node::deserialize(object)?)),
        ("", "PersistentVolumeClaim") => Content::Claim(Box::new(Claim::deserialize(object)?)),
        ("scheduling.k8s.io", "PriorityClass") => {
            let metadata = object
                .get("metadata")
                .map_or_else(|| Ok(Meta::default()), Meta::deserialize)?;
            Content::PriorityClass(metadata.name)
        }
        ("autoscaling", "HorizontalPodAutoscaler") => Content::Autoscaler(Box::new(Autoscaler::deserialize(object)?)),
        _ => return Ok(None),
    }))
}
