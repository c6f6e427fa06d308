//! Values with every mechanical defect that they can have at once: one command mends them, and what the chart then
//! renders is let in.

use std::fs;
use std::process::Command;

use crate::space::Space;

const CHART: &str = "tests/cluster/mended";
const VALUES: &str = "tests/fixes/values/before.yaml";

#[test]
fn values_that_are_refused_are_let_in_once_they_are_mended() {
    let space = Space::new("fixed");
    let folder = tempfile::tempdir().unwrap();
    let values = folder.path().join("vcluster.yaml");
    fs::copy(VALUES, &values).unwrap();
    let values = values.to_str().unwrap();
    let install = || space.helm(&["install", "vcluster", CHART, "-f", values]);

    let refused = install();
    for rule in [
        "ha-leader-timings",
        "pe-enabled-typo",
        "pdb-empty",
        "sch-spread-duplicate",
        "sch-min-domains",
        "sch-match-label-keys",
    ] {
        assert!(refused.stderr.contains(&format!("{rule}: ")), "{rule}: {refused}");
    }
    assert_eq!(space.stored("secret/vc-config-vcluster"), None);
    space
        .helm(&["uninstall", "vcluster", "--ignore-not-found"])
        .success()
        .unwrap();

    let fix = Command::new(env!("CARGO_BIN_EXE_vcluster-guard"))
        .args(["fix", "--write", values])
        .output()
        .unwrap();
    assert!(fix.status.success(), "{fix:?}");
    install().success().unwrap();
    let budget = space.stored("poddisruptionbudget/vcluster").unwrap();
    assert_eq!(budget["spec"]["maxUnavailable"], 1);
    let pods = &space.stored("statefulset/vcluster").unwrap()["spec"]["template"]["spec"];
    assert_eq!(pods["topologySpreadConstraints"].as_array().map(Vec::len), Some(2));
    assert_eq!(pods["dnsPolicy"], "ClusterFirst");
}
