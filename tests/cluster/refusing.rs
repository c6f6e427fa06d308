//! What a user sees who sends a vCluster that would break.

use serde_json::json;

use crate::harness::{PRO, sqlite};
use crate::space::Space;

pub(crate) const HA_EMBEDDED_DB: &str = "\
ha-embedded-db: 3 replicas on the embedded database, which supports one \
(controlPlane.statefulSet.highAvailability.replicas); \
fix: set controlPlane.statefulSet.highAvailability.replicas to 1, or enable \
controlPlane.backingStore.etcd.embedded, etcd.deploy or database.external";

#[test]
fn broken_values_are_refused_at_the_secret_with_what_to_change() {
    let space = Space::new("refused-secret");
    let answer = space.create(&space.release("demo").config(3, &sqlite()));
    assert_eq!(
        answer.refusal(),
        Some(space.denial("demo", HA_EMBEDDED_DB).as_str()),
        "{answer}"
    );
    assert!(answer.stderr.starts_with("Error from server (Forbidden): "), "{answer}");
    assert_eq!(space.reviews(), (0, 1));
    assert_eq!(space.stored("secret/vc-config-demo"), None);
}

#[test]
fn server_side_apply_is_judged_as_a_create_and_as_an_update() {
    let space = Space::new("refused-server-side");
    let release = space.release("demo");
    let server_side = ["--server-side", "--field-manager=team"];
    let denial = space.denial("demo", HA_EMBEDDED_DB);
    let create = space.apply(&server_side, &release.config(3, &sqlite()));
    assert_eq!(create.refusal(), Some(denial.as_str()), "{create}");

    space
        .apply(&server_side, &release.config(1, &sqlite()))
        .success()
        .unwrap();
    let before = space.stored("secret/vc-config-demo");
    let update = space.apply(&server_side, &release.config(3, &sqlite()));
    assert_eq!(update.refusal(), Some(denial.as_str()), "{update}");
    assert_eq!(space.stored("secret/vc-config-demo"), before);
}

#[test]
fn a_dry_run_is_refused_alike_and_leaves_nothing() {
    let space = Space::new("refused-dry-run");
    let answer = space.apply(&["--dry-run=server"], &space.release("demo").config(3, &sqlite()));
    assert_eq!(
        answer.refusal(),
        Some(space.denial("demo", HA_EMBEDDED_DB).as_str()),
        "{answer}"
    );
    assert_eq!(space.stored("secret/vc-config-demo"), None);
}

#[test]
fn a_workload_with_a_generated_name_is_judged_but_not_for_sure() {
    let space = Space::new("generated-name");
    let mut workload = space.release("demo").workload(3, PRO);
    workload["metadata"]["name"].take();
    workload["metadata"]["generateName"] = json!("demo-");
    workload["spec"]["persistentVolumeClaimRetentionPolicy"] = json!({"whenScaled": "Delete"});
    // A vCluster is named as its release, so this one is only probably one: told, neither refused nor mended.
    let answer = space.create(&workload).success().unwrap();
    let name = answer
        .stdout
        .trim_start_matches("statefulset.apps/")
        .trim_end_matches(" created\n");
    let warning = format!(
        "pe-retention-scaled-delete: scaling {name} down deletes its claims \
         (spec.persistentVolumeClaimRetentionPolicy.whenScaled); \
         fix: set spec.persistentVolumeClaimRetentionPolicy.whenScaled to Retain"
    );
    assert!(answer.warnings().contains(&warning.as_str()), "{answer}");
    assert_eq!(space.reviews(), (1, 1));
}

#[test]
fn a_good_vcluster_is_let_in_after_the_guard_has_seen_it() {
    let space = Space::new("let-in");
    let release = space.release("demo");
    let config = space.create(&release.config(1, &sqlite())).success().unwrap();
    assert_eq!(config.warnings(), [""; 0]);
    assert_eq!(space.reviews(), (0, 1), "the Secret is judged and not mended");
    let workload = space.create(&release.workload(1, PRO)).success().unwrap();
    assert_eq!(workload.warnings(), [""; 0]);
    assert_eq!(space.reviews(), (1, 2), "the workload is both");
}

#[test]
fn a_workload_of_any_selector_that_projects_its_config_is_judged() {
    let space = Space::new("projected");
    let mut workload = space.release("demo").workload(1, PRO);
    let labels = json!({"chosen": "by-hand"});
    workload["spec"]["selector"]["matchLabels"] = labels.clone();
    workload["spec"]["template"]["metadata"]["labels"] = labels;
    let sources = json!([{"secret": {"name": "vc-config-demo"}}]);
    workload["spec"]["template"]["spec"]["volumes"][0] =
        json!({"name": "vcluster-config", "projected": {"sources": sources}});
    space.create(&workload).success().unwrap();
    assert_eq!(space.reviews(), (1, 1));
}

#[test]
fn what_is_no_vcluster_never_reaches_the_guard() {
    let space = Space::new("foreign");
    for verb in [
        ["create"].as_slice(),
        &["label", "seen=true"],
        &["delete", "--wait=false"],
    ] {
        space.run(&[verb, &["-f", "tests/cluster/foreigners.yaml"]].concat());
    }
    assert_eq!(space.reviews(), (0, 0));
}
