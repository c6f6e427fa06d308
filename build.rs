//! Makes the examples of `rules explain` out of the case files, so that what is shown is what is tested.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

const CASES: &str = "tests/cases";

fn main() -> std::io::Result<()> {
    println!("cargo::rerun-if-changed={CASES}");
    let root = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let mut out = String::from("/// Rule, a case that it speaks to, a case that it leaves alone.\n");
    out.push_str("static EXAMPLES: &[(&str, &str, &str)] = &[\n");
    for (rule, spoken, silent) in examples(&root.join(CASES)) {
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "    ({rule:?}, include_str!({:?}), include_str!({:?})),",
            spoken.to_string_lossy(),
            silent.to_string_lossy()
        );
    }
    out.push_str("];\n");
    let target = PathBuf::from(std::env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(target.join("examples.rs"), out)
}

/// A source tree without its tests has no examples, and is no error.
fn examples(cases: &Path) -> Vec<(String, PathBuf, PathBuf)> {
    let mut found: Vec<_> = entries(cases)
        .into_iter()
        .filter_map(|folder| {
            let files = entries(&folder);
            let (spoken, silent) = ["deny.", "warn.", "info."]
                .iter()
                .find_map(|verdict| nearest(&files, verdict))?;
            Some((folder.file_name()?.to_str()?.to_owned(), spoken, silent))
        })
        .collect();
    found.sort();
    found
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

/// Of all cases that it speaks to and all that it leaves alone, the two that differ least: what is wrong, and the same
/// mended. Of equals the smaller.
fn nearest(files: &[PathBuf], verdict: &str) -> Option<(PathBuf, PathBuf)> {
    let of = |verdict: &str| -> Vec<(PathBuf, String)> {
        let named = files.iter().filter(|file| {
            let name = file.file_name().and_then(|name| name.to_str());
            name.is_some_and(|name| name.starts_with(verdict))
        });
        let read = named.filter_map(|file| Some((file.clone(), fs::read_to_string(file).ok()?)));
        read.collect()
    };
    let silent = of("allow.");
    let pairs = of(verdict).into_iter().flat_map(|spoken| {
        let silent = silent.clone();
        silent.into_iter().map(move |silent| (spoken.clone(), silent))
    });
    let pair = pairs.min_by_key(|((spoken, text), (silent, twin))| {
        (
            differing_lines(text, twin),
            text.len() + twin.len(),
            spoken.clone(),
            silent.clone(),
        )
    });
    pair.map(|((spoken, _), (silent, _))| (spoken, silent))
}

/// Lines of either that the other lacks, what is expected left aside.
fn differing_lines(one: &str, other: &str) -> usize {
    let objects = |text: &str| -> Vec<String> {
        let lines = text.lines().skip_while(|line| !line.starts_with("---"));
        lines.map(str::to_owned).collect()
    };
    let (one, mut other) = (objects(one), objects(other));
    let mut differing = 0;
    for line in &one {
        match other.iter().position(|candidate| candidate == line) {
            Some(same) => drop(other.remove(same)),
            None => differing += 1,
        }
    }
    differing + other.len()
}
