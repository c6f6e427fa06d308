//! What people and controllers do with a vCluster in its life, step by step: none of it may be in the guard's way.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{PRO, Samples, embedded_etcd, sqlite, until};
use crate::space::Space;
use crate::standing;

const LIMIT: Duration = Duration::from_secs(60);

#[test]
fn helms_order_brings_the_budget_first_and_judges_it_by_the_values() {
    let space = Space::new("in-order");
    let release = space.release("good");
    let objects = [
        release.budget(&json!({"maxUnavailable": 1})),
        with_budget(release.config(3, &embedded_etcd()), &json!({"maxUnavailable": 1})),
        release.workload(3, PRO),
    ];
    for object in &objects {
        let answer = space.create(object).success().unwrap();
        assert!(!answer.stderr.contains("pdb-"), "{answer}");
    }

    // Nobody knows yet whose budget this is; the values, which come next, do.
    let release = space.release("bad");
    let budget = space.create(&release.budget(&json!({}))).success().unwrap();
    assert_eq!(budget.warnings(), [""; 0]);
    let answer = space.create(&with_budget(release.config(3, &embedded_etcd()), &json!({})));
    let refused = answer.refusal().is_some_and(|text| text.starts_with("pdb-empty: "));
    assert!(refused, "{answer}");
}

#[test]
fn an_upgrade_changes_values_and_workload_in_turn() {
    let space = Space::new("upgraded");
    let release = space.release("demo");
    let apply = |object: &Value| space.apply(&[], object).success().unwrap();
    apply(&release.config(1, &embedded_etcd()));
    apply(&release.workload(1, "ghcr.io/loft-sh/vcluster-pro:0.36.0"));
    // A newer version, and two members more.
    let config = apply(&release.config(3, &embedded_etcd()));
    assert_eq!(config.warnings(), [""; 0]);
    let workload = apply(&release.workload(3, PRO));
    let [injected] = workload.warnings()[..] else {
        panic!("one warning, of the injection: {workload}")
    };
    assert!(injected.starts_with("inject: "), "{workload}");
    let stored = space.stored("statefulset/demo").unwrap();
    assert_eq!(stored["spec"]["replicas"], 3);
    assert_eq!(image(&stored), PRO);
}

#[test]
fn pausing_and_resuming_in_one_patch_is_let_through() {
    let space = Space::new("paused-at-once");
    let release = space.release("demo");
    space.create(&release.config(1, &sqlite())).success().unwrap();
    space.create(&release.workload(1, PRO)).success().unwrap();
    pause_and_resume(&space, "statefulset/demo", 1);
}

#[test]
fn pausing_and_resuming_a_broken_vcluster_is_let_through() {
    pause_and_resume(&Space::at(standing::NAMESPACE), "statefulset/paused", 3);
}

/// As `vcluster pause` and `vcluster resume` do it: replicas and annotations in one merge patch.
fn pause_and_resume(space: &Space, object: &str, replicas: u32) {
    let step = |since: &Value, from: &Value, replicas: u32| {
        let annotations = json!({"loft.sh/paused": since, "loft.sh/paused-replicas": from});
        let change = json!({"metadata": {"annotations": annotations}, "spec": {"replicas": replicas}});
        patch(space, object, &change);
        assert_eq!(space.stored(object).unwrap()["spec"]["replicas"], replicas);
    };
    step(&json!("true"), &json!(replicas.to_string()), 0);
    step(&Value::Null, &Value::Null, replicas);
}

#[test]
fn certificates_of_a_broken_vcluster_can_be_renewed() {
    let space = Space::at(standing::NAMESPACE);
    // The patch that vCluster sends itself: it restarts every pod.
    let rotation = json!({"spec": {"template": {"metadata": {"annotations": {
        "vcluster.loft.sh/cert-rotation-at": "2026-01-01T00:00:00Z",
    }}}}});
    patch(&space, "statefulset/rotated", &rotation);
    let stored = space.stored("statefulset/rotated").unwrap();
    let annotations = &stored["spec"]["template"]["metadata"]["annotations"];
    assert_eq!(annotations["vcluster.loft.sh/cert-rotation-at"], "2026-01-01T00:00:00Z");
}

#[test]
fn a_rollout_restart_of_a_broken_vcluster_is_let_through() {
    let space = Space::at(standing::NAMESPACE);
    space.run(&["rollout", "restart", "statefulset/restarted"]);
    let stored = space.stored("statefulset/restarted").unwrap();
    let annotations = &stored["spec"]["template"]["metadata"]["annotations"];
    assert!(
        annotations["kubectl.kubernetes.io/restartedAt"].is_string(),
        "{annotations}"
    );
}

#[test]
fn larger_claims_take_an_orphaned_deletion_as_the_advice_says() {
    let space = Space::new("orphaned");
    let release = space.release("demo");
    space
        .create(&with_size(release.config(3, &embedded_etcd()), "5Gi"))
        .success()
        .unwrap();
    space.create(&release.workload(3, PRO)).success().unwrap();
    let before = pods(&space);

    let values = space.apply(&[], &with_size(release.config(3, &embedded_etcd()), "10Gi"));
    let refused = values.refusal().is_some_and(|text| text.starts_with("pe-size: "));
    assert!(refused, "{values}");
    let larger = larger(&release);
    let workload = space.apply(&[], &larger);
    assert!(
        !workload.ok && workload.stderr.contains("updates to statefulset spec"),
        "{workload}"
    );
    let advised = workload.warnings().iter().any(|warning| {
        warning.starts_with("ss-immutable: ") && warning.contains("kubectl delete statefulset NAME --cascade=orphan")
    });
    assert!(advised, "{workload}");

    space.run(&["delete", "statefulset/demo", "--cascade=orphan"]);
    until("the guard to look again", LIMIT, || {
        let values = space.apply(&[], &with_size(release.config(3, &embedded_etcd()), "10Gi"));
        Ok(values.ok.then_some(()))
    })
    .expect("nothing is left that could not change");
    space.apply(&[], &larger).success().unwrap();
    assert_eq!(pods(&space), before, "adopted, not started anew");
}

fn patch(space: &Space, object: &str, patch: &Value) {
    space.run(&["patch", object, "--type=merge", "-p", &patch.to_string()]);
}

/// The pods of the release by their uids, once all three are there.
fn pods(space: &Space) -> BTreeSet<String> {
    let uids = [
        "get",
        "pods",
        "-l",
        "release=demo",
        "-o",
        "jsonpath={.items[*].metadata.uid}",
    ];
    until("three pods", LIMIT, || {
        let uids = space.kubectl(&uids).success()?.stdout;
        let uids: BTreeSet<String> = uids.split_whitespace().map(str::to_owned).collect();
        Ok((uids.len() == 3).then_some(uids))
    })
    .unwrap()
}

fn larger(release: &Samples) -> Value {
    let mut workload = release.workload(3, PRO);
    workload["spec"]["volumeClaimTemplates"][0]["spec"]["resources"]["requests"]["storage"] = json!("10Gi");
    workload
}

fn with_size(config: Value, size: &str) -> Value {
    with(
        config,
        "/controlPlane/statefulSet/persistence/volumeClaim",
        "size",
        &size.into(),
    )
}

fn with_budget(config: Value, numbers: &Value) -> Value {
    let mut budget = numbers.clone();
    budget["enabled"] = true.into();
    let advanced = json!({"podDisruptionBudget": budget});
    with(config, "/controlPlane", "advanced", &advanced)
}

/// The Secret with one more value at a place of its config.
fn with(mut config: Value, place: &str, key: &str, value: &Value) -> Value {
    let text = &mut config["stringData"]["config.yaml"];
    let mut values: Value = serde_json::from_str(text.as_str().unwrap_or_default()).unwrap();
    values.pointer_mut(place).unwrap()[key] = value.clone();
    *text = values.to_string().into();
    config
}

fn image(workload: &Value) -> &str {
    let image = workload.pointer("/spec/template/spec/containers/0/image");
    image.and_then(Value::as_str).unwrap_or_default()
}
