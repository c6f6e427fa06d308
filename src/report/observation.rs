//! What is worth knowing and no finding of a rule: what the webhook would not see, exemptions that nobody needs.

use serde::Serialize;
use vcluster_guard_core::object::{ObjectRef, Release};

/// One thing worth knowing.
#[derive(Debug, Serialize)]
pub(crate) struct Observation {
    pub(crate) topic: Topic,
    /// Empty where it is about no single vCluster.
    pub(crate) namespace: String,
    /// Empty where it is about no single vCluster.
    pub(crate) release: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) object: Option<ObjectRef>,
    /// One sentence; no value of a Secret.
    pub(crate) message: String,
    /// What to do, if anything.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) fix: String,
}

/// What an observation is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Topic {
    /// Exemptions that are unused, have ended, or are about to.
    Exemption,
}

impl Observation {
    /// About one vCluster.
    pub(crate) fn of(topic: Topic, release: &Release, message: impl Into<String>) -> Self {
        Self {
            topic,
            namespace: release.namespace.clone(),
            release: release.name.clone(),
            object: None,
            message: message.into(),
            fix: String::new(),
        }
    }
}
