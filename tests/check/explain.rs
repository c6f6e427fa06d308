//! `--explain`: what was read, and why it was decided as it was.

use serde_json::{Value, json};

use crate::run::Folder;

const SECRET: &str = "apiVersion: v1
kind: Secret
metadata: {namespace: team, name: vc-config-demo}
stringData:
  config.yaml: |
    controlPlane:
      backingStore:
        database:
          external: {enabled: true, dataSource: 'mysql://guard:s3cret@tcp(db)/x', connector: s3cret}
      statefulSet:
        highAvailability: {replicas: 1}
        persistence: {volumeClaim: {enabled: false}}
";

fn explained(arguments: &[&str]) -> Value {
    let folder = Folder::with(&[
        ("demo.yaml", SECRET),
        ("policy.yaml", "rules: {bs-multiple: {severity: \"off\"}}\n"),
        ("nodes.yaml", "kind: Node\napiVersion: v1\nmetadata: {name: a}\n"),
    ]);
    let said = folder.check(&[arguments, &["demo.yaml"]].concat());
    assert!(!said.report.to_string().contains("s3cret"));
    said.report["explained"].clone()
}

/// A key of the external database with all that is above it; what is no such key stays.
fn spelled_out(read: &str) -> String {
    match read {
        "claims" => read.into(),
        key => format!("controlPlane.backingStore.database.external.{key}"),
    }
}

#[test]
fn each_rule_says_what_it_read_and_what_became_of_it() {
    let rules = "--explain=bs-external-db-both,bs-external-db-no-source,tr-leftover-pvc,ss-ondelete,bs-multiple,tr-vpn,\
                 bs-shared-datasource";
    let wanted = [
        ("bs-multiple", "not-applicable", "the policy switches it off", vec![]),
        (
            "bs-external-db-no-source",
            "passed",
            "nothing is wrong with what it read",
            vec!["enabled", "dataSource"],
        ),
        (
            "bs-external-db-both",
            "failed",
            "warn: dataSource and connector are both set",
            vec!["dataSource", "connector", "enabled"],
        ),
        (
            "bs-shared-datasource",
            "not-applicable",
            "it is off unless the policy gives it a severity",
            vec![],
        ),
        (
            "tr-vpn",
            "not-applicable",
            "it compares with how it was before, which nothing tells",
            vec![],
        ),
        (
            "tr-leftover-pvc",
            "undecided",
            "it lacks the claims of the namespace",
            vec!["claims"],
        ),
        (
            "ss-ondelete",
            "not-applicable",
            "it is about the workload or the StatefulSet of a deployed etcd, which is not here",
            vec![],
        ),
    ];
    let wanted = wanted.map(|(rule, outcome, why, read)| {
        json!({"rule": rule, "namespace": "team", "release": "demo", "outcome": outcome, "why": why,
               "read": read.into_iter().map(spelled_out).collect::<Vec<_>>()})
    });
    assert_eq!(explained(&[rules, "--config", "policy.yaml"]), json!(wanted));
}

#[test]
fn a_change_is_explained_from_both_sides() {
    let explained = explained(&["--explain=tr-store-change", "--before", "demo.yaml"]);
    let read = explained[0]["read"].as_array().unwrap();
    assert_eq!(explained[0]["outcome"], "passed");
    let enabled = "controlPlane.backingStore.database.external.enabled";
    for name in [enabled.to_owned(), format!("{enabled} (before)")] {
        assert!(read.contains(&name.into()), "{explained}");
    }
}

#[test]
fn without_names_every_rule_is_explained() {
    let all = explained(&["--explain"]);
    let rules = all.as_array().unwrap().iter().map(|row| row["rule"].as_str().unwrap());
    assert_eq!(
        rules.collect::<Vec<_>>(),
        vcluster_guard_core::rules::TABLE
            .iter()
            .map(|rule| rule.id)
            .collect::<Vec<_>>()
    );
    assert_eq!(explained(&[]), Value::Null);
}

#[test]
fn what_is_no_rule_is_named() {
    let said = Folder::with(&[]).check(&["--explain=no-rule,ha-embedded-db,other", "-"]);
    assert_eq!(
        said.stderr,
        "error: --explain: there is no rule no-rule, other; `vcluster-guard rules` lists them\n"
    );
    assert_eq!(said.code, Some(2));
}
