use serde_json::{Value, json};
use vcluster_guard_core::object::Release;
use vcluster_guard_core::rule::{Need, Severity};

use super::*;
use crate::report::fixture::{self, finding};
use crate::report::{Exemption, Kind, Observation, Report, Topic, Undecided, groups};

/// A vCluster that runs as a workload and of which nothing is said yet.
fn quiet() -> Report {
    let mut vcluster = fixture::vcluster("team-a", "demo");
    vcluster.owner = Some(Owner {
        object: ObjectRef {
            api_version: "apps/v1".into(),
            kind: "StatefulSet".into(),
            ..fixture::object("team-a", "demo")
        },
        uid: "5f1c".into(),
    });
    let mut report = Report::new();
    report.vclusters.push(vcluster);
    report
}

fn document(report: &Report, form: Form) -> Document<'_> {
    Document::of(&groups(report).remove(0), form)
}

fn dated(report: &Report, form: Form, seconds: i64) -> Value {
    serde_json::from_slice(&document(report, form).dated(seconds)).unwrap()
}

fn column<'v>(report: &'v Value, field: &str) -> Vec<&'v str> {
    let results = report["results"].as_array().unwrap();
    results
        .iter()
        .map(|result| result[field].as_str().unwrap_or_default())
        .collect()
}

#[test]
fn a_report_says_whose_it_is_what_was_found_and_how_to_mend_it() {
    let mut report = quiet();
    finding(&mut report, 0, Severity::Deny, "ha-embedded-db");
    let mut report = dated(&report, Form::OpenReports, 42);
    let hash = report["metadata"]["annotations"]
        .as_object_mut()
        .unwrap()
        .remove(HASH)
        .unwrap();
    assert_eq!(hash.as_str().unwrap().len(), 64);
    assert_eq!(
        report,
        json!({
            "apiVersion": "openreports.io/v1alpha1",
            "kind": "Report",
            "metadata": {
                "name": "vcluster-guard-demo",
                "namespace": "team-a",
                "labels": {
                    "app.kubernetes.io/managed-by": "vcluster-guard",
                    "app.kubernetes.io/name": "vcluster-guard",
                    "vcluster-guard.dev/release": "demo",
                },
                "annotations": {},
                "ownerReferences": [{"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "demo", "uid": "5f1c"}],
            },
            "source": "vcluster-guard",
            "scope": {"apiVersion": "apps/v1", "kind": "StatefulSet", "namespace": "team-a", "name": "demo", "uid": "5f1c"},
            "summary": {"pass": 80, "fail": 1, "warn": 0, "error": 0, "skip": 0},
            "results": [{
                "source": "vcluster-guard",
                "policy": "vcluster-guard",
                "rule": "ha-embedded-db",
                "category": "replicas",
                "severity": "high",
                "result": "fail",
                "scored": true,
                "message": "3 replicas on the embedded database, which supports one",
                "timestamp": {"seconds": 42, "nanos": 0},
                "properties": {
                    "path": "controlPlane.statefulSet.highAvailability.replicas",
                    "consequence": "every pod that restarts exits",
                    "fix": "set controlPlane.statefulSet.highAvailability.replicas to 1",
                },
                "resources": [{"apiVersion": "v1", "kind": "Secret", "namespace": "team-a", "name": "vc-config-demo"}],
            }],
        })
    );
}

#[test]
fn a_policy_report_differs_in_names_and_has_no_source_of_its_own() {
    let mut report = quiet();
    finding(&mut report, 0, Severity::Deny, "ha-embedded-db");
    let mut one = dated(&report, Form::OpenReports, 42);
    let mut other = dated(&report, Form::PolicyReport, 42);
    assert_eq!(other["apiVersion"], "wgpolicyk8s.io/v1alpha2");
    assert_eq!(other["kind"], "PolicyReport");
    for report in [&mut one, &mut other] {
        let fields = report.as_object_mut().unwrap();
        fields.retain(|name, _| !["apiVersion", "kind", "source"].contains(&name.as_str()));
        report["metadata"]["annotations"] = Value::Null;
    }
    assert_eq!(one, other);
}

/// A report with one of everything that a result can be.
fn loud() -> Report {
    let mut report = quiet();
    finding(&mut report, 0, Severity::Info, "ha-etcd-even").exemption = Some(Exemption {
        reason: "ticket 4711".into(),
        until: "2030-01-31T18:00:00Z".into(),
    });
    for (severity, rule) in [
        (Severity::Info, "sch-priority"),
        (Severity::Warn, "lg-eol"),
        (Severity::Deny, "tr-store-change"),
        (Severity::Deny, "ha-embedded-db"),
    ] {
        finding(&mut report, 0, severity, rule);
    }
    report.undecided.push(Undecided {
        vcluster: 0,
        rule: "sch-required-antiaffinity",
        needs: Need::Nodes,
        namespace: "team-a".into(),
        release: "demo".into(),
    });
    let unused = Kind {
        topic: Topic::Exemption,
        id: "unused",
        title: "",
    };
    let observation = Observation::of(unused, &Release::new("team-a", "demo"), "nobody needs it");
    report.observations.push(observation);
    report
}

#[test]
fn results_are_what_the_forms_mean_by_them_worst_first() {
    let report = dated(&loud(), Form::PolicyReport, 42);
    let shown = ["result", "severity", "category", "rule"].map(|field| column(&report, field));
    let rows = (0..shown[0].len()).map(|row| shown.each_ref().map(|column| column[row]).join(" "));
    assert_eq!(
        rows.collect::<Vec<_>>(),
        [
            "fail high replicas ha-embedded-db",
            "fail high transition tr-store-change",
            "warn medium legacy lg-eol",
            "warn info scheduling sch-priority",
            "warn info exemption unused",
            "error medium scheduling sch-required-antiaffinity",
            "skip info replicas ha-etcd-even",
        ]
    );
    assert_eq!(
        report["summary"],
        json!({"pass": 80, "fail": 2, "warn": 3, "error": 1, "skip": 1})
    );
    let exempt = &report["results"][6]["properties"];
    assert_eq!(exempt["exempt-reason"], "ticket 4711");
    assert_eq!(exempt["exempt-until"], "2030-01-31T18:00:00Z");
    assert_eq!(report["results"][5]["properties"], json!({"needs": "nodes"}));
    let scored = report["results"].as_array().unwrap().iter();
    assert_eq!(scored.filter(|result| result["scored"] == true).count(), 2);
}

#[test]
fn the_hash_tells_what_a_report_says_and_not_when_or_in_which_order() {
    let mut report = quiet();
    finding(&mut report, 0, Severity::Deny, "ha-embedded-db");
    finding(&mut report, 0, Severity::Warn, "lg-eol");
    let hash = |report: &Report| document(report, Form::PolicyReport).hash;
    let first = hash(&report);
    report.findings.reverse();
    assert_eq!(hash(&report), first);
    assert_eq!(
        dated(&report, Form::PolicyReport, 99)["metadata"]["annotations"][HASH],
        first.as_str()
    );
    report.findings[0].message = "something else".into();
    assert_ne!(hash(&report), first);
}

#[test]
fn a_workload_that_was_made_anew_is_a_new_owner() {
    let mut report = quiet();
    let hash = |report: &Report| document(report, Form::PolicyReport).hash;
    let first = hash(&report);
    report.vclusters[0].owner.as_mut().unwrap().uid = "77aa".into();
    assert_ne!(hash(&report), first);
}

#[test]
fn a_report_is_bounded_in_results_and_says_how_many_are_left_out() {
    let mut report = quiet();
    for _ in 0..MOST_RESULTS + 7 {
        finding(&mut report, 0, Severity::Warn, "lg-eol");
    }
    let report = dated(&report, Form::PolicyReport, 42);
    assert_eq!(report["results"].as_array().unwrap().len(), MOST_RESULTS);
    assert_eq!(report["summary"]["warn"], MOST_RESULTS + 7);
    assert_eq!(report["metadata"]["annotations"][OMITTED], "7");
}

#[test]
fn a_report_is_bounded_in_bytes_and_so_is_each_text() {
    let mut report = quiet();
    for _ in 0..MOST_RESULTS {
        let long = finding(&mut report, 0, Severity::Warn, "lg-eol");
        long.message = "é".repeat(5000);
        long.consequence = "c".repeat(5000).into();
        long.fix = "f".repeat(5000).into();
    }
    let text = document(&report, Form::PolicyReport).dated(42);
    // The rest of the object, and the dates.
    assert!(text.len() < MOST_BYTES + 10_000, "{}", text.len());
    let report: Value = serde_json::from_slice(&text).unwrap();
    let kept = report["results"].as_array().unwrap().len();
    assert!(0 < kept && kept < MOST_RESULTS, "{kept}");
    assert_eq!(
        report["metadata"]["annotations"][OMITTED],
        (MOST_RESULTS - kept).to_string()
    );
    assert_eq!(column(&report, "message")[0], format!("{}…", "é".repeat(1024)));
}

#[test]
fn a_name_is_one_that_an_object_may_have() {
    assert_eq!(name("demo"), "vcluster-guard-demo");
    assert_eq!(name("a.b-c"), "vcluster-guard-a.b-c");
    let odd = ["My_Release", "", "ends-", "two..dots", "a.-b", &"x".repeat(250)];
    for release in odd {
        let name = name(release);
        assert!(
            is_label(&name) && name.len() == "vcluster-guard-".len() + 16,
            "{release:?}: {name}"
        );
    }
    assert_ne!(name("My_Release"), name("My_release"));
}
