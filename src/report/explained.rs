//! Why a rule said what it said: `check --explain`.

use serde::Serialize;

/// One rule about one vCluster.
#[derive(Debug, Serialize)]
pub(crate) struct Explained {
    pub(crate) rule: &'static str,
    pub(crate) namespace: String,
    pub(crate) release: String,
    pub(crate) outcome: Outcome,
    /// One sentence; no value of a Secret.
    pub(crate) why: String,
    /// What the rule read, in that order: paths in the values or in objects, facts about the host cluster, and what it
    /// makes of several of them. Names, never values.
    pub(crate) read: Vec<String>,
}

/// What became of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Outcome {
    /// It found something.
    Failed,
    /// It lacks a fact.
    Undecided,
    /// It found nothing wrong.
    Passed,
    /// Nothing that it is about is here, or it is off.
    NotApplicable,
}
