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

mod case;
mod doors;
mod files;
mod judging;
mod standing;

use std::collections::BTreeMap;
use std::fs;
use std::process::ExitCode;

use case::Case;
use files::File;
use vcluster_guard_core::rules;

fn main() -> ExitCode {
    // As with any test: `cargo test --test cases ha-embedded-db` runs what has that in its path.
    let filter = std::env::args().skip(1).find(|word| !word.starts_with('-'));
    let mut verdicts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let (mut run, mut failures) = (0, Vec::new());
    for file in files::all() {
        if filter
            .as_ref()
            .is_none_or(|filter| file.label.contains(filter.as_str()))
        {
            run += 1;
            failures.extend(walk(&file).err().map(|why| format!("{}: {why}", file.label)));
        }
        verdicts.entry(file.id).or_default().push(file.verdict);
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

fn walk(file: &File) -> Result<(), String> {
    let topic = file.topic.ok_or("there is no such rule")?;
    let text = fs::read(&file.path).map_err(|error| error.to_string())?;
    let case = Case::read(&text)?;
    judging::judge(&case, topic, &file.verdict)?;
    standing::compare(&case)
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
