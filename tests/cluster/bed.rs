//! Proves the bed itself: the control plane does what a cluster does, before a guard is in it.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use crate::harness::{ControlPlane, PRO, Samples, until};

const LIMIT: Duration = Duration::from_secs(60);

#[test]
fn a_stateful_set_gets_pods_claims_and_nodes() {
    let cluster = ControlPlane::start().expect("a cluster");
    let nodes = cluster
        .kubectl(&["get", "nodes", "-o", "json"], "")
        .unwrap()
        .success()
        .unwrap()
        .json()
        .unwrap();
    assert_eq!(
        zones(&nodes),
        BTreeMap::from([("zone-a", 2), ("zone-b", 2), ("zone-c", 2)])
    );

    let workload = Samples::new("default", "demo").workload(3, PRO);
    cluster
        .kubectl(&["create", "-f", "-"], &workload.to_string())
        .unwrap()
        .success()
        .unwrap();
    let bound = until("three pods on nodes", LIMIT, || {
        let pods = cluster
            .kubectl(&["get", "pods", "-l", "release=demo", "-o", "json"], "")?
            .success()?
            .json()?;
        let bound = items(&pods)
            .iter()
            .filter(|pod| pod["spec"]["nodeName"].is_string())
            .count();
        Ok((bound == 3).then_some(bound))
    });
    assert_eq!(bound.expect("the scheduler places what the controller makes"), 3);
}

fn zones(nodes: &Value) -> BTreeMap<&str, usize> {
    let mut count = BTreeMap::new();
    for node in items(nodes) {
        let zone = node["metadata"]["labels"]["topology.kubernetes.io/zone"]
            .as_str()
            .unwrap_or("none");
        *count.entry(zone).or_insert(0) += 1;
    }
    count
}

fn items(list: &Value) -> &[Value] {
    list["items"].as_array().map_or(&[], Vec::as_slice)
}
