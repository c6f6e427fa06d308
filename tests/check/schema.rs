//! JSON is a contract: docs/report.schema.json describes every report there is.

use std::path::{Path, PathBuf};
use std::process::Command;

use jsonschema::Validator;
use serde_json::Value;

use crate::run::Folder;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn schema() -> Value {
    serde_json::from_str(&std::fs::read_to_string(root().join("docs/report.schema.json")).unwrap()).unwrap()
}

fn validator(schema: &Value) -> Validator {
    jsonschema::draft202012::options()
        .should_validate_formats(true)
        .build(schema)
        .unwrap()
}

/// For readers a new field is no mistake; here it is one that the schema does not describe.
fn closed(schema: &mut Value) {
    let Some(members) = schema.as_object_mut() else { return };
    if members.get("type").is_some_and(|kind| kind == "object") {
        members.insert("additionalProperties".into(), false.into());
    }
    members.values_mut().for_each(closed);
}

fn report(arguments: &[&Path]) -> Value {
    let mut check = Command::new(env!("CARGO_BIN_EXE_vcluster-guard"));
    let output = check.args(["check", "-o", "json"]).args(arguments).output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

/// Everything in a folder that is checked by itself: each file of a folder of cases, with its state before where it has
/// one.
fn reports() -> Vec<Value> {
    let mut reports = vec![
        report(&[&root().join("examples")]),
        report(&[&root().join("tests/carriers")]),
    ];
    for folder in std::fs::read_dir(root().join("tests/cases")).unwrap() {
        let folder = folder.unwrap().path();
        if folder.is_dir() {
            reports.push(report(&[&folder]));
        }
    }
    let needless = Folder::with(&[(
        "a.yaml",
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: vc-config-a\n  annotations:\n    \
         vcluster-guard.dev/exempt: sch-dns\n    vcluster-guard.dev/exempt-reason: none\n    \
         vcluster-guard.dev/exempt-until: \"2099-01-31T18:00:00Z\"\nstringData: {config.yaml: \"{}\"}\n",
    )]);
    reports.push(report(&[needless.path()]));
    reports.push(report(&[Path::new("--explain"), needless.path()]));
    let before = root().join("tests/carriers/deny.flux-change.before");
    reports.push(report(&[
        Path::new("--before"),
        &before,
        &before.with_extension("yaml"),
    ]));
    reports
}

#[test]
fn every_report_is_as_described_and_nothing_is_left_undescribed() {
    let open = validator(&schema());
    let mut schema = schema();
    closed(&mut schema);
    let closed = validator(&schema);
    let reports = reports();
    for report in &reports {
        for validator in [&open, &closed] {
            let errors: Vec<String> = validator
                .iter_errors(report)
                .map(|error| format!("{}: {error}", error.instance_path()))
                .collect();
            assert_eq!(errors, Vec::<String>::new());
        }
    }
    // It would be no proof if there were nothing in them.
    for part in [
        "findings",
        "patches",
        "undecided",
        "incomplete",
        "observations",
        "explained",
        "vclusters",
    ] {
        let has = |report: &&Value| report[part].as_array().is_some_and(|part| !part.is_empty());
        assert!(reports.iter().any(|report| has(&report)), "{part}");
    }
}

#[test]
fn mistakes_are_found() {
    let validator = validator(&schema());
    let right = report(&[&root().join("examples/demo")]);
    assert!(validator.is_valid(&right));
    let mistakes: [(&str, Value); 5] = [
        ("/version", 2.into()),
        ("/findings/0/severity", "error".into()),
        ("/findings/0/source/line", 0.into()),
        ("/summary/deny", "1".into()),
        ("/vclusters/0/store", "postgres".into()),
    ];
    for (pointer, value) in mistakes {
        let mut wrong = right.clone();
        *wrong.pointer_mut(pointer).unwrap() = value;
        assert!(!validator.is_valid(&wrong), "{pointer}");
    }
}
