//! The way out: an exemption with a reason and an end, on the object itself.

use serde_json::{Value, json};

use crate::harness::sqlite;
use crate::refusing::HA_EMBEDDED_DB;
use crate::space::Space;

#[test]
fn an_exempted_rule_lets_through_until_its_time_is_over() {
    let space = Space::new("exempted");
    let exempted = |name: &str, until: &str| -> Value {
        let mut config = space.release(name).config(3, &sqlite());
        config["metadata"]["annotations"] = json!({
            "vcluster-guard.dev/exempt": "ha-embedded-db",
            "vcluster-guard.dev/exempt-reason": "a trial of what happens",
            "vcluster-guard.dev/exempt-until": until,
        });
        config
    };
    let answer = space
        .create(&exempted("now", "2999-01-01T00:00:00Z"))
        .success()
        .unwrap();
    assert_eq!(answer.warnings(), [""; 0]);
    assert_eq!(
        space.audited("secrets", "secrets.validate.vcluster-guard.dev/exempt"),
        ["ha-embedded-db"]
    );
    let over = space.create(&exempted("over", "2001-01-01T00:00:00Z"));
    let warning = "vcluster-guard: the exemption by an annotation does not count: it ended at 2001-01-01T00:00:00Z";
    assert_eq!(over.warnings(), [warning]);
    assert_eq!(
        over.refusal(),
        Some(space.denial("over", HA_EMBEDDED_DB).as_str()),
        "{over}"
    );
}
