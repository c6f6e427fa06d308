//! Lists, JSON, and what stands between manifests.

use serde_json::{Value, json};

use crate::run::Folder;

fn secret(name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"namespace": "team", "name": format!("vc-config-{name}")},
        "stringData": {"config.yaml": "controlPlane: {statefulSet: {highAvailability: {replicas: 3}}}"}})
}

fn denials(text: &str) -> Vec<String> {
    let said = Folder::with(&[]).check_stdin(&["-"], text);
    assert_eq!(said.incomplete(), [""; 0]);
    said.denials()
}

#[test]
fn lists_are_taken_apart_however_deep() {
    let list = |items: Value| json!({"apiVersion": "v1", "kind": "List", "items": items});
    let nested = list(json!([list(json!([secret("a"), list(json!([secret("b")]))])), {"kind": "Other"}]));
    assert_eq!(denials(&nested.to_string()).len(), 2);
    assert_eq!(denials(&list(json!([])).to_string()).len(), 0);
    let deep = (0..40).fold(secret("a"), |inner, _| list(json!([inner])));
    let said = Folder::with(&[]).check_stdin(&["-"], &deep.to_string());
    assert_eq!(said.incomplete(), ["standard input: lists are nested too deeply"]);
}

#[test]
fn items_of_a_typed_list_need_not_say_their_kind() {
    let mut item = secret("a");
    for key in ["kind", "apiVersion"] {
        item.as_object_mut().unwrap().remove(key);
    }
    let list = json!({"apiVersion": "v1", "kind": "SecretList", "items": [item]});
    assert_eq!(denials(&list.to_string()), ["-:1"]);
    let yaml = "apiVersion: v1\nkind: SecretList\nitems:\n- metadata: {name: vc-config-a}\n  stringData:\n    config.yaml: \
                |\n      x: 1\n      controlPlane: {statefulSet: {highAvailability: {replicas: 3}}}\n";
    assert_eq!(denials(yaml), ["-:8"]);
}

#[test]
fn json_is_taken_one_after_the_other() {
    let pretty = serde_json::to_string_pretty(&secret("b")).unwrap();
    let stream = format!("{}\n{}\n{pretty}", secret("a"), secret("c"));
    // By name; the last one begins on line 3.
    assert_eq!(denials(&stream), ["-:1", "-:11", "-:2"]);
    // A flow mapping is no JSON, and none the worse for it.
    assert_eq!(denials(&format!("{{kind: Other}}\n---\n{}", secret("a"))), ["-:3"]);
}

#[test]
fn what_is_none_of_ours_is_passed_over() {
    let text = "---\n# Source: x\n---\n\napiVersion: example.com/v1\nkind: Anything\nspec: {items: [1]}\n---\n\
                just words\n---\n- a\n---\nkind: AllowList\nspec: 1\n---\n";
    let said = Folder::with(&[]).check_stdin(&["-"], text);
    assert_eq!(said.stderr, "note: no vCluster was found in the input\n");
    assert_eq!(said.code, Some(0));
}

#[test]
fn a_broken_object_of_ours_is_named_with_its_line() {
    let text = "kind: X\n---\napiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: a}\nspec:\n  replicas: three\n  \
                selector: {matchLabels: {app: vcluster, release: a}}\n";
    let said = Folder::with(&[]).check_stdin(&["-"], text);
    assert_eq!(
        said.incomplete(),
        ["standard input line 7: StatefulSet a cannot be decoded: spec.replicas must be a whole number"]
    );
    assert_eq!(said.code, Some(2));
}
