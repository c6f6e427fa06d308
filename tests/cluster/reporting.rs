//! The reports that an audit keeps in the cluster, as the API server stores them and the garbage collector sees them.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Output, PRO, definitions, sqlite, until};
use crate::space::Space;

const LIMIT: Duration = Duration::from_secs(60);
const POLICY_REPORT: &str = "policyreport.wgpolicyk8s.io";
const OPEN_REPORT: &str = "report.openreports.io";

/// One story, because there is one cluster and it serves a kind to everybody or to nobody.
#[test]
fn a_vcluster_has_one_report_from_its_first_audit_to_its_end() {
    let space = Space::new("reported");
    for (name, replicas) in [("good", 1), ("bad", 3)] {
        let release = space.release(name);
        space
            .create_unseen(&release.config(replicas, &sqlite()))
            .success()
            .unwrap();
        space.create_unseen(&release.workload(replicas, PRO)).success().unwrap();
    }
    // Observations speak of claims: each that is made later is news.
    let claims = until("four claims with volumes", LIMIT, || {
        Ok((space.bound_claims() == 4).then_some(()))
    });
    claims.unwrap();
    good_and_bad_have_reports(&space, POLICY_REPORT);
    nothing_new_is_not_written(&space);
    a_change_is_written(&space);
    what_is_not_read_is_not_cleared_away(&space);
    the_workload_takes_its_report_along(&space);
    open_reports_win(&space);
    without_either_kind_that_is_said(&space);
}

fn good_and_bad_have_reports(space: &Space, kind: &str) {
    let audit = space.report();
    assert_told(&audit, "2 written, 0 unchanged, 0 left, 0 removed, 0 failed");
    let bad = report(space, kind, "bad");
    let workload = space.stored("statefulset/bad").unwrap();
    let owner =
        json!([{"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "bad", "uid": workload["metadata"]["uid"]}]);
    assert_eq!(bad["metadata"]["ownerReferences"], owner);
    assert_eq!(bad["scope"]["uid"], workload["metadata"]["uid"]);
    assert_eq!(failed(&bad), ["ha-embedded-db", "ha-multiple-in-namespace"]);
    assert_eq!(bad["summary"]["fail"], 2);
    assert_eq!(failed(&report(space, kind, "good")), ["ha-multiple-in-namespace"]);
}

fn nothing_new_is_not_written(space: &Space) {
    let before = versions(space, POLICY_REPORT);
    let audit = space.report();
    assert_told(&audit, "0 written, 2 unchanged, 0 left, 0 removed, 0 failed");
    assert_eq!(versions(space, POLICY_REPORT), before);
}

fn a_change_is_written(space: &Space) {
    let good = report(space, POLICY_REPORT, "good");
    let exempt = [
        "vcluster-guard.dev/exempt=ha-embedded-db",
        "vcluster-guard.dev/exempt-reason=ticket 4711",
        "vcluster-guard.dev/exempt-until=2999-01-01T00:00:00Z",
    ];
    space.run(&[&["annotate", "statefulset/bad"], exempt.as_slice()].concat());
    let audit = space.report();
    assert_told(&audit, "1 written, 1 unchanged, 0 left, 0 removed, 0 failed");
    let bad = report(space, POLICY_REPORT, "bad");
    assert_eq!(failed(&bad), ["ha-multiple-in-namespace"]);
    let results = bad["results"].as_array().unwrap();
    let skipped = results
        .iter()
        .find(|result| result["rule"] == "ha-embedded-db")
        .unwrap();
    assert_eq!(skipped["result"], "skip");
    assert_eq!(skipped["properties"]["exempt-reason"], "ticket 4711");
    assert_eq!(report(space, POLICY_REPORT, "good"), good);
}

fn what_is_not_read_is_not_cleared_away(space: &Space) {
    let ghost = json!({
        "apiVersion": "wgpolicyk8s.io/v1alpha2",
        "kind": "PolicyReport",
        "metadata": {"name": "vcluster-guard-ghost", "labels": {"app.kubernetes.io/managed-by": "vcluster-guard"}},
    });
    let foreign =
        json!({"apiVersion": "wgpolicyk8s.io/v1alpha2", "kind": "PolicyReport", "metadata": {"name": "foreign"}});
    space.create(&ghost).success().unwrap();
    space.create(&foreign).success().unwrap();
    let audit = space.audit_as(&space.auditor_without("nodes"), &["--reports"]);
    assert_told(&audit, "0 written, 2 unchanged, 0 left, 0 removed, 0 failed");
    // The Secret says what the workload does not: a report without it would say less.
    let audit = space.audit_as(&space.auditor_without("secrets"), &["--reports"]);
    assert_told(&audit, "0 written, 0 unchanged, 2 left, 0 removed, 0 failed");
    let names = [
        "foreign",
        "vcluster-guard-bad",
        "vcluster-guard-ghost",
        "vcluster-guard-good",
    ];
    assert_eq!(
        versions(space, POLICY_REPORT)
            .iter()
            .map(|(name, _)| name.as_str())
            .collect::<Vec<_>>(),
        names
    );

    let audit = space.report();
    assert_told(&audit, "0 written, 2 unchanged, 0 left, 1 removed, 0 failed");
    assert_eq!(space.stored(&format!("{POLICY_REPORT}/vcluster-guard-ghost")), None);
    assert!(space.stored(&format!("{POLICY_REPORT}/foreign")).is_some());
}

fn the_workload_takes_its_report_along(space: &Space) {
    space.run(&["delete", "statefulset/good", "secret/vc-config-good"]);
    let gone = until("the report to be collected", LIMIT, || {
        Ok(space
            .stored(&format!("{POLICY_REPORT}/vcluster-guard-good"))
            .is_none()
            .then_some(()))
    });
    gone.unwrap();
}

/// Two copies of one report would be shown twice; the newer kind is the one that is still worked on.
fn open_reports_win(space: &Space) {
    space.define(definitions::open_reports);
    let audit = space.report();
    assert_told(&audit, "1 written, 0 unchanged, 0 left, 1 removed, 0 failed");
    let bad = report(space, OPEN_REPORT, "bad");
    assert_eq!(bad["source"], "vcluster-guard");
    // Its neighbour is gone.
    assert_eq!(failed(&bad), [""; 0]);
    assert_eq!(space.stored(&format!("{POLICY_REPORT}/vcluster-guard-bad")), None);
}

fn without_either_kind_that_is_said(space: &Space) {
    space.run(&[
        "delete",
        "crd",
        "reports.openreports.io",
        "policyreports.wgpolicyk8s.io",
    ]);
    let audit = space.report();
    let why = "the cluster knows neither reports.openreports.io nor policyreports.wgpolicyk8s.io";
    assert!(audit.stderr.contains(why), "{audit}");
    assert_told(&audit, "0 written, 0 unchanged, 0 left, 0 removed, 0 failed");
}

fn report(space: &Space, kind: &str, release: &str) -> Value {
    space.stored(&format!("{kind}/vcluster-guard-{release}")).unwrap()
}

/// The rules that a report says are not met.
fn failed(report: &Value) -> Vec<&str> {
    let results = report["results"].as_array().unwrap().iter();
    let failed = results.filter(|result| result["result"] == "fail");
    failed.map(|result| result["rule"].as_str().unwrap()).collect()
}

/// Name and resource version of each report, by name.
fn versions(space: &Space, kind: &str) -> Vec<(String, Value)> {
    let all = space.run(&["get", kind, "-o", "json"]).json().unwrap();
    let metadata = all["items"].as_array().unwrap().iter().map(|item| &item["metadata"]);
    metadata
        .map(|metadata| {
            (
                metadata["name"].as_str().unwrap().to_owned(),
                metadata["resourceVersion"].clone(),
            )
        })
        .collect()
}

/// An audit says this of the reports.
#[track_caller]
fn assert_told(audit: &Output, reports: &str) {
    let mut lines = audit.stderr.lines();
    let told = lines.find_map(|line| line.strip_prefix("note: reports in the cluster: "));
    assert_eq!(told, Some(reports), "{audit}");
}
