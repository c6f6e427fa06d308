//! `kubectl scale`: the one change that shows no labels and no template.

use serde_json::json;

use crate::harness::{PRO, deployed_etcd, sqlite};
use crate::space::Space;

#[test]
fn scaling_what_keeps_its_own_database_is_refused() {
    let space = Space::new("scaled");
    let release = space.release("demo");
    space.create(&release.config(1, &sqlite())).success().unwrap();
    space.create(&release.workload(1, PRO)).success().unwrap();

    let answer = space.kubectl(&["scale", "statefulset/demo", "--replicas=3"]);
    let denial = space.denial(
        "demo",
        "ha-no-leader-election: 3 replicas are to run, the config of this vCluster says 1 (spec.replicas); \
         fix: set controlPlane.statefulSet.highAvailability.replicas in the values and upgrade the release through \
         Helm, instead of scaling the workload",
    );
    assert_eq!(answer.refusal(), Some(denial.as_str()), "{answer}");
    assert_eq!(space.stored("statefulset/demo").unwrap()["spec"]["replicas"], 1);
}

/// What a client sends that knows the API and not kubectl: no selector, no status.
#[test]
fn a_scale_that_shows_no_more_than_a_number_is_refused_too() {
    let space = Space::new("scaled-minimal");
    let release = space.release("demo");
    space.create(&release.config(1, &sqlite())).success().unwrap();
    space.create(&release.workload(1, PRO)).success().unwrap();
    let scale = |replicas: u32| {
        let scale = json!({
            "apiVersion": "autoscaling/v1",
            "kind": "Scale",
            "metadata": {"name": "demo", "namespace": "scaled-minimal"},
            "spec": {"replicas": replicas},
        });
        let path = "/apis/apps/v1/namespaces/scaled-minimal/statefulsets/demo/scale";
        space.send(&["replace", "--raw", path, "-f", "-"], &scale.to_string())
    };
    let answer = scale(3);
    let refused = answer
        .refusal()
        .is_some_and(|text| text.starts_with("ha-no-leader-election: "));
    assert!(refused, "{answer}");
    scale(0).success().unwrap();
}

#[test]
fn pausing_and_resuming_is_never_refused() {
    let space = Space::new("paused");
    let release = space.release("demo");
    space.create(&release.config(1, &sqlite())).success().unwrap();
    space.create(&release.workload(1, PRO)).success().unwrap();
    for replicas in [0, 1] {
        let answer = space.run(&["scale", "statefulset/demo", &format!("--replicas={replicas}")]);
        assert_eq!(answer.warnings(), [""; 0]);
        assert_eq!(space.stored("statefulset/demo").unwrap()["spec"]["replicas"], replicas);
    }
}

#[test]
fn etcd_beside_the_control_plane_keeps_its_number_of_members() {
    let space = Space::new("scaled-etcd");
    let release = space.release("demo");
    space.create(&release.config(1, &deployed_etcd(1))).success().unwrap();
    space.create(&release.etcd(1)).success().unwrap();

    let answer = space.kubectl(&["scale", "statefulset/demo-etcd", "--replicas=3"]);
    let denial = space.denial("demo", "etcd-deploy-scale: deployed etcd goes from 1 to 3 members (spec.replicas); \
         fix: keep the number of members (0 and back is fine); to change it, migrate to embedded etcd, or add and remove \
         members by hand under an exemption",);
    assert_eq!(answer.refusal(), Some(denial.as_str()), "{answer}");
    assert_eq!(space.stored("statefulset/demo-etcd").unwrap()["spec"]["replicas"], 1);
}
