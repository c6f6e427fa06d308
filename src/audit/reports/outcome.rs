//! One result of a report: a finding, a question left open, or an observation, in the words of the two forms.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::Serialize;
use vcluster_guard_core::object::ObjectRef;
use vcluster_guard_core::rule::{Family, Severity};
use vcluster_guard_core::rules;

use crate::report::{Finding, Observation, Topic, Undecided};

/// Who says it; policy reporters filter by this.
pub(super) const SOURCE: &str = "vcluster-guard";

/// A message is bounded by its rule, all of them together by [`super::document`]; this is for what users named.
const LONGEST_TEXT: usize = 1024;

/// What became of a rule. The order is that of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Status {
    /// Not met.
    Fail,
    /// Not met, and not scored.
    Warn,
    /// Could not be decided.
    Error,
    /// Exempt.
    Skip,
}

/// What a result is about, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(untagged)]
enum Category {
    Rule(Family),
    Observation(Topic),
}

/// When a report last changed: the same for all of its results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) struct Timestamp {
    pub(super) seconds: i64,
    pub(super) nanos: i32,
}

/// One result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Outcome<'a> {
    source: &'static str,
    policy: &'static str,
    rule: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    category: Option<Category>,
    severity: &'static str,
    #[serde(rename = "result")]
    pub(super) status: Status,
    scored: bool,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) timestamp: Option<Timestamp>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) properties: BTreeMap<&'static str, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    resources: Vec<&'a ObjectRef>,
}

impl<'a> Outcome<'a> {
    fn new(rule: &'static str, status: Status, severity: Severity, message: &str) -> Self {
        Self {
            source: SOURCE,
            policy: SOURCE,
            category: rules::by_id(rule).map(|rule| Category::Rule(rule.family)),
            rule,
            severity: words(severity),
            status,
            scored: status == Status::Fail,
            message: cut(message),
            timestamp: None,
            properties: BTreeMap::new(),
            resources: Vec::new(),
        }
    }

    pub(super) fn of_finding(finding: &'a Finding) -> Self {
        let status = match (&finding.exemption, finding.severity) {
            (Some(_), _) => Status::Skip,
            (None, Severity::Deny) => Status::Fail,
            (None, Severity::Warn | Severity::Info) => Status::Warn,
        };
        let mut outcome = Self::new(finding.rule, status, finding.severity, &finding.message);
        outcome.property("path", &finding.path);
        outcome.property("consequence", &finding.consequence);
        outcome.property("fix", &finding.fix);
        if let Some(exemption) = &finding.exemption {
            outcome.property("exempt-reason", &exemption.reason);
            outcome.property("exempt-until", &exemption.until);
        }
        outcome.resources = std::iter::once(&finding.object).chain(&finding.related).collect();
        outcome
    }

    pub(super) fn of_undecided(undecided: &Undecided) -> Self {
        let severity = rules::by_id(undecided.rule).map_or(Severity::Info, |rule| rule.severity);
        let message = format!("not decided: {} is not known", undecided.needs.as_str());
        let mut outcome = Self::new(undecided.rule, Status::Error, severity, &message);
        outcome.property("needs", undecided.needs.as_str());
        outcome
    }

    pub(super) fn of_observation(observation: &'a Observation) -> Self {
        let mut outcome = Self::new(observation.kind, Status::Warn, Severity::Info, &observation.message);
        outcome.category = Some(Category::Observation(observation.topic));
        outcome.property("fix", &observation.fix);
        outcome.resources = observation.object.iter().collect();
        outcome
    }

    /// Worst first, then in the order of the table of rules; observations come after them.
    pub(super) fn rank(&self) -> impl Ord + use<> {
        let place = rules::TABLE.iter().position(|rule| rule.id == self.rule);
        let severity = ["info", "medium", "high"]
            .iter()
            .position(|word| *word == self.severity);
        (self.status, Reverse(severity), place.unwrap_or(usize::MAX))
    }

    fn property(&mut self, name: &'static str, value: &str) {
        if !value.is_empty() {
            self.properties.insert(name, cut(value));
        }
    }
}

/// The forms know critical, high, medium, low and info.
const fn words(severity: Severity) -> &'static str {
    match severity {
        Severity::Deny => "high",
        Severity::Warn => "medium",
        Severity::Info => "info",
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST_TEXT) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
