//! What an audit finds, and how it reads.

use serde_json::json;

use super::rules;
use crate::harness::{PRO, deployed_etcd, sqlite};
use crate::space::Space;
use crate::standing;

#[test]
fn what_stood_before_the_guard_came_is_found() {
    let space = Space::at(standing::NAMESPACE);
    let audit = space.audit(&["-o", "json"]);
    let report = audit.json().unwrap();
    assert_eq!(audit.code, Some(1), "{audit}");
    assert_eq!(report["incomplete"], json!([]), "{audit}");
    assert!(
        rules(&report, "paused").contains(&"deny ha-embedded-db".to_owned()),
        "{audit}"
    );
    let object = json!({"apiVersion": "v1", "kind": "Secret", "name": "vc-config-paused", "namespace": "standing"});
    let finding = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|f| f["release"] == "paused")
        .unwrap();
    assert_eq!(finding["object"], object);
}

#[test]
fn a_secret_without_its_label_is_found_by_its_name() {
    let space = Space::new("unlabelled");
    let mut secret = space.release("demo").config(1, &deployed_etcd(2));
    secret["metadata"]["labels"] = json!({});
    assert!(space.create(&secret).ok);
    assert!(space.create(&space.release("demo").workload(1, PRO)).ok);
    let report = space.audit(&["-o", "json"]).json().unwrap();
    assert!(
        rules(&report, "demo").contains(&"warn ha-etcd-even".to_owned()),
        "{report}"
    );
    assert_eq!(report["summary"]["vclusters"], 1);
}

#[test]
fn a_database_of_the_platform_is_told_while_the_namespace_has_no_key_to_it() {
    let space = Space::new("platform");
    let external = json!({"database": {"external": {"enabled": true, "connector": "team-a"}}});
    assert!(space.create(&space.release("demo").config(1, &external)).ok);
    let told = "warn bs-external-db-no-source".to_owned();
    let without = space.audit(&["-o", "json"]).json().unwrap();
    assert!(rules(&without, "demo").contains(&told), "{without}");
    let metadata = json!({"name": "vcluster-platform-api-key"});
    let key =
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": {"accessKey": "hunter2"}});
    assert!(space.create(&key).ok);
    let with = space.audit(&["-o", "json"]).json().unwrap();
    assert!(!rules(&with, "demo").contains(&told), "{with}");
    assert_eq!(with["incomplete"], json!([]));
}

#[test]
fn a_small_page_gives_the_same() {
    let space = Space::new("paged");
    for name in ["one", "two", "three"] {
        assert!(space.create(&space.release(name).config(1, &sqlite())).ok);
    }
    let whole = space.audit(&["-o", "json"]);
    let paged = space.audit(&["-o", "json", "--page-size", "1"]);
    assert_eq!(whole.stdout, paged.stdout);
    assert_eq!(whole.json().unwrap()["summary"]["vclusters"], 3);
}
