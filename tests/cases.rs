//! Walks `tests/cases`: a file is a case, its name is the verdict, its first document is what is expected.
//! `tests/cases/README.md` describes the format.
//!
//! Every case goes through both doors: admission (a request an object, look-ups answered by the other objects of
//! the file) and check (all objects joined into releases).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at what must hold"
)]

#[path = "walker/case.rs"]
mod case;
#[path = "walker/doors.rs"]
mod doors;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use case::{Case, Topic};
use vcluster_guard_core::rules;

/// Folders that are about no single rule: what is left alone, and what is mended without a rule.
const BESIDES: [(&str, Topic); 2] = [("injection", Topic::Mends), ("recognition", Topic::EveryRule)];

fn main() -> ExitCode {
    // As with any test: `cargo test --test cases ha-embedded-db` runs what has that in its path.
    let filter = std::env::args().skip(1).find(|word| !word.starts_with('-'));
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut verdicts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let (mut run, mut failures) = (0, Vec::new());
    for folder in sorted(&root).filter(|path| path.is_dir()) {
        let id = name(&folder);
        let Some(topic) = topic(&id) else {
            failures.push(format!("{id}: there is no such rule"));
            continue;
        };
        for file in sorted(&folder) {
            let label = format!("{id}/{}", name(&file));
            let verdict = name(&file).split('.').next().unwrap_or_default().to_owned();
            verdicts.entry(id.clone()).or_default().push(verdict.clone());
            if filter.as_ref().is_none_or(|filter| label.contains(filter.as_str())) {
                run += 1;
                failures.extend(walk(&file, topic, &verdict).err().map(|why| format!("{label}: {why}")));
            }
        }
    }
    if filter.is_none() {
        failures.extend(missing(&verdicts));
    }
    for failure in &failures {
        println!("{failure}");
    }
    println!("{run} cases, {} failures", failures.len());
    ExitCode::from(u8::from(!failures.is_empty()))
}

fn walk(file: &Path, topic: Topic, verdict: &str) -> Result<(), String> {
    let text = fs::read(file).map_err(|error| error.to_string())?;
    Case::read(&text)?.judge(topic, verdict)
}

fn topic(id: &str) -> Option<Topic> {
    let besides = || BESIDES.iter().find(|(name, _)| *name == id).map(|(_, topic)| *topic);
    rules::by_id(id).map(Topic::Rule).or_else(besides)
}

/// Rules without a case that they speak to, or without the nearest twin that they leave alone.
fn missing(verdicts: &BTreeMap<String, Vec<String>>) -> impl Iterator<Item = String> {
    let has = |id: &str, any: &[&str]| {
        let of_rule = verdicts.get(id).into_iter().flatten();
        of_rule.into_iter().any(|verdict| any.contains(&verdict.as_str()))
    };
    rules::TABLE.iter().flat_map(move |rule| {
        let speaks = has(rule.id, &["deny", "warn", "info"]);
        let silent = has(rule.id, &["allow"]);
        let lacks = |what: &str| format!("{}: lacks {what} case", rule.id);
        [
            (!speaks).then(|| lacks("a deny, warn or info")),
            (!silent).then(|| lacks("an allow")),
        ]
        .into_iter()
        .flatten()
    })
}

fn sorted(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .expect("the folder of cases is there")
        .map(|entry| entry.expect("it can be listed").path())
        .collect();
    paths.sort();
    paths.into_iter()
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
