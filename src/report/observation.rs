//! What is worth knowing and no finding of a rule: what the webhook would not see, exemptions that nobody needs.

use std::cmp::Ordering;

use serde::Serialize;
use vcluster_guard_core::object::{ObjectRef, Release};

/// One thing worth knowing.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Observation {
    pub(crate) topic: Topic,
    /// What of the topic, in kebab-case.
    pub(crate) kind: &'static str,
    /// What all of this kind have in common, for a heading.
    #[serde(skip)]
    pub(crate) title: &'static str,
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
    /// What the webhook would not see.
    Coverage,
    /// What is refused in mode enforce, and passes as long as nobody touches it.
    Enforcement,
    /// Exemptions that are unused, have ended, or are about to.
    Exemption,
    /// Data that one command more would erase, or that cannot grow.
    Data,
    /// Deprecated images, and what the rewrite would make of them.
    Image,
    /// What the webhook would add to a workload at its next rollout.
    Injection,
}

/// A kind of observation. For programs, and to tell many of one kind together.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kind {
    pub(crate) topic: Topic,
    pub(crate) id: &'static str,
    pub(crate) title: &'static str,
}

impl Observation {
    /// About one vCluster.
    pub(crate) fn of(kind: Kind, release: &Release, message: impl Into<String>) -> Self {
        Self {
            namespace: release.namespace.clone(),
            release: release.name.clone(),
            ..Self::of_cluster(kind, message)
        }
    }

    /// About no single vCluster.
    pub(crate) fn of_cluster(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            topic: kind.topic,
            kind: kind.id,
            title: kind.title,
            namespace: String::new(),
            release: String::new(),
            object: None,
            message: message.into(),
            fix: String::new(),
        }
    }

    /// With what to do about it.
    pub(crate) fn fix(self, fix: impl Into<String>) -> Self {
        Self {
            fix: fix.into(),
            ..self
        }
    }

    /// About one object.
    pub(crate) fn about(self, object: ObjectRef) -> Self {
        Self {
            object: Some(object),
            ..self
        }
    }

    /// The vCluster it is about, if it is about one.
    pub(super) fn vcluster(&self) -> Option<String> {
        (!self.release.is_empty()).then(|| super::vcluster::name(&self.namespace, &self.release))
    }

    /// What was observed and what to do.
    pub(super) fn sentence(&self) -> String {
        match self.fix.as_str() {
            "" => self.message.clone(),
            fix => format!("{}; fix: {fix}", self.message),
        }
    }

    /// By topic and kind, then by vCluster: the same from run to run.
    pub(crate) fn order(&self, other: &Self) -> Ordering {
        let key = |told: &Self| (told.topic, told.kind);
        let of_vclusters = key(self)
            .cmp(&key(other))
            .then_with(|| self.namespace.cmp(&other.namespace));
        let in_namespace = of_vclusters.then_with(|| self.release.cmp(&other.release));
        in_namespace.then_with(|| self.message.cmp(&other.message))
    }
}
