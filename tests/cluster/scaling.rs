//! `kubectl scale`: the one change that shows no labels and no template.

use crate::space::Space;

const PRO: &str = "ghcr.io/loft-sh/vcluster-pro:0.36.1";

#[test]
fn scaling_what_keeps_its_own_database_is_refused() {
    let space = Space::new("scaled");
    let release = space.release("demo");
    space.create(&release.config("{}")).success().unwrap();
    space.create(&release.workload(1, PRO)).success().unwrap();

    let answer = space.kubectl(&["scale", "statefulset/demo", "--replicas=3"]);
    assert_eq!(answer.refusal(), Some("…"), "{answer}");
    assert_eq!(space.stored("statefulset/demo").unwrap()["spec"]["replicas"], 1);
}

#[test]
fn pausing_and_resuming_is_never_refused() {
    let space = Space::new("paused");
    let release = space.release("demo");
    space.create(&release.config("{}")).success().unwrap();
    space.create(&release.workload(1, PRO)).success().unwrap();
    for replicas in [0, 1] {
        let answer = space.run(&["scale", "statefulset/demo", &format!("--replicas={replicas}")]);
        assert_eq!(answer.warnings(), [""; 0]);
        assert_eq!(space.stored("statefulset/demo").unwrap()["spec"]["replicas"], replicas);
    }
}
