//! The report for people: by vCluster, worst first, and a summary line.

use std::io::Write;

use super::{Finding, Format, Report, Severity};

pub(super) struct Table;

impl Format for Table {
    fn write(&self, report: &Report, out: &mut dyn Write) -> anyhow::Result<()> {
        Ok(write(report, out)?)
    }
}

fn write(report: &Report, out: &mut dyn Write) -> std::io::Result<()> {
    let mut last: Option<(&str, &str)> = None;
    for finding in &report.findings {
        let of = (finding.namespace.as_str(), finding.release.as_str());
        if last != Some(of) {
            heading(of, last.is_some(), out)?;
            last = Some(of);
        }
        row(finding, out)?;
    }
    for patch in &report.patches {
        let operations = patch.patch.as_array().map_or(0, Vec::len);
        writeln!(
            out,
            "\nmend  {} {}: {operations} edits (-o json shows the patch)",
            patch.object.kind, patch.object.name
        )?;
    }
    for observation in &report.observations {
        let of = match (observation.namespace.as_str(), observation.release.as_str()) {
            (_, "") => String::new(),
            ("", release) => format!("{release}: "),
            (namespace, release) => format!("{namespace}/{release}: "),
        };
        writeln!(out, "\nnote  {of}{}", observation.message)?;
    }
    for what in &report.incomplete {
        writeln!(out, "\nnot read: {what}")?;
    }
    let summary = report.summary();
    if last.is_some() {
        writeln!(out)?;
    }
    let undecided = match report.undecided.len() {
        0 => String::new(),
        n => format!(", {n} rules undecided for lack of facts"),
    };
    writeln!(
        out,
        "{} vCluster{}: {} deny, {} warn, {} info{undecided}",
        summary.vclusters,
        if summary.vclusters == 1 { "" } else { "s" },
        summary.deny,
        summary.warn,
        summary.info
    )
}

fn heading((namespace, release): (&str, &str), further: bool, out: &mut dyn Write) -> std::io::Result<()> {
    if further {
        writeln!(out)?;
    }
    match namespace {
        "" => writeln!(out, "vCluster {release}"),
        _ => writeln!(out, "vCluster {release} in namespace {namespace}"),
    }
}

fn row(finding: &Finding, out: &mut dyn Write) -> std::io::Result<()> {
    let severity = match finding.severity {
        Severity::Deny => "DENY",
        Severity::Warn => "WARN",
        Severity::Info => "INFO",
    };
    writeln!(out, "  {severity}  {}: {}", finding.rule, finding.message)?;
    let source = finding
        .source
        .as_ref()
        .map(|source| format!("  ({}:{})", source.file, source.line))
        .unwrap_or_default();
    writeln!(
        out,
        "        where: {} {}: {}{source}",
        finding.object.kind, finding.object.name, finding.path
    )?;
    writeln!(out, "        then:  {}", finding.consequence)?;
    writeln!(out, "        fix:   {}", finding.fix)
}
