//! The rules that spoke, as SARIF describes rules. Their pages have no address of their own on the web, which `helpUri`
//! would need; the help names the page in the repository.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_sarif::sarif::{MultiformatMessageString, PropertyBag, ReportingConfiguration, ReportingDescriptor};
use vcluster_guard_core::rule::Rule;
use vcluster_guard_core::rules::TABLE;

use super::super::Report;
use super::level;

/// In the order of the table.
pub(super) struct Rules(Vec<&'static Rule>);

impl Rules {
    pub(super) fn of(report: &Report) -> Self {
        let spoke = |rule: &&&Rule| report.findings.iter().any(|finding| finding.rule == rule.id);
        Self(TABLE.iter().filter(spoke).copied().collect())
    }

    pub(super) fn index(&self, id: &str) -> Option<i64> {
        let index = self.0.iter().position(|rule| rule.id == id)?;
        i64::try_from(index).ok()
    }

    pub(super) fn descriptors(&self) -> Vec<ReportingDescriptor> {
        self.0.iter().map(|rule| descriptor(rule)).collect()
    }
}

fn descriptor(rule: &Rule) -> ReportingDescriptor {
    let Rule {
        id,
        title,
        consequence,
        fix,
        why,
        ..
    } = rule;
    let page = format!("docs/rules.md#{id}");
    let help = MultiformatMessageString::builder()
        .text(format!("Otherwise: {consequence}\nFix: {fix}\nEvidence: {why}\nSee {page}, or `vcluster-guard rules explain {id}`."))
        .markdown(format!(
            "- Otherwise: {consequence}\n- Fix: {fix}\n- Evidence: {why}\n\nSee {page}, or `vcluster-guard rules explain {id}`."
        ))
        .build();
    let family = serde_json::to_value(rule.family).unwrap_or(Value::Null);
    let tags: Vec<String> = ["vcluster"]
        .into_iter()
        .chain(family.as_str())
        .map(str::to_owned)
        .collect();
    let properties = PropertyBag::builder()
        .tags(tags)
        .additional_properties(BTreeMap::from([
            ("family".to_owned(), family),
            ("page".to_owned(), Value::from(page)),
        ]))
        .build();
    let level = serde_json::to_value(level(rule.severity)).unwrap_or(Value::Null);
    ReportingDescriptor::builder()
        .id(*id)
        .short_description(text(title))
        .full_description(text(consequence))
        .help(help)
        .default_configuration(ReportingConfiguration::builder().level(level).build())
        .properties(properties)
        .build()
}

fn text(text: &str) -> MultiformatMessageString {
    MultiformatMessageString::builder().text(text).build()
}
