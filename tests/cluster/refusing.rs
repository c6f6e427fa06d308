//! What a user sees who sends a vCluster that would break.

use serde_json::json;

use crate::space::Space;

const SQLITE_HA: &str = "controlPlane: {statefulSet: {highAvailability: {replicas: 3}}}";
const PRO: &str = "ghcr.io/loft-sh/vcluster-pro:0.36.1";

#[test]
fn broken_values_are_refused_at_the_secret_with_what_to_change() {
    let space = Space::new("refused-secret");
    let answer = space.create(&space.release("demo").config(SQLITE_HA));
    assert!(!answer.ok, "{answer}");
    assert_eq!(answer.refusal(), Some(HA_EMBEDDED_DB), "{answer}");
    assert!(answer.stderr.contains("(Forbidden)"), "{answer}");
    assert_eq!(space.stored("secret/vc-config-demo"), None);
}

#[test]
fn server_side_apply_is_judged_as_a_create_and_as_an_update() {
    let space = Space::new("refused-server-side");
    let release = space.release("demo");
    let server_side = ["--server-side", "--field-manager=team"];
    let create = space.apply(&server_side, &release.config(SQLITE_HA));
    assert_eq!(create.refusal(), Some(HA_EMBEDDED_DB), "{create}");

    space.apply(&server_side, &release.config("{}")).success().unwrap();
    let update = space.apply(&server_side, &release.config(SQLITE_HA));
    assert_eq!(update.refusal(), Some(HA_EMBEDDED_DB), "{update}");
}

#[test]
fn a_dry_run_is_refused_alike_and_leaves_nothing() {
    let space = Space::new("refused-dry-run");
    let answer = space.apply(&["--dry-run=server"], &space.release("demo").config(SQLITE_HA));
    assert_eq!(answer.refusal(), Some(HA_EMBEDDED_DB), "{answer}");
    assert_eq!(space.stored("secret/vc-config-demo"), None);
}

#[test]
fn a_workload_with_a_generated_name_is_judged() {
    let space = Space::new("refused-generated");
    let mut workload = space.release("demo").workload(1, PRO);
    workload["metadata"]["name"].take();
    workload["metadata"]["generateName"] = json!("demo-");
    workload["spec"]["persistentVolumeClaimRetentionPolicy"] = json!({"whenScaled": "Delete"});
    let answer = space.create(&workload);
    assert_eq!(
        answer.refusal().map(rule),
        Some("pe-retention-scaled-delete"),
        "{answer}"
    );
}

#[test]
fn a_good_vcluster_is_let_in_after_the_guard_has_seen_it() {
    let space = Space::new("let-in");
    let release = space.release("demo");
    let config = space.create(&release.config("{}")).success().unwrap();
    assert_eq!(config.warnings(), [""; 0]);
    assert_eq!(space.reviews(), (0, 1), "the Secret is judged and not mended");
    let workload = space.create(&release.workload(1, PRO)).success().unwrap();
    assert_eq!(workload.warnings(), [""; 0]);
    assert_eq!(space.reviews(), (1, 2), "the workload is both");
}

#[test]
fn what_is_no_vcluster_never_reaches_the_guard() {
    let space = Space::new("foreign");
    let foreign = json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "foreign", "labels": {"app": "web"}},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {"containers": [{"name": "web", "image": "web:1"}]},
            },
        },
    });
    space.create(&foreign).success().unwrap();
    space.run(&["scale", "deployment/web", "--replicas=3"]);
    space.run(&["create", "secret", "generic", "web", "--from-literal=password=none"]);
    space.run(&[
        "create",
        "poddisruptionbudget",
        "web",
        "--selector=app=web",
        "--min-available=1",
    ]);
    assert_eq!(space.reviews(), (0, 0));
}

/// The id at the head of a refusal.
fn rule(refusal: &str) -> &str {
    refusal.split(':').next().unwrap_or_default()
}

const HA_EMBEDDED_DB: &str = "ha-embedded-db: …";
