//! One vCluster with three replicas on the embedded database, and exemptions of all kinds.

use alloc::string::ToString;

use super::super::Now;
use super::*;
use crate::join::Releases;
use crate::policy::{RulePolicy, RuleSeverity};
use serde_json::{Value, json};

/// 2026-01-01T00:00:00Z
const NOW: Now = Now(1_767_225_600);
const LATER: &str = "2026-03-01T00:00:00Z";
const TOMORROW: &str = "2026-01-02T00:00:00Z";

fn annotations(rules: &str, until: &str) -> Value {
    json!({super::super::EXEMPT: rules, super::super::REASON: "ticket 4711", super::super::UNTIL: until})
}

/// Three replicas on the embedded database.
fn secret(annotations: &Value) -> Value {
    let config = "controlPlane: {statefulSet: {highAvailability: {replicas: 3}}}";
    json!({"apiVersion": "v1", "kind": "Secret", "stringData": {"config.yaml": config},
        "metadata": {"namespace": "team", "name": "vc-config-demo", "annotations": annotations}})
}

fn budget(annotations: &Value) -> Value {
    json!({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
        "metadata": {"namespace": "team", "name": "demo", "annotations": annotations},
        "spec": {"maxUnavailable": 1, "selector": {"matchLabels": {"app": "vcluster", "release": "demo"}}}})
}

fn accounts(objects: &[Value], policy: &Policy) -> Vec<Account> {
    let mut releases = Releases::default();
    for object in objects {
        releases.add(object).unwrap();
    }
    let (release, parts) = releases.iter().next().unwrap();
    let subject = parts.subject(release, None, None);
    let settings = policy.for_namespace("team", None);
    Exemptions::of(&subject, policy, NOW).accounts(&subject, &settings, SOON_SECONDS)
}

fn state(rules: &str, until: &str) -> State {
    let secret = secret(&annotations(rules, until));
    accounts(&[secret], &Policy::default()).remove(0).state
}

fn listed(rules: &[&str], release: &str) -> Policy {
    let entry = Entry {
        namespace: "team".into(),
        release: release.into(),
        rules: rules.iter().map(|&id| id.into()).collect(),
        until: LATER.into(),
        reason: "move".into(),
    };
    let mut policy = Policy::default();
    policy.exemptions.list.push(entry);
    policy
}

#[test]
fn one_that_covers_a_finding_is_used_however_many_others_it_names() {
    assert_eq!(state("ha-embedded-db", LATER), State::Used);
    assert_eq!(state("bs-multiple, ha-embedded-db", LATER), State::Used);
}

#[test]
fn one_whose_rules_find_nothing_is_unused_also_when_it_ends_soon() {
    assert_eq!(state("bs-multiple", LATER), State::Unused);
    assert_eq!(state("bs-multiple", TOMORROW), State::Unused);
}

#[test]
fn a_rule_that_lacks_the_past_a_fact_or_its_object_is_not_called_unused() {
    assert_eq!(state("tr-store-change", LATER), State::Untold);
    assert_eq!(state("bs-multiple,tr-store-change", LATER), State::Untold);
    assert_eq!(state("pdb-empty", LATER), State::Unused);
    assert_eq!(state("ss-start-ordinal", LATER), State::Untold);
    assert_eq!(state("tr-leftover-pvc", LATER), State::Untold);
    assert_eq!(state("tr-store-change", TOMORROW), State::Expiring(86_400));
}

#[test]
fn the_window_before_the_end_belongs_to_it() {
    assert_eq!(state("ha-embedded-db", TOMORROW), State::Expiring(86_400));
    assert_eq!(
        state("ha-embedded-db", "2026-01-15T00:00:00Z"),
        State::Expiring(SOON_SECONDS)
    );
    assert_eq!(state("ha-embedded-db", "2026-01-15T00:00:01Z"), State::Used);
}

#[test]
fn one_that_does_not_count_says_why() {
    assert_eq!(state("ha-embedded-db", "2026-01-01T00:00:00Z"), State::Expired);
    assert_eq!(state("ha-embedded-db", ""), State::Invalid(ExemptionError::NoEnd));
    assert_eq!(
        state("ha-embeded-db", LATER),
        State::Invalid(ExemptionError::UnknownRule("ha-embeded-db".into()))
    );
}

#[test]
fn the_same_words_on_several_objects_are_one_exemption() {
    let same = annotations("ha-embedded-db", LATER);
    let other = annotations("ha-embedded-db", TOMORROW);
    let policy = listed(&["ha-embedded-db"], "demo");
    let told: Vec<String> = accounts(&[secret(&same), budget(&same)], &policy)
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        told,
        [
            "the exemption of ha-embedded-db by the policy (exemptions.list[0]) is used, until 2026-03-01T00:00:00Z",
            "the exemption of ha-embedded-db by annotation on Secret vc-config-demo, PodDisruptionBudget demo is used, \
             until 2026-03-01T00:00:00Z",
        ]
    );
    assert_eq!(accounts(&[secret(&same), budget(&other)], &Policy::default()).len(), 2);
}

#[test]
fn a_rule_that_is_off_needs_no_exemption() {
    let mut policy = listed(&["ha-embedded-db"], "demo");
    let off = RulePolicy {
        severity: RuleSeverity::Off,
    };
    policy.rules.insert("ha-embedded-db".into(), off);
    assert_eq!(accounts(&[secret(&json!({}))], &policy)[0].state, State::Unused);
    let opt_in = listed(&["bs-shared-datasource"], "demo");
    assert_eq!(accounts(&[secret(&json!({}))], &opt_in)[0].state, State::Unused);
}

#[test]
fn entries_for_nobody_are_found_by_namespace_and_name() {
    let policy = listed(&["ha-embedded-db"], "demo");
    let seen = |namespace: &str, name: &str| BTreeSet::from([Release::new(namespace, name)]);
    let places = |seen: &BTreeSet<Release>| unseen(&policy, seen).map(|(place, _)| place).collect::<Vec<_>>();
    assert_eq!(places(&seen("team", "demo")), Vec::<usize>::new());
    assert_eq!(places(&seen("other", "demo")), [0]);
    assert_eq!(places(&BTreeSet::new()), [0]);
}

#[test]
fn the_time_that_is_left_is_told_in_words() {
    assert_eq!(days(59 * 60), "less than an hour");
    assert_eq!(days(3600), "1 hour");
    assert_eq!(days(48 * 3600 - 1), "47 hours");
    assert_eq!(days(48 * 3600), "2 days");
}

#[test]
fn what_a_terminal_would_obey_is_escaped() {
    let secret = secret(&annotations("a\u{1b}[2J\n", LATER));
    let told = accounts(&[secret], &Policy::default())[0].to_string();
    assert_eq!(
        told,
        "the exemption of a\\u{1b}[2J by annotation on Secret vc-config-demo does not count: there is no rule \
         \"a\\u{1b}[2J\""
    );
}
