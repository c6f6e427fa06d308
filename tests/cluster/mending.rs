//! What the guard changes on its way in, seen in what is stored and in where the scheduler puts it.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{DEPRECATED, PRO, deployed_etcd, embedded_etcd, sqlite, until};
use crate::space::Space;
use crate::standing;

/// The same build as the deprecated image, under the name that lives on.
const REWRITTEN: &str = "ghcr.io/loft-sh/vcluster-oss:0.24.1";

#[test]
fn a_deprecated_image_is_rewritten_with_a_warning_that_names_the_value() {
    let space = Space::new("rewritten");
    let release = space.release("demo");
    space.create(&release.config(1, &sqlite())).success().unwrap();
    let answer = space.create(&release.workload(1, DEPRECATED)).success().unwrap();
    assert_eq!(
        answer.warnings(),
        [
            "img-rewrite: image ghcr.io/loft-sh/vcluster:0.24.1 was rewritten to ghcr.io/loft-sh/vcluster-oss:0.24.1; \
          set controlPlane.statefulSet.image.repository to loft-sh/vcluster-oss in the values"
        ]
    );

    let stored = space.stored("statefulset/demo").unwrap();
    assert_eq!(image(&stored), REWRITTEN);
    assert_eq!(
        stored["metadata"]["annotations"]["vcluster-guard.dev/image-rewritten-from"],
        DEPRECATED
    );
}

#[test]
fn replicas_are_kept_apart_and_the_scheduler_does_it() {
    let space = Space::new("injected");
    let release = space.release("demo");
    space.create(&release.config(3, &embedded_etcd())).success().unwrap();
    let answer = space.create(&release.workload(3, PRO)).success().unwrap();
    assert_eq!(
        answer.warnings(),
        [
            "inject: podAntiAffinity and topologySpreadConstraints added so that replicas avoid sharing a node; to choose \
          your own, set controlPlane.statefulSet.scheduling in the values, or annotate \
          vcluster-guard.dev/inject: \"false\""
        ]
    );

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
    for (name, flags) in [("client", [].as_slice()), ("server", &["--server-side"])] {
        let release = space.release(name);
        space.create(&release.config(3, &deployed_etcd(3))).success().unwrap();
        let object = format!("statefulset/{name}");
        let applied: Vec<Value> = (0..2)
            .map(|_| {
                space.apply(flags, &release.workload(3, DEPRECATED)).success().unwrap();
                space.stored(&object).unwrap()
            })
            .collect();
        assert_eq!(image(&applied[0]), REWRITTEN, "{name}");
        assert_eq!(
            applied[1]["metadata"]["generation"], applied[0]["metadata"]["generation"],
            "{name}"
        );
        assert_eq!(applied[1]["spec"], applied[0]["spec"], "{name}");
    }
}

#[test]
fn metadata_of_an_unmended_workload_is_changed_without_a_restart() {
    let space = Space::at(standing::NAMESPACE);
    let before = space.stored("statefulset/unmended").unwrap();
    space.run(&["annotate", "statefulset/unmended", "team=a"]);
    let after = space.stored("statefulset/unmended").unwrap();
    assert_eq!(after["spec"], before["spec"]);
    assert_eq!(image(&after), DEPRECATED);
}

#[test]
fn a_dry_run_shows_what_would_be_changed() {
    let space = Space::new("mended-dry-run");
    let release = space.release("demo");
    space.create(&release.config(1, &sqlite())).success().unwrap();
    let workload = release.workload(1, DEPRECATED);
    let answer = space
        .apply(&["--dry-run=server", "-o", "json"], &workload)
        .success()
        .unwrap();
    assert_eq!(image(&answer.json().unwrap()), REWRITTEN);
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
