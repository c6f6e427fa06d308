//! What Go would make of small texts, key by key.

use super::*;
use alloc::format;
use rstest::rstest;
use serde_json::json;

fn config(text: &str) -> Config {
    Config::parse(text.as_bytes()).unwrap()
}

/// A text with `value` at a dotted path.
fn at(path: &str, value: &str) -> String {
    let open = format!("{{{}: ", path.replace('.', ": {"));
    open + value + &"}".repeat(path.split('.').count())
}

#[test]
fn an_empty_text_is_the_empty_config() {
    for text in ["", "# nothing", "---\n---\ncontrolPlane: 1", "null"] {
        assert_eq!(config(text).int(key::REPLICAS), 0, "{text}");
    }
}

#[test]
fn keys_fold_and_the_last_of_the_sorted_ones_wins() {
    let text = "controlPlane: {coredns: {embedded: false}}\nControlPlane: {CoreDNS: {EMBEDDED: yes}}\n";
    assert!(!config(text).flag(key::COREDNS_EMBEDDED));
    assert!(config("CONTROLPLANE: {coredn\u{17f}: {embedded: on}}").flag(key::COREDNS_EMBEDDED));
}

#[test]
fn null_leaves_what_was_there() {
    let text = format!("{}\n", at(key::REPLICAS.path, "3")).replace("{controlPlane", "{ControlPlane");
    let both = text
        .trim_end()
        .strip_suffix('}')
        .map(|text| format!("{text}, controlPlane: null}}"));
    assert_eq!(config(&both.unwrap()).int(key::REPLICAS), 3);
}

#[rstest]
#[case("3.0", 3)]
#[case("1e1", 10)]
#[case("010", 8)]
#[case("1_0", 10)]
#[case("-1", -1)]
#[case("null", 0)]
fn an_integer_is_any_number_without_fraction(#[case] text: &str, #[case] value: i64) {
    assert_eq!(config(&at(key::REPLICAS.path, text)).int(key::REPLICAS), value);
}

#[rstest]
#[case("'3'", "expected an integer of 32 bits, found a string")]
#[case("1.5", "expected an integer of 32 bits, found a number")]
#[case("2147483648", "expected an integer of 32 bits, found a number")]
#[case("[3]", "expected an integer of 32 bits, found a list")]
fn what_is_no_integer_is_refused(#[case] text: &str, #[case] message: &str) {
    let error = Config::parse(at(key::REPLICAS.path, text).as_bytes()).unwrap_err();
    assert_eq!(error.message, format!("{}: {message}", key::REPLICAS.path));
    assert_eq!(error.line, Some(1));
}

#[test]
fn a_strbool_takes_booleans_and_strings_only() {
    let enabled = |text: &str| Config::parse(at(key::CLAIM_ENABLED.path, text).as_bytes());
    assert_eq!(enabled("yes").unwrap().strbool(key::CLAIM_ENABLED), "true");
    assert_eq!(enabled("'yes'").unwrap().strbool(key::CLAIM_ENABLED), "yes");
    assert!(enabled("null").is_err());
    assert!(enabled("1").is_err());
}

#[test]
fn numbers_become_strings_but_not_in_embedded_structs() {
    let source = config(&at(key::EMBEDDED_DB_DATA_SOURCE.path, "010"));
    assert_eq!(source.text(key::EMBEDDED_DB_DATA_SOURCE), "8");
    assert!(Config::parse(at(key::EXTERNAL_DB_DATA_SOURCE.path, "010").as_bytes()).is_err());
    assert!(Config::parse(at(key::STS_ANNOTATIONS.path, "{a: 1}").as_bytes()).is_err());
}

#[test]
fn what_json_has_no_word_for_is_fatal_unless_go_wants_a_string() {
    let source = |value: &str| config(&at(key::EMBEDDED_DB_DATA_SOURCE.path, value));
    assert_eq!(source(".nan").text(key::EMBEDDED_DB_DATA_SOURCE), "NaN");
    let policy = |value: &str| format!("controlPlane: {{statefulSet: {{dnsPolicy: {value}}}}}\n");
    assert_eq!(config(&policy("&a -.inf")).text(key::DNS_POLICY), "-Inf");
    for (text, line) in [
        (at(key::EXTERNAL_DB_DATA_SOURCE.path, ".inf"), 1),
        (at(key::PDB_MIN_AVAILABLE.path, ".nan"), 1),
        (at(key::IMAGE.path, "{other: .nan}"), 1),
        (format!("\nglobal: {{a: &a .nan}}\n{}", policy("*a")), 2),
        (format!("{}unknown: .inf\n", policy(".inf")), 2),
    ] {
        let error = Config::parse(text.as_bytes()).unwrap_err();
        assert_eq!(error.line, Some(line), "{text}: {error:?}");
    }
}

#[test]
fn an_image_is_always_an_object() {
    let image = |text: &str| config(&at(key::IMAGE.path, text)).any(key::IMAGE).clone();
    let parts = json!({"registry": "ghcr.io", "repository": "a/b", "tag": "1"});
    assert_eq!(image("'ghcr.io/a/b:1'"), parts);
    assert_eq!(image("{Registry: ghcr.io, repository: a/b, tag: '1', other: 1}"), parts);
    assert!(Config::parse(at(key::IMAGE.path, "{tag: 0.30}").as_bytes()).is_err());
    let tag = config(&at(
        "controlPlane.backingStore.etcd.deploy.statefulSet.image",
        "{tag: '3'}",
    ));
    assert_eq!(tag.any(key::DEPLOYED_ETCD_IMAGE_TAG), "3");
}

#[test]
fn of_what_is_synced_only_patches_are_kept() {
    let pods = "{enabled: true, patches: [{path: a}], selector: {x: 1}}";
    let config = config(&at(
        "sync.toHost",
        &format!("{{pods: {pods}, secrets: {{enabled: true, patches: []}}}}"),
    ));
    assert_eq!(
        config.any(key::SYNC_TO_HOST),
        &json!({"pods": {"patches": [{"path": "a"}]}})
    );
}

#[test]
fn a_slice_uses_its_elements_again() {
    // `Patches` sorts before `patches`, so the expression is left over from it.
    let patches = "{patches: [{path: a}], Patches: [{path: b, expression: c}, {path: d}]}";
    let config = config(&at("sync.toHost.namespaces", patches));
    let expected = json!([{"path": "a", "expression": "c"}]);
    assert_eq!(config.any(key::SYNC_NAMESPACES_PATCHES), &expected);
}

#[test]
fn a_path_has_the_line_of_its_nearest_written_ancestor() {
    let config = config("controlPlane:\n  advanced: {}\n  statefulSet:\n    highAvailability:\n      replicas: 3\n");
    assert_eq!(config.line(key::REPLICAS.path), Some(5));
    assert_eq!(config.line(key::LEASE_DURATION.path), Some(4));
    assert_eq!(
        config.line(key::REPLICAS.path.strip_prefix("controlPlane.").unwrap()),
        None
    );
}

#[test]
fn no_message_quotes_a_value() {
    for text in [
        at(key::EXTERNAL_DB_DATA_SOURCE.path, "[s3cret]"),
        at(key::EXTERNAL_DB_DATA_SOURCE.path, "!!int s3cret"),
        "a: s3cret\n s3cret\nb: [s3cret".into(),
        "*s3cret".into(),
    ] {
        let error = Config::parse(text.as_bytes()).unwrap_err();
        assert!(!format!("{error:?}").contains("s3cret"), "{error:?}");
    }
}

#[test]
fn more_than_a_secret_holds_is_refused() {
    assert!(Config::parse(&alloc::vec![b' '; MAX_BYTES + 1]).is_err());
}
