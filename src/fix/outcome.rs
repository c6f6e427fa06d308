//! The outcome of a run: what was mended, and what is left with the choice that it needs.

use std::io::{self, Write};

use serde::Serialize;
use vcluster_guard_core::object::ObjectRef;
use vcluster_guard_core::remedy::Change;
use vcluster_guard_core::rule::Severity;

use super::diff::{self, Diff};
use super::ledger::{Ledger, Mended};
use crate::check::File;
use crate::report::{Finding, Report, Source};

/// Everything that is told. Its JSON form is a contract: fields are added, never changed.
#[derive(Debug, Serialize)]
pub(super) struct Outcome {
    version: u32,
    pub(super) mended: Vec<Mended>,
    pub(super) left: Vec<Left>,
    pub(super) files: Vec<Changed>,
    /// Workloads that could not be mended, and why.
    pub(super) unmended: Vec<String>,
    /// What was asked for and could not be read.
    pub(super) incomplete: Vec<String>,
    pub(super) summary: Summary,
    /// Whether the files have been changed.
    pub(super) written: bool,
}

/// A finding that is still there.
#[derive(Debug, Serialize)]
pub(super) struct Left {
    pub(super) rule: &'static str,
    pub(super) severity: Severity,
    pub(super) namespace: String,
    pub(super) release: String,
    pub(super) object: ObjectRef,
    pub(super) path: String,
    pub(super) message: String,
    /// The choice that it needs.
    pub(super) fix: String,
    /// Whether an exemption covers it.
    pub(super) exempt: bool,
    /// Why its mechanical remedy was not made, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<String>,
    /// That remedy.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) changes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) source: Option<Source>,
}

/// A file that has changed, or would.
#[derive(Debug, Serialize)]
pub(super) struct Changed {
    pub(super) file: String,
    pub(super) diff: String,
    /// Whether lines of the diff are not shown, so that it cannot be applied.
    pub(super) hides: bool,
}

#[derive(Debug, Default, Serialize)]
pub(super) struct Summary {
    pub(super) vclusters: usize,
    pub(super) mended: usize,
    pub(super) deny: usize,
    pub(super) warn: usize,
    pub(super) info: usize,
}

impl Changed {
    pub(super) fn of(file: &File, new: &[u8]) -> Self {
        let (old, new) = (String::from_utf8_lossy(&file.text), String::from_utf8_lossy(new));
        let Diff { text, hides } = diff::unified(&file.name, &old, &new);
        Self {
            file: file.name.clone(),
            diff: text,
            hides,
        }
    }
}

impl Left {
    fn of(finding: &Finding, ledger: &Ledger) -> Self {
        // Values are what the other kinds carry.
        let kind: &str = &finding.object.kind;
        let is_rendered = matches!(kind, "Secret" | "StatefulSet" | "Deployment" | "PodDisruptionBudget");
        let rendered = (is_rendered && !finding.remedy.changes.is_empty())
            .then(|| format!("the {kind} is rendered from values: change them there"));
        let reason = ledger.refusal(finding).map(String::from).or(rendered);
        let exemption = finding.exemption.as_ref().map(ToString::to_string);
        Self {
            rule: finding.rule,
            severity: finding.severity,
            namespace: finding.namespace.clone(),
            release: finding.release.clone(),
            object: finding.object.clone(),
            path: finding.path.clone().into_owned(),
            message: finding.message.clone(),
            fix: finding.fix.clone().into_owned(),
            exempt: exemption.is_some(),
            reason: exemption.or(reason),
            changes: finding.remedy.changes.iter().map(Change::to_string).collect(),
            source: finding.source.clone(),
        }
    }
}

impl Outcome {
    pub(super) fn new(ledger: Ledger, last: &Report, files: Vec<Changed>, written: bool) -> Self {
        let counts = last.summary();
        Self {
            version: 1,
            left: last.findings.iter().map(|finding| Left::of(finding, &ledger)).collect(),
            files,
            incomplete: last.incomplete.clone(),
            summary: Summary {
                vclusters: counts.vclusters,
                mended: ledger.mended.len(),
                deny: counts.deny,
                warn: counts.warn,
                info: counts.info,
            },
            mended: ledger.mended,
            unmended: ledger.unmended,
            written,
        }
    }

    pub(super) fn write_json(&self, out: &mut impl Write) -> anyhow::Result<()> {
        serde_json::to_writer(&mut *out, self)?;
        writeln!(out)?;
        Ok(())
    }

    pub(super) fn write_diff(&self, out: &mut impl Write) -> io::Result<()> {
        self.files
            .iter()
            .try_for_each(|file| out.write_all(file.diff.as_bytes()))
    }
}
