//! Where else a judgement is told: in the cluster's audit log; and what is told nowhere.

use serde_json::json;

use crate::harness::sqlite;
use crate::space::Space;

const PASSWORD: &str = "correct-horse-battery-staple";

#[test]
fn findings_stand_in_the_audit_log_of_the_cluster() {
    let space = Space::new("audited");
    let answer = space.create(&space.release("demo").config(3, &sqlite()));
    assert!(answer.refusal().is_some(), "{answer}");
    let events = space.audited("secrets", "secrets.validate.vcluster-guard.dev/findings");
    assert_eq!(events, ["ha-embedded-db,sch-priority"]);
}

#[test]
fn no_value_of_a_secret_is_told_anywhere() {
    let space = Space::new("hushed");
    let source = format!("mysql://admin:{PASSWORD}@tcp(db)/vcluster");
    let two_stores = json!({
        "database": {"external": {"enabled": true, "dataSource": source}},
        "etcd": {"embedded": {"enabled": true}},
    });
    let answer = space.create(&space.release("demo").config(1, &two_stores));
    assert!(
        answer.refusal().is_some_and(|text| text.starts_with("bs-multiple: ")),
        "{answer}"
    );
    for (place, text) in [
        ("answer", answer.stderr.as_str()),
        ("log of the guard", &space.guard_log()),
        ("audit log", &space.audit_log()),
    ] {
        assert!(!text.contains(PASSWORD), "the {place} holds the password");
    }
}
