//! `JUnit` XML: a suite for each vCluster, a case for each rule that spoke.
//!
//! What is denied is a failure. Warnings pass, with their text in `system-out`: a pipeline that shows failures in red
//! must not show them. Exempted findings and undecided rules are skipped cases, with the reason.

use std::io::Write;

use quick_junit::{NonSuccessKind, Report as Xml, TestCase, TestCaseStatus, TestSuite};
use vcluster_guard_core::rule::Severity;

use super::group::{Group, groups};
use super::{Finding, Format, Report, words};

pub(super) struct Junit;

impl Format for Junit {
    fn write(&self, report: &Report, out: &mut dyn Write) -> anyhow::Result<()> {
        let mut xml = Xml::new("vcluster-guard");
        if !report.incomplete.is_empty() {
            xml.add_test_suite(unread(&report.incomplete));
        }
        for group in groups(report) {
            xml.add_test_suite(suite(&group));
        }
        let mut text = xml.to_string()?;
        if !text.ends_with('\n') {
            text.push('\n');
        }
        out.write_all(text.as_bytes())?;
        Ok(())
    }
}

fn unread(incomplete: &[String]) -> TestSuite {
    let mut suite = TestSuite::new("input");
    for what in incomplete {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_type("incomplete").set_message(words::one_line(what));
        suite.add_test_case(case("input", "read", status));
    }
    suite
}

fn suite(group: &Group<'_>) -> TestSuite {
    let name = group.vcluster.name();
    let mut suite = TestSuite::new(name.as_str());
    for fact in group.vcluster.facts() {
        suite.add_property(("fact", fact.as_str()));
    }
    for (rule, findings) in by_rule(&group.findings) {
        suite.add_test_case(spoken(&name, rule, &findings));
    }
    for undecided in &group.undecided {
        let mut status = TestCaseStatus::skipped();
        status.set_message(format!("undecided for lack of {}", undecided.needs.in_words()));
        suite.add_test_case(case(&name, undecided.rule, status));
    }
    if group.is_clean() {
        suite.add_test_case(case(&name, "clean", TestCaseStatus::success()));
    }
    suite
}

/// The findings of each rule, in the order in which the rules first speak.
fn by_rule<'f>(findings: &[&'f Finding]) -> Vec<(&'static str, Vec<&'f Finding>)> {
    let mut rules: Vec<(&str, Vec<&Finding>)> = Vec::new();
    for finding in findings {
        match rules.iter_mut().find(|(rule, _)| *rule == finding.rule) {
            Some((_, of)) => of.push(finding),
            None => rules.push((finding.rule, vec![finding])),
        }
    }
    rules
}

/// The findings of one rule, the worst first.
fn spoken(vcluster: &str, rule: &str, findings: &[&Finding]) -> TestCase {
    let text: Vec<String> = findings.iter().map(|finding| told(finding)).collect();
    let text = text.join("\n\n");
    let message = words::one_line(findings.first().map_or("", |finding| finding.message.as_str()));
    let worst = findings.first().map(|finding| finding.severity);
    let exemption = findings.iter().find_map(|finding| finding.exemption.as_ref());
    if worst == Some(Severity::Deny) {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_type("deny").set_message(message).set_description(text);
        return case(vcluster, rule, status);
    }
    if let Some(exemption) = exemption.filter(|_| findings.iter().all(|finding| finding.exemption.is_some())) {
        let mut status = TestCaseStatus::skipped();
        status
            .set_message(words::one_line(&exemption.to_string()))
            .set_description(text);
        return case(vcluster, rule, status);
    }
    let mut case = case(vcluster, rule, TestCaseStatus::success());
    case.set_system_out(text);
    case
}

fn told(finding: &Finding) -> String {
    let source = finding
        .source
        .as_ref()
        .map(|source| format!("\nat: {source}"))
        .unwrap_or_default();
    format!("{}: {}{source}", finding.severity.as_str(), finding.paragraph())
}

fn case(vcluster: &str, name: &str, status: TestCaseStatus) -> TestCase {
    let mut case = TestCase::new(name, status);
    case.set_classname(format!("vcluster-guard.{vcluster}"));
    case
}

#[cfg(test)]
mod tests;
