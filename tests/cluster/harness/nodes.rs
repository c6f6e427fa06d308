//! Nodes and volumes without machines: enough for the scheduler to place pods and bind their claims.
//!
//! No kubelet runs, so pods stay Pending once they are bound; where the scheduler put them is what counts.

use std::iter;

use serde_json::{Value, json};

use super::ControlPlane;

const ZONES: [char; 3] = ['a', 'b', 'c'];
const NODES_A_ZONE: usize = 2;
/// One a pod that any test has placed: without one left, the next pod waits for ever.
const VOLUMES: usize = 300;

/// Creates six ready nodes in three zones, and volumes for claims.
pub(crate) fn create(cluster: &ControlPlane) -> anyhow::Result<()> {
    let numbers = 1..=NODES_A_ZONE;
    let nodes: Vec<Value> = numbers
        .flat_map(|number| ZONES.map(|zone| node(zone, number)))
        .collect();
    let nodes = list(&nodes);
    let apply = ["apply", "--server-side", "-f", "-"];
    cluster.kubectl(&apply, &nodes)?.success()?;
    cluster
        .kubectl(&["apply", "--server-side", "--subresource=status", "-f", "-"], &nodes)?
        .success()?;
    // The API server taints each new node until the controller that we do not run finds it ready.
    let untaint = ["taint", "nodes", "--all", "node.kubernetes.io/not-ready:NoSchedule-"];
    cluster.kubectl(&untaint, "")?.success()?;
    let storage: Vec<Value> = iter::once(storage_class()).chain((0..VOLUMES).map(volume)).collect();
    cluster.kubectl(&apply, &list(&storage))?.success()?;
    Ok(())
}

fn list(items: &[Value]) -> String {
    json!({"apiVersion": "v1", "kind": "List", "items": items}).to_string()
}

// The name tells the zone, so that a list of pods shows both.
fn node(zone: char, number: usize) -> Value {
    let name = format!("node-{zone}{number}");
    let zone = format!("zone-{zone}");
    let room = json!({"cpu": "16", "memory": "64Gi", "ephemeral-storage": "500Gi", "pods": "110"});
    json!({
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "labels": {
                "kubernetes.io/hostname": name,
                "topology.kubernetes.io/zone": zone,
            },
        },
        "status": {
            "capacity": room,
            "allocatable": room,
            "conditions": [{
                "type": "Ready",
                "status": "True",
                "reason": "Declared",
                "lastHeartbeatTime": null,
                "lastTransitionTime": null,
            }],
        },
    })
}

fn storage_class() -> Value {
    json!({
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {
            "name": "standing",
            "annotations": {"storageclass.kubernetes.io/is-default-class": "true"},
        },
        "provisioner": "kubernetes.io/no-provisioner",
        "volumeBindingMode": "WaitForFirstConsumer",
    })
}

fn volume(index: usize) -> Value {
    let name = format!("volume-{:03}", index + 1);
    json!({
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": name},
        "spec": {
            "capacity": {"storage": "10Gi"},
            "accessModes": ["ReadWriteOnce"],
            "storageClassName": "standing",
            // Nothing is ever mounted; a claim of a deleted vCluster must not block a later one.
            "persistentVolumeReclaimPolicy": "Retain",
            "hostPath": {"path": format!("/nowhere/{name}")},
        },
    })
}
