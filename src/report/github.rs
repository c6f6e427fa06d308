//! Workflow commands of GitHub Actions: annotations beside the lines of a pull request.
//!
//! GitHub shows the first ten errors and warnings of a step, so the worst come first.

use std::io::Write;

use vcluster_guard_core::rule::Severity;

use super::group::{Group, groups, kinds, unattached};
use super::{Finding, Format, Report, place, words};

pub(super) struct Github;

impl Format for Github {
    fn write(&self, report: &Report, out: &mut dyn Write) -> anyhow::Result<()> {
        for what in &report.incomplete {
            command(out, "error", &[("title", "not read")], what)?;
        }
        let groups = groups(report);
        for severity in [Severity::Deny, Severity::Warn, Severity::Info] {
            for group in &groups {
                let of = group.findings.iter().filter(|finding| finding.severity == severity);
                of.clone().try_for_each(|finding| annotate(out, group, finding))?;
            }
        }
        for (title, observations) in kinds(&groups) {
            let title = format!("{title} ({})", observations.len());
            command(out, "notice", &[("title", &title)], &words::together(&observations))?;
        }
        for observation in unattached(report) {
            let of = observation.vcluster().map(|of| format!("{of}: ")).unwrap_or_default();
            let told = format!("{of}{}", observation.sentence());
            command(out, "notice", &[("title", observation.title)], &told)?;
        }
        let lacking = words::lacking(&report.undecided);
        if !lacking.is_empty() {
            command(
                out,
                "notice",
                &[("title", "undecided rules")],
                &format!("for lack of {lacking}"),
            )?;
        }
        writeln!(out, "{}", words::summary(report))?;
        Ok(())
    }
}

fn annotate(out: &mut dyn Write, group: &Group<'_>, finding: &Finding) -> std::io::Result<()> {
    let name = match finding.severity {
        Severity::Deny => "error",
        Severity::Warn => "warning",
        Severity::Info => "notice",
    };
    let title = format!("{} ({})", finding.rule, group.vcluster.name());
    let source = finding.source.as_ref().filter(|source| source.is_file());
    let place = source.map(|source| (place::relative(&source.file), source.line.to_string()));
    let mut properties = Vec::new();
    if let Some((file, line)) = &place {
        properties.extend([("file", file.as_str()), ("line", line.as_str())]);
    }
    properties.push(("title", title.as_str()));
    command(out, name, &properties, &finding.paragraph())
}

/// `::NAME KEY=VALUE,KEY=VALUE::MESSAGE`.
fn command(out: &mut dyn Write, name: &str, properties: &[(&str, &str)], message: &str) -> std::io::Result<()> {
    let properties: Vec<String> = properties
        .iter()
        .map(|(key, value)| format!("{key}={}", escape(value).replace(':', "%3A").replace(',', "%2C")))
        .collect();
    writeln!(out, "::{name} {}::{}", properties.join(","), escape(message))
}

/// The runner undoes just these; another line would be another command.
fn escape(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    #[test]
    fn every_finding_is_one_command() {
        fixture::assert_written(&Github, &fixture::report(), "github.txt");
    }

    /// What the runner does with a line: it splits it, then undoes the escapes.
    #[test]
    fn the_runner_reads_back_what_was_meant() {
        let report = fixture::report();
        let written = fixture::written(&Github, &report);
        let line = written.lines().find(|line| line.starts_with("::error file")).unwrap();
        let (properties, message) = line.strip_prefix("::error ").unwrap().split_once("::").unwrap();
        let undone = |text: &str| {
            let text = text.replace("%3A", ":").replace("%2C", ",").replace("%0D", "\r");
            text.replace("%0A", "\n").replace("%25", "%")
        };
        let read: Vec<(&str, String)> = properties
            .split(',')
            .map(|property| property.split_once('=').unwrap())
            .map(|(key, value)| (key, undone(value)))
            .collect();
        let expected = [
            ("file", "a dir/ü:1,%.yaml"),
            ("line", "12"),
            ("title", "ha-embedded-db (team <b>/evil, inc: 100%)"),
        ];
        assert_eq!(read, expected.map(|(key, value)| (key, value.to_owned())));
        assert_eq!(undone(message), report.findings[1].paragraph());
    }

    #[test]
    fn nothing_of_a_manifest_begins_a_line() {
        let written = fixture::written(&Github, &fixture::report());
        let (last, commands) = written
            .lines()
            .collect::<Vec<_>>()
            .split_last()
            .map(|(last, rest)| (*last, rest.to_vec()))
            .unwrap();
        let known = ["::error ", "::warning ", "::notice "];
        assert!(
            commands
                .iter()
                .all(|line| known.iter().any(|name| line.starts_with(name))),
            "{written}"
        );
        assert_eq!(
            last,
            "2 vClusters: 2 deny, 1 warn, 2 info, 1 of them exempt, 2 undecided, 1 not read"
        );
    }
}
