//! Against the official schema, which the crate of the types carries.

use std::path::PathBuf;
use std::process::Command;

use super::super::fixture;
use super::*;

/// The schema lies in the sources of `serde-sarif`; it is somebody else's text and no part of this repository.
fn schema() -> Value {
    let version = cargo(&["-vV"]);
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    // Of other platforms the crates may not be at hand.
    let metadata = cargo(&[
        "metadata",
        "--format-version=1",
        "--offline",
        "--locked",
        "--filter-platform",
        host,
    ]);
    let metadata: Value = serde_json::from_str(&metadata).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let package = packages
        .iter()
        .find(|package| package["name"] == "serde-sarif")
        .unwrap();
    let manifest = PathBuf::from(package["manifest_path"].as_str().unwrap());
    let schema = std::fs::read_to_string(manifest.with_file_name("src").join("schema.json")).unwrap();
    let mut schema: Value = serde_json::from_str(&schema).unwrap();
    // A stray bracket, which only some engines of regular expressions take; no report names its language.
    for kind in ["run", "toolComponent"] {
        let language = &mut schema["definitions"][kind]["properties"]["language"];
        language.as_object_mut().unwrap().remove("pattern");
    }
    schema
}

fn cargo(arguments: &[&str]) -> String {
    let mut cargo = Command::new(env!("CARGO"));
    let output = cargo
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn log() -> Value {
    serde_json::from_str(&fixture::written(&Sarif, &fixture::report())).unwrap()
}

/// Without the texts of the table, which have a test of their own.
#[test]
fn it_is_what_it_was() {
    let mut log = log();
    log["runs"][0]["tool"]["driver"]["rules"] = "the table".into();
    let text = serde_json::to_string_pretty(&log).unwrap();
    fixture::assert_kept(&(text + "\n"), "report.sarif");
}

#[test]
fn a_rule_is_described_by_its_row() {
    let log = log();
    let described = &log["runs"][0]["tool"]["driver"]["rules"][0];
    let row = vcluster_guard_core::rules::by_id("ha-embedded-db").unwrap();
    assert_eq!(described["id"], row.id);
    assert_eq!(described["shortDescription"]["text"], row.title);
    assert_eq!(described["fullDescription"]["text"], row.consequence);
    assert_eq!(described["defaultConfiguration"]["level"], "error");
    assert_eq!(described["properties"]["family"], "replicas");
    let help = described["help"]["text"].as_str().unwrap();
    for text in [row.consequence, row.fix, row.why, "docs/rules.md#ha-embedded-db"] {
        assert!(help.contains(text), "{help}");
    }
}

#[test]
fn the_official_schema_holds() {
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .build(&schema())
        .unwrap();
    let errors = |log: &Value| {
        validator
            .iter_errors(log)
            .map(|error| error.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(errors(&log()), Vec::<String>::new());
    // That it would say so: an URI with a space, an unknown level, a key that nobody knows.
    let mut wrong = log();
    wrong["runs"][0]["results"][0]["level"] = "deny".into();
    wrong["runs"][0]["results"][1]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] = "a b".into();
    wrong["runs"][0]["nobody"] = "knows".into();
    assert_eq!(errors(&wrong).len(), 3, "{:?}", errors(&wrong));
}

#[test]
fn rules_levels_lines_and_suppressions_are_those_of_the_report() {
    let log = log();
    let run = &log["runs"][0];
    let rules: Vec<&str> = run["tool"]["driver"]["rules"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| rule["id"].as_str().unwrap())
        .collect();
    let results: Vec<_> = run["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| {
            let rule = rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
            assert_eq!(result["ruleId"], rule);
            let place = &result["locations"][0]["physicalLocation"];
            let uri = place["artifactLocation"]["uri"].as_str().unwrap_or_default();
            (
                rule,
                result["level"].as_str().unwrap(),
                uri,
                place["region"]["startLine"].as_u64(),
                result["suppressions"].is_array(),
            )
        })
        .collect();
    assert_eq!(
        results,
        [
            ("sch-priority", "note", "a.yaml", Some(7), false),
            (
                "ha-embedded-db",
                "error",
                "a%20dir/%C3%BC%3A1%2C%25.yaml",
                Some(12),
                false
            ),
            ("ha-embedded-db", "error", "a.yaml", Some(7), false),
            ("etcd-deploy-scale", "note", "stdin", Some(3), true),
            ("img-rewrite", "warning", "", None, false),
        ]
    );
    assert_eq!(run["invocations"][0]["executionSuccessful"], false);
}

#[test]
fn a_fingerprint_outlives_message_and_line() {
    let mut report = fixture::report();
    let before: Vec<String> = report.findings.iter().map(fingerprint).collect();
    for finding in &mut report.findings {
        finding.message.push_str(" otherwise");
        if let Some(source) = &mut finding.source {
            source.line += 1;
        }
    }
    let after: Vec<String> = report.findings.iter().map(fingerprint).collect();
    assert_eq!(before, after);
    let distinct: std::collections::BTreeSet<&String> = before.iter().collect();
    assert_eq!(distinct.len(), before.len());
}
