//! One vCluster for the tests of the topics.

use serde_json::{Value, json};
use vcluster_guard_core::case::Subject;
use vcluster_guard_core::join::Releases;

/// team-a/demo, with what a test wants of its StatefulSet.
pub(super) fn releases(mut workload: Value) -> Releases {
    workload["apiVersion"] = json!("apps/v1");
    workload["kind"] = json!("StatefulSet");
    workload["metadata"] = json!({"namespace": "team-a", "name": "demo"});
    workload["spec"]["selector"] = json!({"matchLabels": {"app": "vcluster", "release": "demo"}});
    let pod = &mut workload["spec"]["template"]["spec"];
    pod["volumes"] = json!([{"name": "vcluster-config", "secret": {"secretName": "vc-config-demo"}}]);
    let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"namespace": "team-a", "name": "vc-config-demo"},
        "stringData": {"config.yaml": "{}"}});
    let mut releases = Releases::default();
    for object in [workload, secret] {
        releases.add(&object).unwrap();
    }
    releases
}

pub(super) fn subject(workload: Value) -> Subject {
    let releases = releases(workload);
    let (release, parts) = releases.iter().next().unwrap();
    parts.subject(release, None, None)
}
