//! Why a rule said what it said of one vCluster: what it read, by name, and what became of it.

use vcluster_guard_core::case::{Places, Read, Reads, Subject, reads_of};
use vcluster_guard_core::judge::Finding;
use vcluster_guard_core::policy::{Policy, Settings};
use vcluster_guard_core::rule::Rule;
use vcluster_guard_core::rules;
use vcluster_guard_core::verdict::Verdict;

use crate::report::{Explained, Outcome};

/// What rules are about, in words.
const PLACES: [(Places, &str); 6] = [
    (Places::CONFIG, "the config Secret"),
    (Places::WORKLOAD, "the workload"),
    (Places::ETCD, "the StatefulSet of a deployed etcd"),
    (Places::SCALE, "a Scale"),
    (Places::BUDGET, "a disruption budget"),
    (Places::AUTOSCALER, "an autoscaler"),
];

/// The rules of these ids, in the order of the table; of none, all of them. What is no rule is named.
pub(crate) fn wanted(ids: &[String]) -> anyhow::Result<Vec<&'static Rule>> {
    let unknown: Vec<&str> = ids
        .iter()
        .map(String::as_str)
        .filter(|id| rules::by_id(id).is_none())
        .collect();
    if !unknown.is_empty() {
        anyhow::bail!(
            "--explain: there is no rule {}; `vcluster-guard rules` lists them",
            unknown.join(", ")
        );
    }
    let is_wanted = |rule: &&Rule| ids.is_empty() || ids.iter().any(|id| id == rule.id);
    Ok(rules::TABLE.iter().copied().filter(is_wanted).collect())
}

/// What each of the rules said, and why.
pub(crate) fn explain(
    rules: &[&'static Rule],
    subject: &Subject,
    verdict: &Verdict,
    settings: &Settings<'_>,
) -> Vec<Explained> {
    let explained = |rule: &&'static Rule| {
        let (outcome, why, read) = if let Some(why) = not_asked(rule, subject, settings) {
            (Outcome::NotApplicable, why, Vec::new())
        } else {
            let reads = reads_of(rule, subject, &settings.policy.images);
            let (outcome, why) = outcome(rule, &reads, verdict);
            (outcome, why, reads.names)
        };
        Explained {
            rule: rule.id,
            namespace: subject.release.namespace.clone(),
            release: subject.release.name.clone(),
            outcome,
            why,
            read: read.iter().map(name).collect(),
        }
    };
    rules.iter().map(explained).collect()
}

fn name(read: &Read) -> String {
    if read.earlier {
        format!("{} (before)", read.name)
    } else {
        read.name.into()
    }
}

/// Why a rule has no say here at all.
fn not_asked(rule: &Rule, subject: &Subject, settings: &Settings<'_>) -> Option<String> {
    if settings.severity(rule, rule.severity).is_none() {
        return Some(off(rule, settings.policy));
    }
    (!rule.places.meets(subject.places)).then(|| elsewhere(rule))
}

fn outcome(rule: &Rule, reads: &Reads, verdict: &Verdict) -> (Outcome, String) {
    let mut findings = verdict.findings.iter().map(|ruled| &ruled.finding);
    if let Some(finding) = findings.find(|finding| finding.rule.id == rule.id) {
        return (Outcome::Failed, failed(finding));
    }
    if let Some(open) = verdict.open.iter().find(|open| open.rule.id == rule.id) {
        return (Outcome::Undecided, format!("it lacks {}", open.need.in_words()));
    }
    let (outcome, why) = if reads.lacks_past {
        (
            Outcome::NotApplicable,
            "it compares with how it was before, which nothing tells",
        )
    } else if reads.names.is_empty() {
        (Outcome::NotApplicable, "nothing that it looks at is here")
    } else {
        (Outcome::Passed, "nothing is wrong with what it read")
    };
    (outcome, why.into())
}

fn off(rule: &Rule, policy: &Policy) -> String {
    let by_default = rules::OPT_IN.contains(&rule.id) && !policy.rules.contains_key(rule.id);
    if by_default {
        "it is off unless the policy gives it a severity".into()
    } else {
        "the policy switches it off".into()
    }
}

fn elsewhere(rule: &Rule) -> String {
    let about = PLACES.iter().filter(|(place, _)| rule.places.meets(*place));
    let about: Vec<&str> = about.map(|(_, word)| *word).collect();
    format!("it is about {}, which is not here", about.join(" or "))
}

fn failed(finding: &Finding) -> String {
    let said = format!("{}: {}", finding.severity.as_str(), finding.message);
    match &finding.exempt {
        Some(grant) => format!("{said}; exempt until {}", grant.until),
        None if finding.inherited => format!("{said}, as before the change"),
        None => said,
    }
}
