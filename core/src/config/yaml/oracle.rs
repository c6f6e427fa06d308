//! The YAML layer against recorded answers of Go's: a few of each class that lie here, and many where they lie beside
//! this repository. A line holds the text (`yaml`, or `base64` where it is no UTF-8) and the JSON or the refusal.

extern crate std;

use std::io::Write as _;
use std::string::{String, ToString};
use std::vec::Vec;
use std::{format, fs};

use base64::Engine as _;
use serde_json::Value;

use super::to_json_strict;

/// What `tests/fuzz/main.go` answered, which is vCluster's own reader.
const RECORDED: &str = include_str!("tests/recorded.jsonl");

#[test]
fn recorded_yaml_texts_are_read_as_go_reads_them() {
    assert!(RECORDED.lines().count() > 60);
    hold(RECORDED);
}

#[test]
fn the_many_recorded_beside_the_repository_are_read_as_go_reads_them() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/oracle/yaml-quirks.jsonl");
    match fs::read_to_string(path) {
        Ok(records) => hold(&records),
        // Not by `println!`, which a test that holds does not show.
        Err(error) => {
            let _shown = writeln!(std::io::stderr(), "skipped: {path}: {error}");
        }
    }
}

fn hold(records: &str) {
    let records = records.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let steady = records.filter(|record| !record["nondeterministic"]["json"].is_array());
    let differing: Vec<String> = steady.filter_map(|record| difference(&record)).collect();
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

fn difference(record: &Value) -> Option<String> {
    let text = text(record);
    let ours = to_json_strict(&text);
    let go: Option<Value> = record["json"].as_str().map(|json| serde_json::from_str(json).unwrap());
    let agree = match (&ours, &go) {
        (Ok(ours), Some(go)) => ours == go,
        (Err(_), None) => true,
        _ => false,
    };
    (!agree).then(|| format!("{:?}: {ours:?}, Go {record}", String::from_utf8_lossy(&text)))
}

fn text(record: &Value) -> Vec<u8> {
    if let Some(text) = record["yaml"].as_str() {
        return text.to_string().into_bytes();
    }
    let packed = record["base64"].as_str().or(record["yaml_b64"].as_str());
    base64::engine::general_purpose::STANDARD
        .decode(packed.unwrap())
        .unwrap()
}
