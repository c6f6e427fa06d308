//! Changes to vClusters that stand: what was broken before stays operable, what was good stays good.

use serde_json::json;

use crate::harness::{embedded_etcd, sqlite};
use crate::space::Space;
use crate::standing;

#[test]
fn metadata_of_a_broken_vcluster_can_be_changed() {
    let space = Space::at(standing::NAMESPACE);
    for object in ["secret/vc-config-annotated", "statefulset/annotated"] {
        space.run(&["annotate", object, "team=a"]);
        space.run(&["label", object, "stage=test"]);
    }
    // What vCluster itself does when it renews its certificates.
    let rotation = json!({"spec": {"template": {"metadata": {"annotations": {
        "vcluster.loft.sh/cert-rotation-at": "2026-01-01T00:00:00Z",
    }}}}});
    space.run(&[
        "patch",
        "statefulset/annotated",
        "--type=merge",
        "-p",
        &rotation.to_string(),
    ]);
}

#[test]
fn a_broken_vcluster_can_be_mended() {
    let space = Space::at(standing::NAMESPACE);
    let release = space.release("mended");
    space.apply(&[], &release.config(1, &sqlite())).success().unwrap();
    space.run(&["scale", "statefulset/mended", "--replicas=1"]);
    // Once mended, the way back is closed.
    let back = space.kubectl(&["scale", "statefulset/mended", "--replicas=3"]);
    assert!(back.refusal().is_some(), "{back}");
}

#[test]
fn a_broken_vcluster_with_a_finalizer_can_be_deleted() {
    let space = Space::at(standing::NAMESPACE);
    for object in ["statefulset/finalized", "secret/vc-config-finalized"] {
        let finalizer = json!({"metadata": {"finalizers": ["example.com/backup"]}}).to_string();
        space.run(&["patch", object, "--type=merge", "-p", &finalizer]);
        space.run(&["delete", object, "--wait=false"]);
        let leaving = space.stored(object).expect("the finalizer holds it");
        assert!(leaving["metadata"]["deletionTimestamp"].is_string());
        let none = json!({"metadata": {"finalizers": null}}).to_string();
        space.run(&["patch", object, "--type=merge", "-p", &none]);
        assert_eq!(space.stored(object), None);
    }
}

#[test]
fn a_broken_vcluster_can_be_deleted_in_the_foreground() {
    let space = Space::at(standing::NAMESPACE);
    // No kubelet runs, so nobody else ends the pods that the garbage collector waits for.
    space.run(&[
        "delete",
        "statefulset/foreground",
        "--cascade=foreground",
        "--wait=false",
    ]);
    space.run(&[
        "delete",
        "pods",
        "-l",
        "release=foreground",
        "--force",
        "--grace-period=0",
    ]);
    space.run(&["wait", "--for=delete", "statefulset/foreground", "--timeout=60s"]);
}

#[test]
fn another_store_for_a_standing_vcluster_is_refused() {
    let space = Space::new("store-change");
    let release = space.release("demo");
    space
        .apply(&[], &release.config(1, &embedded_etcd()))
        .success()
        .unwrap();
    let answer = space.apply(&[], &release.config(1, &sqlite()));
    let denial = space.denial(
        "demo",
        "tr-store-change: the store changes from embedded etcd to embedded database (controlPlane.backingStore); \
         fix: go back to the old store; the one supported move is deployed etcd to embedded etcd with \
         etcd.embedded.migrateFromDeployedEtcd: true. Anything else is a new vCluster and a restore",
    );
    assert_eq!(answer.refusal(), Some(denial.as_str()), "{answer}");
}
