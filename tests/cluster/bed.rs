//! Proves the bed itself: the control plane does what a cluster does, and leaves the guard alone with it.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Samples, until};
use crate::space::Space;

const LIMIT: Duration = Duration::from_secs(60);

#[test]
fn a_stateful_set_gets_pods_claims_and_nodes() {
    let space = Space::new("bed");
    let mut workload = Samples::new("bed", "web").workload(3, "web:1");
    // Somebody else's: the mounted Secret would make it a vCluster's.
    for labels in [
        "/metadata/labels",
        "/spec/selector/matchLabels",
        "/spec/template/metadata/labels",
    ] {
        *workload.pointer_mut(labels).unwrap() = json!({"app": "web"});
    }
    workload["spec"]["template"]["spec"]["volumes"] = json!([]);
    let container = &mut workload["spec"]["template"]["spec"]["containers"][0];
    *container = json!({"name": "web", "image": "web:1", "volumeMounts": [{"name": "data", "mountPath": "/data"}]});
    space.create(&workload).success().unwrap();

    let bound = until("three pods on nodes with a claim each", LIMIT, || {
        let pods = space.run(&["get", "pods", "-o", "jsonpath={.items[*].spec.nodeName}"]);
        let placed = pods.stdout.split_whitespace().count();
        Ok((placed == 3 && space.bound_claims() == 3).then_some(()))
    });
    bound.expect("the scheduler places what the controller makes");
    assert_eq!(space.reviews(), (0, 0));
}

#[test]
fn six_nodes_lie_in_three_zones() {
    let nodes = Space::at("default")
        .run(&["get", "nodes", "-o", "json"])
        .json()
        .unwrap();
    let mut zones = BTreeMap::new();
    for node in nodes["items"].as_array().map_or(&[][..], Vec::as_slice) {
        let zone = &node["metadata"]["labels"]["topology.kubernetes.io/zone"];
        *zones.entry(Value::to_string(zone)).or_insert(0) += 1;
    }
    assert_eq!(
        zones.into_iter().collect::<Vec<_>>(),
        [
            ("\"zone-a\"".to_owned(), 2),
            ("\"zone-b\"".to_owned(), 2),
            ("\"zone-c\"".to_owned(), 2),
        ]
    );
}
