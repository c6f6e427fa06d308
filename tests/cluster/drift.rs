//! Those who compare what is stored with what they sent: Helm, server-side apply, dry runs.

use std::time::Duration;

use serde_json::Value;

use crate::harness::{DEPRECATED, deployed_etcd, until};
use crate::space::Space;

const CHART: &str = "tests/cluster/release";
const LIMIT: Duration = Duration::from_secs(60);
const REWRITTEN: &str = "ghcr.io/loft-sh/vcluster-oss:0.24.1";

#[test]
fn helm_leaves_what_was_injected_and_restarts_nothing() {
    let space = Space::new("helm-injected");
    let store = format!("backingStore={}", deployed_etcd(3));
    let values = ["--set", "replicas=3", "--set-json", store.as_str()];
    // A replacement names the version that Helm has read, and the controller may write the status meanwhile.
    let helm = |command: &[&str]| {
        until("Helm to be faster than a controller", LIMIT, || {
            let answer = space.helm(&[command, &values].concat());
            let raced = !answer.ok && answer.stderr.contains("the object has been modified");
            if raced { Ok(None) } else { answer.success().map(Some) }
        })
        .unwrap()
    };
    helm(&["install", "demo", CHART]);
    let before = space.stored("statefulset/demo").unwrap();
    assert!(pods(&before)["affinity"]["podAntiAffinity"].is_object(), "{before}");

    // A three-way merge, and a replacement that lacks what was injected, which is then injected anew.
    for command in [
        ["upgrade", "demo", CHART].as_slice(),
        &["upgrade", "demo", CHART, "--force"],
    ] {
        helm(command);
        let after = space.stored("statefulset/demo").unwrap();
        assert_eq!(wanted(&after), wanted(&before));
    }

    helm(&[
        "upgrade",
        "demo",
        CHART,
        "--set",
        "image=ghcr.io/loft-sh/vcluster:0.24.2",
    ]);
    let after = space.stored("statefulset/demo").unwrap();
    assert_eq!(image(&after), "ghcr.io/loft-sh/vcluster-oss:0.24.2");
    for field in ["affinity", "topologySpreadConstraints"] {
        assert_eq!(pods(&after)[field], pods(&before)[field]);
    }
}

#[test]
fn what_was_mended_shows_no_drift_to_those_who_ask_the_server() {
    let space = Space::new("no-drift");
    let workload = mended(&space);
    let before = space.stored("statefulset/demo").unwrap();
    assert_eq!(image(&before), REWRITTEN);

    let manager = ["--server-side", "--field-manager=gitops"];
    let dry_run = [&manager, ["--dry-run=server", "-o", "json"].as_slice()].concat();
    let predicted = space.apply(&dry_run, &workload).success().unwrap().json().unwrap();
    assert_eq!(predicted["spec"], before["spec"]);
    let annotations = |object: &Value| object["metadata"]["annotations"].clone();
    assert_eq!(annotations(&predicted), annotations(&before));

    space.apply(&manager, &workload).success().unwrap();
    let after = space.stored("statefulset/demo").unwrap();
    assert_eq!(wanted(&after), wanted(&before));
}

#[test]
fn another_manager_conflicts_over_a_rewritten_image_and_not_over_what_was_injected() {
    let space = Space::new("two-managers");
    let workload = mended(&space);
    let generation = space.stored("statefulset/demo").unwrap()["metadata"]["generation"].clone();

    let other = ["--server-side", "--field-manager=other"];
    let answer = space.apply(&other, &workload);
    let image_conflicts = ".spec.template.spec.containers[name=\"syncer\"].image";
    assert!(!answer.ok && answer.stderr.contains(image_conflicts), "{answer}");
    // The list of claims is one value to the API server, and its defaults stand in what is stored: this conflict is there
    // without the guard, too.
    assert!(
        answer.stderr.contains("2 conflicts: conflicts with \"gitops\""),
        "{answer}"
    );

    let forced = [&other, ["--force-conflicts"].as_slice()].concat();
    space.apply(&forced, &workload).success().unwrap();
    let after = space.stored("statefulset/demo").unwrap();
    assert_eq!(image(&after), REWRITTEN);
    assert_eq!(after["metadata"]["generation"], generation);
    // The rewritten image at the source is the way out, and it is the same for everybody.
    let mut at_source = workload;
    at_source["spec"]["template"]["spec"]["containers"][0]["image"] = REWRITTEN.into();
    let answer = space.apply(&["--server-side", "--field-manager=third"], &at_source);
    assert!(!answer.stderr.contains(image_conflicts), "{answer}");
}

/// A vCluster that was mended in both ways, and how its workload was sent.
fn mended(space: &Space) -> Value {
    let release = space.release("demo");
    space.create(&release.config(3, &deployed_etcd(3))).success().unwrap();
    let workload = release.workload(3, DEPRECATED);
    space
        .apply(&["--server-side", "--field-manager=gitops"], &workload)
        .success()
        .unwrap();
    let owned = space.run(&["get", "statefulset/demo", "--show-managed-fields", "-o", "json"]);
    let owned = owned.json().unwrap()["metadata"]["managedFields"].to_string();
    assert!(owned.contains("f:image"), "{owned}");
    assert!(!owned.contains("f:affinity"), "what was injected is nobody's: {owned}");
    workload
}

/// What a controller acts upon.
fn wanted(workload: &Value) -> [&Value; 2] {
    [&workload["metadata"]["generation"], &workload["spec"]]
}

fn pods(workload: &Value) -> &Value {
    &workload["spec"]["template"]["spec"]
}

fn image(workload: &Value) -> &Value {
    &pods(workload)["containers"][0]["image"]
}
