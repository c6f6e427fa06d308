//! What a run found, and how it is shown.
//!
//! Check and audit fill a [`Report`]; each `Output` is a [`Format`] in a file of its own, and knows neither door.

mod explained;
mod finding;
#[cfg(test)]
pub(crate) mod fixture;
mod github;
mod group;
mod html;
mod json;
mod junit;
mod observation;
mod outcome;
mod place;
mod sarif;
mod shown;
mod table;
mod vcluster;
mod words;

use std::io::Write;

use serde::Serialize;
use vcluster_guard_core::case::Subject;
use vcluster_guard_core::object::ObjectRef;
use vcluster_guard_core::rule::{Need, Severity};
use vcluster_guard_core::verdict::Verdict;

pub(crate) use explained::{Explained, Outcome};
#[cfg(test)]
pub(crate) use finding::Exemption;
pub(crate) use finding::{Finding, Source};
pub(crate) use group::{Group, groups};
pub(crate) use observation::{Kind, Observation, Topic};
pub(crate) use outcome::{EXIT_ERROR, FailOn};
pub(crate) use shown::Shown;
pub(crate) use vcluster::{Owner, VCluster};
pub(crate) use words::{one_line, say};

/// One form of a report.
pub(crate) trait Format {
    /// Writes the whole report.
    fn write(&self, report: &Report, out: &mut dyn Write) -> anyhow::Result<()>;
}

/// Everything that a run found. Its JSON form is a contract: fields are added, never changed.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    version: u32,
    pub(crate) findings: Vec<Finding>,
    pub(crate) patches: Vec<ObjectPatch>,
    pub(crate) undecided: Vec<Undecided>,
    /// What was asked for and could not be read.
    pub(crate) incomplete: Vec<String>,
    summary: Summary,
    /// Every vCluster that was judged, clean ones too.
    pub(crate) vclusters: Vec<VCluster>,
    /// What is worth knowing and no finding of a rule.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) observations: Vec<Observation>,
    /// Why each rule said what it said, where that was asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) explained: Vec<Explained>,
    /// For people, on stderr.
    #[serde(skip)]
    pub(crate) notes: Vec<String>,
}

#[derive(Debug, Serialize)]
pub(crate) struct ObjectPatch {
    /// The vCluster that the object is of.
    pub(crate) release: String,
    pub(crate) object: ObjectRef,
    pub(crate) patch: serde_json::Value,
}

#[derive(Debug, Serialize)]
pub(crate) struct Undecided {
    /// Which of the report's vClusters it is about.
    #[serde(skip)]
    pub(crate) vcluster: usize,
    pub(crate) rule: &'static str,
    pub(crate) needs: Need,
    pub(crate) namespace: String,
    pub(crate) release: String,
}

/// How many of each.
#[derive(Debug, Default, Clone, Copy, Serialize)]
pub(crate) struct Summary {
    pub(crate) vclusters: usize,
    pub(crate) deny: usize,
    pub(crate) warn: usize,
    pub(crate) info: usize,
}

impl Report {
    pub(crate) fn new() -> Self {
        Self {
            version: 1,
            findings: Vec::new(),
            patches: Vec::new(),
            undecided: Vec::new(),
            incomplete: Vec::new(),
            summary: Summary::default(),
            vclusters: Vec::new(),
            observations: Vec::new(),
            explained: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Adds what was decided about one vCluster, and how many rules it passed. `source` tells where a path of an
    /// object was read.
    pub(crate) fn add(
        &mut self,
        subject: &Subject,
        verdict: Verdict,
        passed: usize,
        source: impl Fn(&ObjectRef, &str) -> Option<Source>,
    ) {
        let release = &subject.release;
        let vcluster = self.vclusters.len();
        let mut row = VCluster::of(subject);
        for ruled in verdict.findings {
            let finding = Finding::of(vcluster, release, ruled, &source);
            row.count(finding.severity);
            self.summary.count(finding.severity);
            self.findings.push(finding);
        }
        row.undecided = verdict.open.len();
        row.passed = passed;
        self.undecided.extend(verdict.open.into_iter().map(|open| Undecided {
            vcluster,
            rule: open.rule.id,
            needs: open.need,
            namespace: release.namespace.clone(),
            release: release.name.clone(),
        }));
        self.summary.vclusters += 1;
        self.vclusters.push(row);
    }

    /// Adds what another part of the same run found.
    pub(crate) fn append(&mut self, part: Self) {
        let vclusters = self.vclusters.len();
        self.findings.extend(part.findings.into_iter().map(|finding| Finding {
            vcluster: vclusters + finding.vcluster,
            ..finding
        }));
        self.patches.extend(part.patches);
        self.undecided
            .extend(part.undecided.into_iter().map(|undecided| Undecided {
                vcluster: vclusters + undecided.vcluster,
                ..undecided
            }));
        self.incomplete.extend(part.incomplete);
        self.summary.append(part.summary);
        self.vclusters.extend(part.vclusters);
        self.observations.extend(part.observations);
        self.explained.extend(part.explained);
        self.notes.extend(part.notes);
    }

    pub(crate) fn summary(&self) -> &Summary {
        &self.summary
    }
}

impl Summary {
    fn append(&mut self, part: Self) {
        self.vclusters += part.vclusters;
        self.deny += part.deny;
        self.warn += part.warn;
        self.info += part.info;
    }

    fn count(&mut self, severity: Severity) {
        *match severity {
            Severity::Deny => &mut self.deny,
            Severity::Warn => &mut self.warn,
            Severity::Info => &mut self.info,
        } += 1;
    }
}
