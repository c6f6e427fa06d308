//! What a run found, and how it is shown.

mod json;
mod table;

use std::io::Write;

use serde::Serialize;
use vcluster_guard_core::object::{ObjectRef, Release};
use vcluster_guard_core::rule::Severity;
use vcluster_guard_core::verdict::{Ruled, Verdict};

/// How a report is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Output {
    /// For people.
    Table,
    /// For programs; the shape is stable.
    Json,
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
    /// For people, on stderr.
    #[serde(skip)]
    pub(crate) notes: Vec<String>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Finding {
    pub(crate) rule: &'static str,
    pub(crate) severity: Severity,
    pub(crate) namespace: String,
    pub(crate) release: String,
    pub(crate) object: ObjectRef,
    pub(crate) path: String,
    pub(crate) message: String,
    pub(crate) consequence: String,
    pub(crate) fix: String,
    pub(crate) related: Vec<ObjectRef>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) exemption: Option<Exemption>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<Source>,
}

/// Why a finding does not count, and until when.
#[derive(Debug, Serialize)]
pub(crate) struct Exemption {
    pub(crate) reason: String,
    pub(crate) until: String,
}

/// Where an object was read from.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Source {
    pub(crate) file: String,
    /// 1-based.
    pub(crate) line: usize,
}

#[derive(Debug, Serialize)]
pub(crate) struct ObjectPatch {
    pub(crate) object: ObjectRef,
    pub(crate) patch: serde_json::Value,
}

#[derive(Debug, Serialize)]
pub(crate) struct Undecided {
    pub(crate) rule: &'static str,
    pub(crate) needs: &'static str,
    pub(crate) namespace: String,
    pub(crate) release: String,
}

#[derive(Debug, Default, Serialize)]
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
            notes: Vec::new(),
        }
    }

    /// Adds what was decided about one vCluster. `source` tells where an object was read.
    pub(crate) fn add(&mut self, release: &Release, verdict: Verdict, source: impl Fn(&ObjectRef) -> Option<Source>) {
        self.summary.vclusters += 1;
        for ruled in verdict.findings {
            let finding = Finding::of(release, ruled, &source);
            *match finding.severity {
                Severity::Deny => &mut self.summary.deny,
                Severity::Warn => &mut self.summary.warn,
                Severity::Info => &mut self.summary.info,
            } += 1;
            self.findings.push(finding);
        }
        self.undecided.extend(verdict.open.into_iter().map(|open| Undecided {
            rule: open.rule.id,
            needs: open.need.as_str(),
            namespace: release.namespace.clone(),
            release: release.name.clone(),
        }));
    }

    pub(crate) fn summary(&self) -> &Summary {
        &self.summary
    }

    /// Writes the report.
    pub(crate) fn write(&self, output: Output, out: &mut impl Write) -> anyhow::Result<()> {
        match output {
            Output::Table => table::write(self, out)?,
            Output::Json => json::write(self, out)?,
        }
        Ok(())
    }
}

impl Finding {
    fn of(release: &Release, ruled: Ruled, source: &impl Fn(&ObjectRef) -> Option<Source>) -> Self {
        let finding = ruled.finding;
        // Offline, the ratchet shows as a warning: the change itself would be let through.
        let severity = if finding.inherited {
            finding.severity.min(Severity::Warn)
        } else {
            finding.severity
        };
        Self {
            rule: finding.rule.id,
            severity,
            namespace: release.namespace.clone(),
            release: release.name.clone(),
            source: source(&finding.object),
            object: finding.object,
            path: finding.path.into_owned(),
            message: finding.message,
            consequence: finding.consequence.into_owned(),
            fix: finding.fix.into_owned(),
            related: finding.related,
            exemption: finding.exempt.map(|grant| Exemption {
                reason: grant.reason,
                until: grant.until,
            }),
        }
    }
}
