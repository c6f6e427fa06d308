//! Exemptions: a rule that does not hold for one vCluster, for a stated reason and until a stated time.
//!
//! By annotation on any object of the release, or in the policy's list; either way for the whole release. One
//! that lacks a reason or an end, names an unknown rule, or has run out does not count, and says so.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::case::{State, Subject};
use crate::judge::Judged;
use crate::object::{Release, Strings};
use crate::policy::Policy;
use crate::rules;

/// The rules that do not hold, separated by commas.
pub const EXEMPT: &str = "vcluster-guard.dev/exempt";
/// Why; required.
pub const REASON: &str = "vcluster-guard.dev/exempt-reason";
/// Until when, RFC 3339; required.
pub const UNTIL: &str = "vcluster-guard.dev/exempt-until";

/// Seconds since 1970. The clock is the caller's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Now(pub i64);

/// One entry of `exemptions.list` of the policy.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Namespace of the vCluster.
    pub namespace: String,
    /// Its name.
    pub release: String,
    /// Rule ids.
    pub rules: Vec<String>,
    /// RFC 3339.
    pub until: String,
    /// Why.
    pub reason: String,
}

/// An exemption that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    rules: Vec<String>,
    /// Why.
    pub reason: String,
    /// RFC 3339.
    pub until: String,
}

/// What is said of exemptions: those that count, and why others do not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exemptions {
    grants: Vec<Grant>,
    /// Why one was not honoured, one line each.
    pub refused: Vec<String>,
}

/// Why an exemption does not count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum ExemptionError {
    #[error("it gives no reason ({REASON})")]
    NoReason,
    #[error("it has no end ({UNTIL})")]
    NoEnd,
    #[error("its end is no RFC 3339 time such as 2030-01-31T00:00:00Z")]
    BadEnd,
    #[error("it ended at {0}")]
    Ended(String),
    #[error("there is no rule \"{0}\"")]
    UnknownRule(String),
}

impl Grant {
    /// An exemption, if it counts at that time.
    pub fn new(rules: &[&str], reason: &str, until: &str, now: Now) -> Result<Self, ExemptionError> {
        if let Some(unknown) = rules.iter().find(|id| rules::by_id(id).is_none()) {
            return Err(ExemptionError::UnknownRule((*unknown).into()));
        }
        if reason.trim().is_empty() {
            return Err(ExemptionError::NoReason);
        }
        if until.trim().is_empty() {
            return Err(ExemptionError::NoEnd);
        }
        let end = OffsetDateTime::parse(until.trim(), &Rfc3339).map_err(|_| ExemptionError::BadEnd)?;
        if end.unix_timestamp() <= now.0 {
            return Err(ExemptionError::Ended(until.trim().into()));
        }
        let rules = rules.iter().map(|&id| id.into()).collect();
        Ok(Self {
            rules,
            reason: reason.trim().into(),
            until: until.trim().into(),
        })
    }
}

impl Exemptions {
    /// All exemptions of one vCluster that are at hand. Annotations are taken at their word: that only those write
    /// them who may is seen to when they are written ([`writes_annotations`]).
    #[must_use]
    pub fn of(subject: &Subject, policy: &Policy, now: Now) -> Self {
        let mut all = Self::default();
        let of_release = |entry: &&Entry| Release::new(&entry.namespace, &entry.release) == subject.release;
        for entry in policy.exemptions.list.iter().filter(of_release) {
            let rules: Vec<&str> = entry.rules.iter().map(String::as_str).collect();
            all.add("the policy", Grant::new(&rules, &entry.reason, &entry.until, now));
        }
        if policy.exemptions.annotations {
            for annotations in annotations(&subject.now) {
                all.annotated(annotations, now);
            }
        }
        all
    }

    fn annotated(&mut self, annotations: &Strings, now: Now) {
        let Some(rules) = annotations.get(EXEMPT) else { return };
        let rules: Vec<&str> = rules.split(',').map(str::trim).filter(|id| !id.is_empty()).collect();
        let text = |key: &str| annotations.get(key).map(String::as_str).unwrap_or_default();
        self.add("an annotation", Grant::new(&rules, text(REASON), text(UNTIL), now));
    }

    fn add(&mut self, source: &str, grant: Result<Grant, ExemptionError>) {
        match grant {
            Ok(grant) => self.grants.push(grant),
            Err(error) => self
                .refused
                .push(format!("the exemption by {source} does not count: {error}")),
        }
    }

    fn grant(&self, rule: &str) -> Option<&Grant> {
        self.grants.iter().find(|grant| grant.rules.iter().any(|id| id == rule))
    }

    /// Marks the findings that are exempt, and takes away undecided rules that are.
    pub fn apply(&self, judged: &mut Judged) {
        for finding in &mut judged.findings {
            finding.exempt = self.grant(finding.rule.id).cloned();
        }
        judged
            .undecided
            .retain(|undecided| self.grant(undecided.rule.id).is_none());
    }
}

/// Whether a request writes an exemption, or changes one. To remove one is everybody's right. To be asked before
/// anything is looked up, while the subject holds the request's own object alone.
#[must_use]
pub fn writes_annotations(subject: &Subject) -> bool {
    let before: Vec<&Strings> = subject.before.iter().flat_map(annotations).collect();
    let was = |key: &str| before.iter().find_map(|annotations| annotations.get(key));
    let writes = |annotations: &Strings| {
        let written = [EXEMPT, REASON, UNTIL]
            .into_iter()
            .filter_map(|key| Some((key, annotations.get(key)?)));
        written.into_iter().any(|(key, value)| was(key) != Some(value))
    };
    annotations(&subject.now).any(writes)
}

/// The annotations of every object of the release that is at hand.
fn annotations(state: &State) -> impl Iterator<Item = &Strings> {
    let config = state.config.known().map(|secret| &secret.metadata.annotations);
    let workloads = [&state.workload, &state.etcd]
        .into_iter()
        .filter_map(|fact| fact.known());
    let budgets = [&state.budget, &state.etcd_budget]
        .into_iter()
        .filter_map(|fact| fact.known());
    let workloads = workloads.map(|workload| &workload.metadata.annotations);
    config
        .into_iter()
        .chain(workloads)
        .chain(budgets.map(|budget| &budget.metadata.annotations))
}
