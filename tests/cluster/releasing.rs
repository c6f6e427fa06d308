//! Helm as the one who asks. Helm 3 sends every object of a release even after one was refused, so a refused Secret
//! does not keep the workload back: the workload has to be judged by what is stored.

use serde_json::Value;

use crate::refusing::HA_EMBEDDED_DB;
use crate::space::Space;

const CHART: &str = "tests/cluster/release";

#[test]
fn a_refused_install_leaves_no_values_to_start_with() {
    let space = Space::new("helm-refused");
    let answer = space.helm(&["install", "demo", CHART, "--set", "replicas=3"]);
    assert_eq!(
        answer.refusal(),
        Some(space.denial("demo", HA_EMBEDDED_DB).as_str()),
        "{answer}"
    );
    assert!(answer.stderr.contains("Error: INSTALLATION FAILED"), "{answer}");
    // The workload may be there; its pods cannot start without the volume of this Secret.
    assert_eq!(space.stored("secret/vc-config-demo"), None);
}

#[test]
fn a_refused_upgrade_leaves_the_running_release_as_it_was() {
    let space = Space::new("helm-upgrade-refused");
    space.helm(&["install", "demo", CHART]).success().unwrap();
    let before = release(&space);
    let answer = space.helm(&["upgrade", "demo", CHART, "--set", "replicas=3"]);
    assert!(
        answer.stderr.contains(&space.denial("demo", HA_EMBEDDED_DB)),
        "{answer}"
    );
    let workload = "cannot patch \"demo\" with kind StatefulSet: admission webhook \
                    \"workloads.validate.vcluster-guard.dev\" denied the request: ha-no-leader-election: ";
    assert!(answer.stderr.contains(workload), "{answer}");
    assert_eq!(release(&space), before);
}

#[test]
fn upgrading_a_mended_release_restarts_nothing() {
    let space = Space::new("helm-mended");
    space.helm(&["install", "demo", CHART]).success().unwrap();
    let before = release(&space);
    let image = before[1].pointer("/template/spec/containers/0/image").unwrap();
    assert_eq!(image, "ghcr.io/loft-sh/vcluster-oss:0.24.1");
    space.helm(&["upgrade", "demo", CHART]).success().unwrap();
    assert_eq!(release(&space), before);
    space.helm(&["uninstall", "demo"]).success().unwrap();
    assert_eq!(space.stored("statefulset/demo"), None);
}

/// What decides how the release runs: the data of its Secret, the spec and the generation of its workload.
fn release(space: &Space) -> [Value; 3] {
    let secret = space.stored("secret/vc-config-demo").unwrap();
    let workload = space.stored("statefulset/demo").unwrap();
    [
        secret["data"].clone(),
        workload["spec"].clone(),
        workload["metadata"]["generation"].clone(),
    ]
}
