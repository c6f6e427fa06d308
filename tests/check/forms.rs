//! What the forms of a report make of several vClusters.

use std::process::{Command, Output};

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

const FORMS: [&str; 6] = ["table", "json", "sarif", "junit", "github", "html"];

/// `check` on the examples, as a pipeline runs it.
fn check(arguments: &[&str]) -> Output {
    let mut check = Command::new(env!("CARGO_BIN_EXE_vcluster-guard"));
    let check = check.current_dir(env!("CARGO_MANIFEST_DIR")).env_remove("NO_COLOR");
    check.args(["check", "examples"]).args(arguments).output().unwrap()
}

#[test]
fn every_form_is_the_same_from_run_to_run() {
    for form in FORMS {
        let [first, second] = [check(&["-o", form]), check(&["-o", form])];
        assert_eq!(first.status.code(), Some(1), "{form}");
        assert!(first.stdout.ends_with(b"\n") && first.stdout.len() > 1000, "{form}");
        assert_eq!(first.stdout, second.stdout, "{form}");
        assert_eq!(String::from_utf8_lossy(&first.stderr), "", "{form}");
    }
}

#[test]
fn a_file_gets_no_colours_unless_they_are_asked_for() {
    let colours = |output: &Output| output.stdout.contains(&0x1b);
    assert!(!colours(&check(&[])));
    assert!(!colours(&check(&["--color", "never"])));
    assert!(colours(&check(&["--color", "always"])));
}
