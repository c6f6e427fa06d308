//! The YAML layer against recorded answers of Go's, where they lie beside this repository.

extern crate std;

use std::string::String;
use std::vec::Vec;
use std::{format, fs, println};

use base64::Engine as _;
use serde_json::Value;

use super::to_json_strict;

#[test]
fn recorded_yaml_texts_are_read_as_go_reads_them() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/oracle/yaml-quirks.jsonl");
    let Ok(records) = fs::read_to_string(path) else {
        println!("skipped: no recorded answers");
        return;
    };
    let mut differing: Vec<String> = Vec::new();
    for line in records.split('\n').filter(|line| !line.is_empty()) {
        let record: Value = serde_json::from_str(line).unwrap();
        if record["nondeterministic"]["json"].is_array() {
            continue;
        }
        let text = match &record["yaml"] {
            Value::String(text) => text.clone().into_bytes(),
            _ => base64::engine::general_purpose::STANDARD
                .decode(record["yaml_b64"].as_str().unwrap())
                .unwrap(),
        };
        let ours = to_json_strict(&text);
        let go = record["json"]
            .as_str()
            .map(|json| serde_json::from_str::<Value>(json).unwrap());
        match (&ours, &go) {
            (Ok(ours), Some(go)) if ours == go => {}
            (Err(_), None) => {}
            _ => differing.push(format!(
                "{}: {:?}: {ours:?}, Go {go:?} {}",
                record["id"],
                String::from_utf8_lossy(&text),
                record["error"]
            )),
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}
