//! Trouble on the way to the API server: what passes is waited out, what stays is said.

use std::sync::Arc;

use serde_json::{Value, json};

use super::proxy::{Fault, Plan, Proxy};
use crate::harness::{Output, PRO, embedded_etcd};
use crate::space::Space;

const PASSWORD: &str = "correct-horse-battery-staple";

/// A namespace with so many vClusters, of which nothing is denied.
fn space(name: &str, vclusters: usize) -> Space {
    let space = Space::new(name);
    for number in 0..vclusters {
        let release = space.release(&format!("demo-{number}"));
        let mut secret = release.config(3, &embedded_etcd());
        secret["metadata"]["annotations"] = json!({"example.com/note": PASSWORD});
        space.create(&secret).success().unwrap();
        let workload = release.workload(3, PRO);
        // It is about reading: several in one namespace would be denied.
        space.create_unseen(&workload).success().unwrap();
    }
    space
}

fn audit(space: &Space, plans: Vec<Plan>, flags: &[&str]) -> (Output, Proxy) {
    let proxy = Proxy::start(&space.kubeconfig(), plans);
    let audit = space.audit_as(&proxy.kubeconfig(), &[&["-o", "json"], flags].concat());
    assert!(
        !audit.stdout.contains(PASSWORD) && !audit.stderr.contains(PASSWORD),
        "{audit}"
    );
    (audit, proxy)
}

fn plan(about: &'static [&'static str], times: usize, fault: Fault) -> Plan {
    Plan { about, times, fault }
}

const ALWAYS: usize = usize::MAX;

#[test]
fn trouble_that_passes_leaves_no_trace() {
    let space = space("stormy", 1);
    let whole = space.audit(&["-o", "json"]);
    let plans = vec![
        plan(&["/statefulsets?"], 2, Fault::Answer(503, None)),
        plan(&["/deployments?"], 1, Fault::Answer(500, None)),
        plan(&["/poddisruptionbudgets?"], 1, Fault::Silence),
        plan(&["/secrets?"], 1, Fault::Cut),
        plan(
            &["/persistentvolumeclaims?"],
            1,
            Fault::Replace("\"items\":", "\"items\":{"),
        ),
    ];
    let (audit, proxy) = audit(&space, plans, &["--request-timeout", "2s"]);
    assert_eq!(audit.stdout, whole.stdout, "{audit}");
    let asked = [
        "/statefulsets?",
        "/deployments?",
        "/poddisruptionbudgets?",
        "/secrets?",
        "/persistentvolumeclaims?",
    ];
    assert_eq!(asked.map(|path| proxy.count(&[path])), [3, 2, 2, 2, 2]);
}

#[test]
fn retry_after_is_waited_for() {
    let space = space("patient", 0);
    let plans = vec![plan(&["/secrets?"], 1, Fault::Answer(429, Some(2)))];
    let start = std::time::Instant::now();
    let (audit, _) = audit(&space, plans, &[]);
    assert_eq!(audit.code, Some(0), "{audit}");
    assert!(start.elapsed().as_secs() >= 2);
}

#[test]
fn trouble_that_stays_is_said() {
    let space = space("sinking", 1);
    let plans = vec![
        plan(&["/statefulsets?"], ALWAYS, Fault::Answer(500, None)),
        plan(&["/poddisruptionbudgets?"], ALWAYS, Fault::Silence),
        plan(&["/secrets?"], ALWAYS, Fault::Cut),
    ];
    let (audit, proxy) = audit(&space, plans, &["--request-timeout", "500ms", "--attempts", "3"]);
    assert_eq!(audit.code, Some(2), "{audit}");
    let lines = [
        "the list of statefulsets.apps: the apiserver answered 500",
        "the list of poddisruptionbudgets.policy: the apiserver did not answer in time",
        "the list of secrets: the answer is no whole list",
    ];
    assert_eq!(audit.json().unwrap()["incomplete"], json!(lines), "{audit}");
    assert_eq!(proxy.count(&["/statefulsets?"]), 3);
}

#[test]
fn an_apiserver_that_is_gone_is_said() {
    let space = space("lost", 0);
    let proxy = Proxy::start(&space.kubeconfig(), Vec::new());
    let kubeconfig = proxy.kubeconfig();
    proxy.stop();
    let audit = space.audit_as(&kubeconfig, &["-o", "json", "--attempts", "2"]);
    assert_eq!(audit.code, Some(2), "{audit}");
    let incomplete = audit.json().unwrap()["incomplete"].clone();
    assert_eq!(incomplete.as_array().unwrap().len(), 13, "{incomplete}");
    assert_eq!(
        incomplete[0],
        "the version of the cluster: the apiserver could not be reached"
    );
    assert_eq!(
        incomplete[1],
        "the list of statefulsets.apps: the apiserver could not be reached"
    );
}

#[test]
fn a_list_that_ends_early_says_how_far_it_came() {
    let space = Space::new("half-way");
    for name in ["demo-0", "demo-1", "demo-2"] {
        space
            .create(&space.release(name).config(3, &embedded_etcd()))
            .success()
            .unwrap();
    }
    let plans = vec![plan(&["/secrets?", "continue="], ALWAYS, Fault::Answer(500, None))];
    let (audit, _) = audit(&space, plans, &["--page-size", "1", "--attempts", "1"]);
    assert_eq!(audit.code, Some(2), "{audit}");
    let line = "the list of secrets after half-way/vc-config-demo-0: the apiserver answered 500";
    assert_eq!(audit.json().unwrap()["incomplete"], json!([line]), "{audit}");
}

#[test]
fn what_cannot_be_decoded_is_named_without_its_text() {
    let space = space("garbled", 2);
    let plans = vec![
        plan(
            &["/statefulsets?"],
            1,
            Fault::Replace("\"serviceName\":\"demo-0-headless\"", "\"serviceName\":7"),
        ),
        plan(
            &["/secrets?"],
            1,
            Fault::Replace("\"data\":{", "\"data\":{\"config.yaml\":7},\"x\":{"),
        ),
    ];
    let (audit, _) = audit(&space, plans, &[]);
    assert_eq!(audit.code, Some(2), "{audit}");
    let report = audit.json().unwrap();
    let lines = [
        "StatefulSet garbled/demo-0 cannot be decoded: spec.serviceName must be a string",
        "Secret garbled/vc-config-demo-0 cannot be decoded: data.config.yaml must be a string",
        "Secret garbled/vc-config-demo-1 cannot be decoded: data.config.yaml must be a string",
    ];
    assert_eq!(report["incomplete"], json!(lines), "{audit}");
    assert!(needs(&report, "demo-1", "ha-embedded-db", "config"), "{audit}");
}

fn needs(report: &Value, release: &str, rule: &str, need: &str) -> bool {
    let mut undecided = report["undecided"].as_array().unwrap().iter();
    undecided.any(|open| open["release"] == release && open["rule"] == rule && open["needs"] == need)
}

#[test]
fn a_list_that_expires_goes_on_and_nothing_comes_twice() {
    let space = space("expiring", 1);
    for number in 0..4 {
        let mut budget = space.release("demo-0").budget(&json!({"maxUnavailable": 1}));
        budget["metadata"]["name"] = format!("budget-{number}").into();
        space.create(&budget).success().unwrap();
    }
    let whole = space.audit(&["-o", "json"]);
    let store = space.store();
    let compact = move || store.compact().unwrap();
    let plans = vec![
        // The second page is asked for in a state that the store has just forgotten.
        plan(
            &["/poddisruptionbudgets?", "continue="],
            1,
            Fault::First(Arc::new(compact)),
        ),
    ];
    let (audit, proxy) = audit(&space, plans, &["--page-size", "1", "--log-level", "info"]);
    assert_eq!(audit.stdout, whole.stdout, "{audit}");
    assert!(
        audit.stderr.contains("the list expired; going on from where it was"),
        "{audit}"
    );
    assert_eq!(proxy.count(&["/poddisruptionbudgets?"]), 5);
}
