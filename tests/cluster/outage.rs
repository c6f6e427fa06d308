//! The guard is down and failurePolicy is Fail: only vClusters may notice.

use serde_json::{Value, json};

use crate::harness::{ControlPlane, PRO, Samples};
use crate::space::alone;
use crate::standing;

const NAMESPACE: &str = "outage";

#[test]
fn nothing_but_vclusters_notices_an_outage() {
    let mut world = alone();
    world
        .cluster
        .kubectl(&["create", "namespace", NAMESPACE], "")
        .unwrap()
        .success()
        .unwrap();
    let before = world.cluster.metrics().unwrap();
    world.while_down(foreigners_come_and_go).unwrap();
    let after = world.cluster.metrics().unwrap();
    assert_eq!(
        steps(before.match_condition_errors(), after.match_condition_errors()),
        0
    );
    assert_eq!(
        steps(before.failed_calls(), after.failed_calls()),
        1,
        "one refusal, of a vCluster"
    );
    assert_eq!(
        steps(before.fail_open(), after.fail_open()),
        1,
        "one call passed over, for the same vCluster"
    );
}

/// By how much a counter has grown.
fn steps(before: f64, after: f64) -> i64 {
    format!("{:.0}", after - before).parse().unwrap()
}

fn foreigners_come_and_go(cluster: &ControlPlane) {
    for object in foreigners() {
        run(cluster, &["create", "-f", "-"], &object);
        run(cluster, &["label", "-f", "-", "seen=true"], &object);
    }
    for workload in [
        "statefulset/bare",
        "statefulset/labelled",
        "deployment/bare",
        "deployment/labelled",
    ] {
        run(cluster, &["scale", workload, "--replicas=2"], &Value::Null);
    }
    for object in foreigners() {
        run(cluster, &["delete", "-f", "-", "--wait=false"], &object);
    }
    // A vCluster can always be given up.
    let abandoned = ["statefulset/abandoned", "secret/vc-config-abandoned"];
    let delete = ["delete", "--wait=false", "--namespace", standing::NAMESPACE];
    cluster
        .kubectl(&[delete.as_slice(), &abandoned].concat(), "")
        .unwrap()
        .success()
        .unwrap();
    // The proof that the guard is down: the mending webhook is passed over, the judging one is not.
    let workload = Samples::new(NAMESPACE, "demo").workload(1, PRO).to_string();
    let answer = cluster.kubectl(&["create", "-f", "-"], &workload).unwrap();
    let failed = "failed calling webhook \"workloads.validate.vcluster-guard.dev\"";
    assert!(!answer.ok && answer.stderr.contains(failed), "{answer}");
}

fn run(cluster: &ControlPlane, arguments: &[&str], object: &Value) {
    let here = ["--namespace", NAMESPACE];
    cluster
        .kubectl(&[&here, arguments].concat(), &object.to_string())
        .unwrap()
        .success()
        .unwrap();
}

/// Objects of every kind that the webhooks match, with as little in them as the API allows.
fn foreigners() -> Vec<Value> {
    let mut objects = Vec::new();
    for kind in ["StatefulSet", "Deployment"] {
        for (name, labels) in [
            ("bare", json!(null)),
            ("labelled", json!({"app": "web", "release": "web"})),
        ] {
            objects.push(workload(kind, name, &labels));
        }
    }
    objects.push(object("v1", "Secret", "bare", &json!({})));
    objects.push(object(
        "v1",
        "Secret",
        "config",
        &json!({"stringData": {"config.yaml": "a: b"}}),
    ));
    objects.push(object(
        "policy/v1",
        "PodDisruptionBudget",
        "no-selector",
        &json!({"spec": {"minAvailable": 1}}),
    ));
    let foreign = json!({"spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "web"}}}});
    objects.push(object("policy/v1", "PodDisruptionBudget", "foreign", &foreign));
    let expressions = json!({"matchExpressions": [{"key": "app", "operator": "Exists"}]});
    let expressions = json!({"spec": {"maxUnavailable": 1, "selector": expressions}});
    objects.push(object("policy/v1", "PodDisruptionBudget", "expressions", &expressions));
    objects
}

fn object(version: &str, kind: &str, name: &str, rest: &Value) -> Value {
    let mut object = json!({"apiVersion": version, "kind": kind, "metadata": {"name": name}});
    if let (Some(object), Some(rest)) = (object.as_object_mut(), rest.as_object()) {
        object.extend(rest.clone());
    }
    object
}

fn workload(kind: &str, name: &str, labels: &Value) -> Value {
    let selector = json!({"pod": name});
    let spec = json!({"spec": {
        "replicas": 1,
        "selector": {"matchLabels": selector},
        "template": {
            "metadata": {"labels": selector},
            "spec": {"containers": [{"name": "main", "image": "main:1"}]},
        },
    }});
    let mut workload = object("apps/v1", kind, name, &spec);
    workload["metadata"]["labels"] = labels.clone();
    workload
}
