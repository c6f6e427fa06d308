//! Snapshot pods, which vCluster makes from the pod template: its affinity comes along, its spread does not
//! (vcluster: pkg/snapshot/pod/pod.go). No kubelet runs, so where the scheduler puts them is what can be seen.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{PRO, embedded_etcd, until};
use crate::space::Space;

const LIMIT: Duration = Duration::from_secs(60);

#[test]
fn a_preferred_anti_affinity_sends_the_snapshot_pod_to_another_node() {
    let space = Space::new("snapshots-preferred");
    let (home, affinity) = control_plane(&space, None);
    space.create(&snapshot("free", &affinity, None)).success().unwrap();
    assert_ne!(node(&space, "free"), home);
    // A claim that binds its pods to a node, as local volumes do, wins.
    space
        .create(&snapshot("bound", &affinity, Some(&home)))
        .success()
        .unwrap();
    assert_eq!(node(&space, "bound"), home);
}

#[test]
fn a_required_anti_affinity_leaves_the_snapshot_pod_of_a_bound_claim_pending() {
    let space = Space::new("snapshots-required");
    let term = json!({
        "topologyKey": "kubernetes.io/hostname",
        "labelSelector": {"matchLabels": {"app": "vcluster", "release": "demo"}},
    });
    let required = json!({"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}});
    let (home, affinity) = control_plane(&space, Some(&required));
    space
        .create(&snapshot("bound", &affinity, Some(&home)))
        .success()
        .unwrap();
    let why = until("the scheduler to say why", LIMIT, || {
        let pod = space.stored("pod/bound").unwrap_or_default();
        let message = pod.pointer("/status/conditions/0/message").and_then(Value::as_str);
        Ok(message.map(str::to_owned))
    });
    assert!(why.unwrap().contains("anti-affinity"));
}

/// Three replicas on nodes; the node of the first, and the affinity of the template as it is stored.
fn control_plane(space: &Space, affinity: Option<&Value>) -> (String, Value) {
    let release = space.release("demo");
    space.create(&release.config(3, &embedded_etcd())).success().unwrap();
    let mut workload = release.workload(3, PRO);
    if let Some(affinity) = affinity {
        workload["spec"]["template"]["spec"]["affinity"] = affinity.clone();
    }
    space.create(&workload).success().unwrap();
    for pod in ["demo-1", "demo-2"] {
        node(space, pod);
    }
    let stored = space.stored("statefulset/demo").unwrap();
    let affinity = stored["spec"]["template"]["spec"]["affinity"].clone();
    (node(space, "demo-0"), affinity)
}

fn snapshot(name: &str, affinity: &Value, node: Option<&str>) -> Value {
    let mut pod = json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": {"app": "vcluster-snapshot"}},
        "spec": {
            "affinity": affinity,
            "containers": [{
                "name": "snapshot",
                "image": PRO,
                "volumeMounts": [{"name": "data", "mountPath": "/data"}],
            }],
            "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data-demo-0"}}],
        },
    });
    if let Some(node) = node {
        pod["spec"]["nodeSelector"] = json!({"kubernetes.io/hostname": node});
    }
    pod
}

/// The node of a pod, once it has one.
fn node(space: &Space, pod: &str) -> String {
    let node = until("the pod to have a node", LIMIT, || {
        let pod = space.stored(&format!("pod/{pod}")).unwrap_or_default();
        Ok(pod["spec"]["nodeName"].as_str().map(str::to_owned))
    });
    node.unwrap()
}
