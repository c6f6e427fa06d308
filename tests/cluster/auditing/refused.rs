//! What the API server does not let an audit read.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

use super::account;
use super::proxy::{Fault, Plan, Proxy};
use super::seat::{self, Seat};
use crate::harness::{PRO, embedded_etcd, until};
use crate::space::Space;

const LIMIT: Duration = Duration::from_secs(60);

#[test]
fn a_kind_that_may_not_be_listed_is_named_and_leaves_its_rules_undecided() {
    let space = Space::new("half-sighted");
    let kubeconfig = account::create(&space, "no-secrets", &["secrets"]);
    let audit = space.audit_as(&kubeconfig, &["-o", "json"]);
    assert_eq!(audit.code, Some(2), "{audit}");
    let report = audit.json().unwrap();
    let line = "the list of secrets: this account may not read it; grant list on secrets";
    assert_eq!(report["incomplete"], json!([line]), "{audit}");
    assert!(space.create(&space.release("demo").workload(1, PRO)).ok);
    let report = space.audit_as(&kubeconfig, &["-o", "json"]).json().unwrap();
    let undecided = report["undecided"].as_array().unwrap();
    let config = json!({"rule": "ha-embedded-db", "needs": "config", "namespace": "half-sighted", "release": "demo"});
    assert!(undecided.contains(&config), "{undecided:?}");
}

#[test]
fn webhooks_that_may_not_be_read_are_never_called_missing() {
    let space = Space::new("unwatched");
    let hidden = ["validatingwebhookconfigurations", "mutatingwebhookconfigurations"];
    let kubeconfig = account::create(&space, "no-webhooks", &hidden);
    let audit = space.audit_as(&kubeconfig, &["-o", "json"]);
    assert_eq!(audit.code, Some(2), "{audit}");
    let line = |resource: &str| {
        let resource = format!("{resource}.admissionregistration.k8s.io");
        format!("the list of {resource}: this account may not read it; grant list on {resource}")
    };
    let report = audit.json().unwrap();
    assert_eq!(report["incomplete"], json!(hidden.map(line)), "{audit}");
    assert_eq!(report["observations"], Value::Null, "{audit}");
}

/// The kinds that are listed, as incomplete runs name them.
const LISTED: [&str; 12] = [
    "statefulsets.apps",
    "deployments.apps",
    "poddisruptionbudgets.policy",
    "horizontalpodautoscalers.autoscaling",
    "secrets",
    "persistentvolumeclaims",
    "nodes",
    "priorityclasses.scheduling.k8s.io",
    "persistentvolumes",
    "storageclasses.storage.k8s.io",
    "validatingwebhookconfigurations.admissionregistration.k8s.io",
    "mutatingwebhookconfigurations.admissionregistration.k8s.io",
];

#[test]
fn an_account_that_is_turned_away_for_good_makes_no_clean_run() {
    let space = Space::new("turned-away");
    let kubeconfig = account::create(&space, "turned-away", &[]);
    seat::limit(&space, "turned-away");
    let _seat = take_the_seat(&space, &kubeconfig);
    let audit = space.audit_as(&kubeconfig, &["-o", "json", "--attempts", "2"]);
    assert_eq!(audit.code, Some(2), "{audit}");
    let lines = LISTED.map(|resource| format!("the list of {resource}: the apiserver answered 429"));
    assert_eq!(audit.json().unwrap()["incomplete"], json!(lines), "{audit}");
}

#[test]
fn an_account_that_is_turned_away_for_a_moment_comes_back() {
    let space = Space::new("delayed");
    assert!(space.create(&space.release("demo").config(3, &embedded_etcd())).ok);
    let whole = space.audit(&["-o", "json"]);
    let kubeconfig = account::create(&space, "delayed", &[]);
    seat::limit(&space, "delayed");
    let seat = Mutex::new(Some(take_the_seat(&space, &kubeconfig)));
    // When it asks again, the seat is free.
    let first: &[&str] = &["/validatingwebhookconfigurations?"];
    let plans = vec![
        Plan {
            about: first,
            times: 1,
            fault: Fault::Pass,
        },
        Plan {
            about: first,
            times: 1,
            fault: Fault::First(Arc::new(move || drop(seat.lock().unwrap().take()))),
        },
    ];
    let proxy = Proxy::start(&kubeconfig, plans);
    let audit = space.audit_as(&proxy.kubeconfig(), &["-o", "json"]);
    assert_eq!(audit.stdout, whole.stdout, "{audit}");
    assert!(proxy.count(first) >= 2);
}

/// Once the level is in force, whoever comes next finds no seat.
fn take_the_seat(space: &Space, kubeconfig: &Path) -> Seat {
    let read: Value = serde_json::from_slice(&std::fs::read(kubeconfig).unwrap()).unwrap();
    let taken = || {
        let seat = Seat::take(&read);
        let audit = space.audit_as(kubeconfig, &["-o", "json", "--attempts", "1"]);
        Ok((audit.stdout.matches("the apiserver answered 429").count() == LISTED.len()).then_some(seat))
    };
    until("priority and fairness to turn the account away", LIMIT, taken).unwrap()
}
