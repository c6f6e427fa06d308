//! What the forms of a report make of several vClusters.

use std::process::Command;

use crate::run::{Folder, secret};

#[test]
fn each_finding_stands_under_its_own_vcluster() {
    let folder = Folder::with(&[
        ("a.yaml", &secret("a", 3)),
        ("b.yaml", &secret("b", 1)),
        ("c.yaml", &secret("c", 2)),
    ]);
    let output = Command::new(env!("CARGO_BIN_EXE_vcluster-guard"))
        .current_dir(folder.path())
        .args(["check", "."])
        .output()
        .unwrap();
    let table = String::from_utf8(output.stdout).unwrap();
    let told = |line: &&str| line.starts_with("vCluster") || line.contains("ha-embedded-db");
    let lines: Vec<&str> = table.lines().filter(told).collect();
    let wanted = [
        "vCluster team/a (embedded-database): 2 deny, 1 info",
        "  DENY  ha-embedded-db: 3 replicas on the embedded database, which supports one",
        "vCluster team/c (embedded-database): 2 deny, 1 info",
        "  DENY  ha-embedded-db: 2 replicas on the embedded database, which supports one",
        "vCluster team/b (embedded-database): 1 warn",
    ];
    assert_eq!(lines, wanted, "{table}");
}
