//! What the cases leave standing is audited, all at once, and must be judged as a check of the files judges it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use vcluster_guard_core::case::Places;
use vcluster_guard_core::exemption::{Exemptions, Now};
use vcluster_guard_core::join::{Releases, World};
use vcluster_guard_core::judge::judge;
use vcluster_guard_core::policy::Policy;
use vcluster_guard_core::rule::{Need, Rule, Severity};
use vcluster_guard_core::rules;
use vcluster_guard_core::verdict;

use super::complete;
use super::stage::is_placed;
use crate::case::Case;

/// Exemptions of cases run on, but for those that ended before.
const NOW: Now = Now(1_767_225_600);

/// What a case leaves behind: a namespace, and what is in it.
#[derive(Debug)]
pub(crate) struct Left {
    pub(crate) label: String,
    pub(crate) namespace: String,
    pub(crate) objects: Vec<Value>,
}

/// The objects that a case leaves standing, if they can.
pub(crate) fn objects(case: &Case, namespace: &str) -> Vec<Value> {
    let all = case
        .beside
        .iter()
        .filter(|beside| !case.now.iter().any(|now| same(now, beside)));
    let all = all.chain(&case.now).filter(|object| is_placed(object));
    all.map(|object| labelled(complete::object(object, namespace)))
        .collect()
}

/// Secrets of which no workload tells are found by the label that the chart gives them; few cases write it.
fn labelled(mut object: Value) -> Value {
    let name = object["metadata"]["name"].as_str().unwrap_or_default();
    if object["kind"] == "Secret" && name.starts_with("vc-config-") {
        object["metadata"]["labels"]["app"] = "vcluster".into();
    }
    object
}

fn same(one: &Value, other: &Value) -> bool {
    one["kind"] == other["kind"] && one["metadata"]["name"] == other["metadata"]["name"]
}

/// Says of each namespace where the report of an audit and a check of the files differ.
pub(crate) fn compare(report: &Value, left: &[Left]) -> Vec<String> {
    let mut audited: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for finding in report["findings"].as_array().into_iter().flatten() {
        let text = |key: &str| finding[key].as_str().unwrap_or_default();
        if compares(rules::by_id(text("rule")).expect("a rule of the table")) {
            let line = line(text("rule"), text("severity"), text("message"), text("path"));
            audited.entry(text("namespace")).or_default().insert(line);
        }
    }
    let differences = left.iter().flat_map(|left| {
        let checked = check(&left.objects);
        let audited = audited.get(left.namespace.as_str()).cloned().unwrap_or_default();
        let lacks = checked
            .difference(&audited)
            .map(|line| format!("{}: audit does not say {line}", left.label));
        let more = audited
            .difference(&checked)
            .map(|line| format!("{}: audit says {line}", left.label));
        lacks.chain(more).collect::<Vec<_>>()
    });
    differences.collect()
}

fn line(rule: &str, severity: &str, message: &str, path: &str) -> String {
    format!("{rule} {severity} {message} ({path})")
}

/// The cluster has nodes and priority classes of its own, and no claims; of the making of a vCluster an audit is silent.
fn compares(rule: &Rule) -> bool {
    let lists = [Need::Nodes, Need::PriorityClasses, Need::Fleet, Need::Claims];
    let about_its_making = ["ha-etcd-parallel-bootstrap", "tr-leftover-pvc"];
    !about_its_making.contains(&rule.id) && !rule.needs.iter().any(|need| lists.contains(need))
}

fn check(objects: &[Value]) -> BTreeSet<String> {
    let (mut all, nothing, policy) = (Releases::default(), Releases::default(), Policy::default());
    for object in objects {
        // What cannot be decoded could not be stored either.
        let _ = all.add(object);
    }
    let world = World::new(&nothing, Some(&all));
    let mut said = BTreeSet::new();
    for (release, parts) in all
        .iter()
        .filter(|(release, parts)| parts.standing(release, Places::NONE).is_some())
    {
        let mut subject = parts.subject(release, None, Some(parts));
        world.surround(&mut subject);
        let mut judged = judge(&subject, &policy.images);
        Exemptions::of(&subject, &policy, NOW).apply(&mut judged);
        let decided = verdict::decide(judged, &subject, &policy.for_namespace(&release.namespace, None));
        let findings = decided.findings.into_iter().map(|ruled| ruled.finding);
        said.extend(findings.filter(|finding| compares(finding.rule)).map(|finding| {
            let severity = Severity::as_str(finding.severity);
            line(finding.rule.id, severity, &finding.message, &finding.path)
        }));
    }
    said
}
