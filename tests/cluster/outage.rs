//! The guard is down and failurePolicy is Fail: only vClusters may notice.

use serde_json::json;

use crate::harness::{ControlPlane, PRO, Samples, sqlite};
use crate::space::alone;
use crate::standing;

const NAMESPACE: &str = "outage";
const FOREIGNERS: &str = "tests/cluster/foreigners.yaml";

#[test]
fn nothing_but_vclusters_notices_an_outage() {
    let mut world = alone();
    run(&world.cluster, &["create", "namespace", NAMESPACE], "");
    let before = world.cluster.metrics().unwrap();
    world
        .while_down(|cluster| {
            foreigners_come_and_go(cluster);
            the_guard_can_be_installed_again(cluster);
            a_vcluster_can_be_given_up(cluster);
            a_vcluster_cannot_be_created(cluster);
        })
        .unwrap();
    let after = world.cluster.metrics().unwrap();
    let steps = |before: f64, after: f64| format!("{:.0}", after - before);
    assert_eq!(
        steps(before.match_condition_errors(), after.match_condition_errors()),
        "0"
    );
    assert_eq!(
        steps(before.failed_calls(), after.failed_calls()),
        "1",
        "refused: the vCluster"
    );
    assert_eq!(
        steps(before.fail_open(), after.fail_open()),
        "1",
        "not mended: the same vCluster"
    );
}

fn foreigners_come_and_go(cluster: &ControlPlane) {
    run(cluster, &["create", "-f", FOREIGNERS], "");
    run(cluster, &["label", "-f", FOREIGNERS, "seen=true"], "");
    for workload in [
        "statefulset/bare",
        "statefulset/full",
        "deployment/bare",
        "deployment/tenant",
    ] {
        run(cluster, &["scale", workload, "--replicas=2"], "");
    }
    // What an autoscaler sends: a whole Scale, without the selector.
    let path = format!("/apis/apps/v1/namespaces/{NAMESPACE}/deployments/bare/scale");
    let scale = json!({
        "apiVersion": "autoscaling/v1",
        "kind": "Scale",
        "metadata": {"name": "bare", "namespace": NAMESPACE},
        "spec": {"replicas": 3},
    });
    run(cluster, &["replace", "--raw", &path, "-f", "-"], &scale.to_string());
    run(cluster, &["delete", "-f", FOREIGNERS, "--wait=false"], "");
}

/// Its own namespace and kube-system are never judged, whatever is in them.
fn the_guard_can_be_installed_again(cluster: &ControlPlane) {
    for namespace in ["vcluster-guard", "kube-system"] {
        let release = Samples::new(namespace, "own");
        for object in [release.config(3, &sqlite()), release.workload(1, PRO)] {
            let create = ["create", "--dry-run=server", "-f", "-"];
            cluster
                .kubectl(&create, &object.to_string())
                .unwrap()
                .success()
                .unwrap();
        }
    }
}

fn a_vcluster_can_be_given_up(cluster: &ControlPlane) {
    let delete = ["delete", "--wait=false", "--namespace", standing::NAMESPACE];
    let abandoned = ["statefulset/abandoned", "secret/vc-config-abandoned"];
    cluster
        .kubectl(&[delete.as_slice(), &abandoned].concat(), "")
        .unwrap()
        .success()
        .unwrap();
}

/// The proof that the guard is down: the webhook that mends is passed over, the one that judges is not.
fn a_vcluster_cannot_be_created(cluster: &ControlPlane) {
    let workload = Samples::new(NAMESPACE, "demo").workload(1, PRO).to_string();
    let answer = cluster.kubectl(&["create", "-f", "-"], &workload).unwrap();
    let failed = "failed calling webhook \"workloads.validate.vcluster-guard.dev\"";
    assert!(!answer.ok && answer.stderr.contains(failed), "{answer}");
}

fn run(cluster: &ControlPlane, arguments: &[&str], input: &str) {
    let here = ["--namespace", NAMESPACE];
    cluster
        .kubectl(&[&here, arguments].concat(), input)
        .unwrap()
        .success()
        .unwrap();
}
