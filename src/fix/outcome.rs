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
    mended: Vec<Mended>,
    left: Vec<Left>,
    files: Vec<Changed>,
    /// Workloads that could not be mended, and why.
    unmended: Vec<String>,
    /// What was asked for and could not be read.
    incomplete: Vec<String>,
    summary: Summary,
    /// Whether the files have been changed.
    written: bool,
}

/// A finding that is still there.
#[derive(Debug, Serialize)]
struct Left {
    rule: &'static str,
    severity: Severity,
    namespace: String,
    release: String,
    object: ObjectRef,
    path: String,
    message: String,
    /// The choice that it needs.
    fix: String,
    /// Whether an exemption covers it.
    exempt: bool,
    /// Why its mechanical remedy was not made, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// That remedy.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    changes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<Source>,
}

/// A file that has changed, or would.
#[derive(Debug, Serialize)]
pub(super) struct Changed {
    file: String,
    diff: String,
    /// Whether lines of the diff are not shown, so that it cannot be applied.
    hides: bool,
}

#[derive(Debug, Default, Serialize)]
struct Summary {
    vclusters: usize,
    mended: usize,
    deny: usize,
    warn: usize,
    info: usize,
}

impl Changed {
    pub(super) fn of(file: &File, new: &str) -> Self {
        let old = String::from_utf8_lossy(&file.text);
        let Diff { text, hides } = diff::unified(&file.name, &old, new);
        Self {
            file: file.name.clone(),
            diff: text,
            hides,
        }
    }
}

impl Left {
    fn of(finding: &Finding, ledger: &Ledger) -> Self {
        let rendered = "the Secret is rendered from values: change them there";
        let has_remedy = !finding.remedy.changes.is_empty();
        let reason = ledger.refusal(finding).map(String::from);
        let reason = reason.or_else(|| (has_remedy && finding.object.kind == "Secret").then(|| rendered.into()));
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

    /// For people: by vCluster, what was mended before what is left.
    pub(super) fn write_table(&self, out: &mut impl Write) -> io::Result<()> {
        let mut releases: Vec<(&str, &str)> = self.mended.iter().map(|it| (&*it.namespace, &*it.release)).collect();
        releases.extend(self.left.iter().map(|it| (&*it.namespace, &*it.release)));
        releases.sort_unstable();
        releases.dedup();
        for (namespace, release) in releases {
            match namespace {
                "" => writeln!(out, "vCluster {release}")?,
                _ => writeln!(out, "vCluster {release} in namespace {namespace}")?,
            }
            let is_of = |of: (&str, &str)| of == (namespace, release);
            for mended in self.mended.iter().filter(|it| is_of((&it.namespace, &it.release))) {
                mended.write(self.written, out)?;
            }
            for left in self.left.iter().filter(|it| is_of((&it.namespace, &it.release))) {
                left.write(out)?;
            }
            writeln!(out)?;
        }
        for what in &self.unmended {
            writeln!(out, "not mended: {what}")?;
        }
        for what in &self.incomplete {
            writeln!(out, "not read: {what}")?;
        }
        for file in self.files.iter().filter(|file| file.hides && !self.written) {
            writeln!(
                out,
                "{}: the diff leaves lines out, so it cannot be applied; --write changes the file",
                file.file
            )?;
        }
        self.summary(out)
    }

    fn summary(&self, out: &mut impl Write) -> io::Result<()> {
        let Summary {
            mended,
            deny,
            warn,
            info,
            ..
        } = self.summary;
        let (verb, files) = (if self.written { "mended" } else { "can be mended" }, self.files.len());
        let plural = if files == 1 { "" } else { "s" };
        writeln!(
            out,
            "{mended} {verb} in {files} file{plural}; left: {deny} deny, {warn} warn, {info} info"
        )
    }
}

fn place(source: Option<&Source>) -> String {
    source.map(|source| format!(" ({source})")).unwrap_or_default()
}

impl Mended {
    fn write(&self, written: bool, out: &mut impl Write) -> io::Result<()> {
        let word = if written { "MENDED" } else { "MEND" };
        let rule = self.rule.map(|rule| format!("{rule}: ")).unwrap_or_default();
        writeln!(
            out,
            "  {word:<6}  {rule}{}{}",
            self.message,
            place(self.source.as_ref())
        )?;
        for change in &self.changes {
            writeln!(out, "          {change}")?;
        }
        match self.caution {
            Some(caution) => writeln!(out, "          note: {caution}"),
            None => Ok(()),
        }
    }
}

impl Left {
    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let severity = self.severity.as_str().to_ascii_uppercase();
        writeln!(
            out,
            "  {severity:<6}  {}: {}{}",
            self.rule,
            self.message,
            place(self.source.as_ref())
        )?;
        writeln!(
            out,
            "          where:  {} {}: {}",
            self.object.kind, self.object.name, self.path
        )?;
        if let Some(reason) = &self.reason {
            writeln!(out, "          left:   {reason}")?;
        }
        if self.exempt {
            return Ok(());
        }
        if self.changes.is_empty() {
            return writeln!(out, "          choose: {}", self.fix);
        }
        self.changes
            .iter()
            .try_for_each(|change| writeln!(out, "          by hand: {change}"))
    }
}
