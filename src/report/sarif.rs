//! SARIF 2.1.0, for code scanning.

mod rules;

use std::collections::BTreeMap;
use std::io::Write;

use serde_json::Value;
use serde_sarif::sarif::{
    ArtifactLocation, Invocation, Location, LogicalLocation, Message, Notification, PhysicalLocation, Region, Result,
    ResultLevel, Run, Sarif as Log, Suppression, Tool, ToolComponent,
};
use sha2::{Digest, Sha256};
use vcluster_guard_core::object::ObjectRef;
use vcluster_guard_core::rule::Severity;

use super::finding::Exemption;
use super::{Finding, Format, Report, Source, place, words};
use rules::Rules;

pub(super) struct Sarif;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// Version of what a fingerprint is made of.
const FINGERPRINT: &str = "vclusterGuard/v1";
/// Hexadecimal digits of it: 128 bits tell findings apart.
const FINGERPRINT_DIGITS: usize = 32;

impl Format for Sarif {
    fn write(&self, report: &Report, out: &mut dyn Write) -> anyhow::Result<()> {
        let rules = Rules::of(report);
        let results: Vec<Result> = report.findings.iter().map(|finding| result(finding, &rules)).collect();
        let driver = ToolComponent::builder()
            .name(env!("CARGO_PKG_NAME"))
            .semantic_version(env!("CARGO_PKG_VERSION"))
            .rules(rules.descriptors())
            .build();
        let run = Run::builder()
            .tool(Tool::builder().driver(driver).build())
            .invocations(vec![invocation(report)])
            .results(results)
            .build();
        let log = Log::builder().schema(SCHEMA).version("2.1.0").runs(vec![run]).build();
        serde_json::to_writer(&mut *out, &log)?;
        writeln!(out)?;
        Ok(())
    }
}

fn level(severity: Severity) -> ResultLevel {
    match severity {
        Severity::Deny => ResultLevel::Error,
        Severity::Warn => ResultLevel::Warning,
        Severity::Info => ResultLevel::Note,
    }
}

fn message(text: impl Into<String>) -> Message {
    Message::builder().text(text).build()
}

fn result(finding: &Finding, rules: &Rules) -> Result {
    let related: Vec<Location> = finding.related.iter().map(related).collect();
    let suppressions: Vec<Suppression> = finding.exemption.iter().map(suppression).collect();
    let mut result = Result::builder()
        .rule_id(finding.rule)
        .level(level(finding.severity))
        .message(message(finding.paragraph()))
        .locations(vec![location(finding)])
        .partial_fingerprints(BTreeMap::from([(FINGERPRINT.to_owned(), fingerprint(finding))]))
        .build();
    result.rule_index = rules.index(finding.rule);
    result.related_locations = Some(related).filter(|related| !related.is_empty());
    result.suppressions = Some(suppressions).filter(|suppressions| !suppressions.is_empty());
    result
}

/// Without the message and the line, so that a finding stays the same one while its numbers and its file change.
fn fingerprint(finding: &Finding) -> String {
    let object = &finding.object;
    let file = finding.source.as_ref().map(file).unwrap_or_default();
    let mut hash = Sha256::new();
    for part in [
        finding.rule,
        &finding.namespace,
        &finding.release,
        &object.kind,
        &object.namespace,
        &object.name,
        &finding.path,
        &file,
    ] {
        hash.update(part);
        hash.update([0]);
    }
    let mut hex = format!("{:x}", hash.finalize());
    hex.truncate(FINGERPRINT_DIGITS);
    hex
}

/// The object by its name, and where it was read, if it was read from a file.
fn location(finding: &Finding) -> Location {
    let mut name = logical(&finding.object);
    if let Some(full) = &mut name.fully_qualified_name {
        full.push('#');
        full.push_str(&finding.path);
    }
    let mut location = Location::builder().logical_locations(vec![name]).build();
    location.physical_location = finding.source.as_ref().map(physical);
    location
}

fn physical(source: &Source) -> PhysicalLocation {
    PhysicalLocation::builder()
        .artifact_location(ArtifactLocation::builder().uri(file(source)).build())
        .region(
            Region::builder()
                .start_line(i64::try_from(source.line).unwrap_or(i64::MAX))
                .build(),
        )
        .build()
}

/// As a relative reference. What came through standard input needs a name, too: code scanning refuses a result without.
fn file(source: &Source) -> String {
    if source.is_file() {
        place::uri(&source.file)
    } else {
        "stdin".to_owned()
    }
}

fn logical(object: &ObjectRef) -> LogicalLocation {
    let parts = [object.namespace.as_str(), &object.kind, &object.name];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    LogicalLocation::builder()
        .kind("resource")
        .name(object.name.as_str())
        .fully_qualified_name(parts.join("/"))
        .build()
}

fn related(object: &ObjectRef) -> Location {
    Location::builder()
        .message(message(format!("{} {}", object.kind, object.name)))
        .logical_locations(vec![logical(object)])
        .build()
}

fn suppression(exemption: &Exemption) -> Suppression {
    Suppression::builder()
        .kind("external")
        .status("accepted")
        .justification(exemption.to_string())
        .build()
}

/// How the run went: what could not be read is an error of it, what stayed open a note.
fn invocation(report: &Report) -> Invocation {
    let unread = report.incomplete.iter().map(|what| notification("error", what.clone()));
    let observed = report.observations.iter().map(|observation| {
        let of = observation.vcluster().map(|of| format!("{of}: ")).unwrap_or_default();
        notification("note", format!("{of}{}", observation.sentence()))
    });
    let lacking = Some(words::lacking(&report.undecided)).filter(|lacking| !lacking.is_empty());
    let open = lacking.map(|lacking| notification("note", format!("rules undecided for lack of: {lacking}")));
    Invocation::builder()
        .execution_successful(report.incomplete.is_empty())
        .tool_execution_notifications(unread.chain(observed).chain(open).collect::<Vec<_>>())
        .build()
}

fn notification(level: &str, text: String) -> Notification {
    Notification::builder()
        .level(Value::from(level))
        .message(message(text))
        .build()
}

#[cfg(test)]
mod tests;
