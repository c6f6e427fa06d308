//! vClusters by the thousand: what a cluster holds of each.

use std::fmt::Write;

use anyhow::Context;
use serde_json::{Value, json};

/// A control plane as kube-apiserver stores it.
const WORKLOAD: &str = include_str!("../payloads/statefulset.json");

/// Lines that make a config of 10 KB, as long as the one that the chart renders.
const FILLING: usize = 280;

/// Every tenth has something wrong that is denied.
const FAULTY: usize = 10;

/// An object, and the path of the collection that it is created in.
pub(crate) type Created = (String, Value);

/// The objects of vCluster number `index`: a namespace, a Secret, a `StatefulSet`, a budget and three claims.
pub(crate) fn vcluster(index: usize) -> anyhow::Result<Vec<Created>> {
    let (namespace, name) = (format!("tenant-{index:05}"), format!("vc-{index:05}"));
    let labels = json!({"app": "vcluster", "chart": "vcluster-0.36.1", "release": name, "heritage": "Helm"});
    let in_namespace = |api: &str, plural: &str| format!("/{api}/namespaces/{namespace}/{plural}");
    let mut objects = vec![
        (
            "/api/v1/namespaces".to_owned(),
            json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}),
        ),
        (
            in_namespace("api/v1", "secrets"),
            json!({
                "apiVersion": "v1", "kind": "Secret", "type": "Opaque",
                "metadata": {"name": format!("vc-config-{name}"), "labels": labels},
                "stringData": {"config.yaml": config(index)?},
            }),
        ),
        (in_namespace("apis/apps/v1", "statefulsets"), workload(&name)?),
        (
            in_namespace("apis/policy/v1", "poddisruptionbudgets"),
            json!({
                "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": name},
                "spec": {"maxUnavailable": 1, "selector": {"matchLabels": {"app": "vcluster", "release": name}}},
            }),
        ),
    ];
    for ordinal in 0..3 {
        let claim = json!({
            "apiVersion": "v1", "kind": "PersistentVolumeClaim",
            "metadata": {"name": format!("data-{name}-{ordinal}"), "labels": {"app": "vcluster", "release": name}},
            "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "5Gi"}}},
        });
        objects.push((in_namespace("api/v1", "persistentvolumeclaims"), claim));
    }
    Ok(objects)
}

/// Nodes in three zones.
pub(crate) fn nodes(count: usize) -> Vec<Created> {
    let node = |index: usize| {
        let name = format!("node-{index:03}");
        let zone = format!("zone-{}", index % 3);
        let labels = json!({"kubernetes.io/hostname": name, "topology.kubernetes.io/zone": zone});
        let object = json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": labels}});
        ("/api/v1/nodes".to_owned(), object)
    };
    (0..count).map(node).collect()
}

fn workload(name: &str) -> anyhow::Result<Value> {
    let review: Value = serde_json::from_str(&WORKLOAD.replace("checkout", name))?;
    let mut object = review
        .pointer("/request/object")
        .context("the payload holds no object")?
        .clone();
    let metadata = object.pointer_mut("/metadata").and_then(Value::as_object_mut);
    let metadata = metadata.context("the payload has no metadata")?;
    for own in [
        "namespace",
        "uid",
        "generation",
        "creationTimestamp",
        "managedFields",
        "resourceVersion",
    ] {
        metadata.remove(own);
    }
    object["metadata"]["labels"]["chart"] = "vcluster-0.36.1".into();
    Ok(object)
}

fn config(index: usize) -> anyhow::Result<String> {
    let store = if index.is_multiple_of(FAULTY) {
        "    database:\n      embedded:\n        enabled: true\n"
    } else {
        "    etcd:\n      embedded:\n        enabled: true\n"
    };
    let mut text = format!(
        "controlPlane:\n  backingStore:\n{store}  statefulSet:\n    highAvailability:\n      replicas: 3\n      leaseDuration: \
         60\n      renewDeadline: 40\n      retryPeriod: 15\n    labels:\n"
    );
    for line in 0..FILLING {
        writeln!(text, "      example.com/label-{line:03}: value-{line}")?;
    }
    Ok(text)
}
