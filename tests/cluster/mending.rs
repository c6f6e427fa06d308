//! What the guard changes on its way in, seen in what is stored and in where the scheduler puts it.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::until;
use crate::space::Space;

const PRO: &str = "ghcr.io/loft-sh/vcluster-pro:0.36.1";
const EMBEDDED_ETCD: &str = "\
controlPlane:
  backingStore: {etcd: {embedded: {enabled: true}}}
  statefulSet: {highAvailability: {replicas: 3}}
";

#[test]
fn a_deprecated_image_is_rewritten_with_a_warning_that_names_the_value() {
    let space = Space::new("rewritten");
    let release = space.release("demo");
    space.create(&release.config("{}")).success().unwrap();
    let answer = space
        .create(&release.workload(1, "ghcr.io/loft-sh/vcluster:0.24.1"))
        .success()
        .unwrap();
    assert_eq!(answer.warnings(), ["…"]);

    let stored = space.stored("statefulset/demo").unwrap();
    assert_eq!(image(&stored), "ghcr.io/loft-sh/vcluster-oss:0.24.1");
    assert_eq!(
        stored["metadata"]["annotations"]["vcluster-guard.dev/image-rewritten-from"],
        "syncer=ghcr.io/loft-sh/vcluster:0.24.1"
    );
}

#[test]
fn replicas_are_kept_apart_and_the_scheduler_does_it() {
    let space = Space::new("injected");
    let release = space.release("demo");
    space.create(&release.config(EMBEDDED_ETCD)).success().unwrap();
    let answer = space.create(&release.workload(3, PRO)).success().unwrap();
    assert_eq!(answer.warnings(), [""; 0]);

    let stored = space.stored("statefulset/demo").unwrap();
    let pods = &stored["spec"]["template"]["spec"];
    assert_eq!(pods["affinity"], json!({"podAntiAffinity": expected_anti_affinity()}));
    assert_eq!(pods["topologySpreadConstraints"], expected_spread());

    let nodes = until("three pods on nodes", Duration::from_secs(60), || {
        let pods = space
            .kubectl(&["get", "pods", "-o", "jsonpath={.items[*].spec.nodeName}"])
            .success()?;
        let nodes: Vec<String> = pods.stdout.split_whitespace().map(str::to_owned).collect();
        Ok((nodes.len() == 3).then_some(nodes))
    });
    let nodes: BTreeSet<String> = nodes.unwrap().into_iter().collect();
    assert_eq!(nodes.len(), 3, "a node each: {nodes:?}");
    let zones: BTreeSet<&str> = nodes
        .iter()
        .map(|node| node.trim_end_matches(char::is_numeric))
        .collect();
    assert_eq!(zones.len(), 3, "a zone each: {nodes:?}");
}

#[test]
fn applying_the_same_again_changes_nothing() {
    let space = Space::new("idempotent");
    let release = space.release("demo");
    space.create(&release.config(EMBEDDED_ETCD)).success().unwrap();
    let workload = release.workload(3, "ghcr.io/loft-sh/vcluster:0.24.1");
    for flags in [[].as_slice(), &["--server-side", "--force-conflicts"]] {
        space.apply(flags, &workload).success().unwrap();
        let before = space.stored("statefulset/demo").unwrap();
        space.apply(flags, &workload).success().unwrap();
        let after = space.stored("statefulset/demo").unwrap();
        assert_eq!(
            after["metadata"]["generation"], before["metadata"]["generation"],
            "{flags:?}"
        );
        assert_eq!(after["spec"], before["spec"], "{flags:?}");
    }
}

#[test]
fn a_dry_run_shows_what_would_be_changed() {
    let space = Space::new("mended-dry-run");
    let release = space.release("demo");
    space.create(&release.config("{}")).success().unwrap();
    let workload = release.workload(1, "ghcr.io/loft-sh/vcluster:0.24.1");
    let answer = space
        .apply(&["--dry-run=server", "-o", "json"], &workload)
        .success()
        .unwrap();
    assert_eq!(image(&answer.json().unwrap()), "ghcr.io/loft-sh/vcluster-oss:0.24.1");
    assert_eq!(space.stored("statefulset/demo"), None);
}

fn image(workload: &Value) -> &str {
    workload["spec"]["template"]["spec"]["containers"][0]["image"]
        .as_str()
        .unwrap_or_default()
}

fn selector() -> Value {
    json!({"matchLabels": {"app": "vcluster", "release": "demo"}})
}

fn expected_anti_affinity() -> Value {
    let term = |weight: u32, key: &str| json!({"weight": weight, "podAffinityTerm": {"labelSelector": selector(), "topologyKey": key}});
    json!({
        "preferredDuringSchedulingIgnoredDuringExecution": [
            term(100, "kubernetes.io/hostname"),
            term(50, "topology.kubernetes.io/zone"),
        ],
    })
}

fn expected_spread() -> Value {
    json!([{
        "maxSkew": 1,
        "topologyKey": "kubernetes.io/hostname",
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": selector(),
    }])
}
