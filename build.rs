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
            let spoken = ["deny.", "warn.", "info."]
                .iter()
                .find_map(|verdict| smallest(&files, verdict))?;
            let silent = smallest(&files, "allow.")?;
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

/// The plainest case: the smallest, and of equals the first by name.
fn smallest(files: &[PathBuf], verdict: &str) -> Option<PathBuf> {
    let of_verdict = files.iter().filter(|file| {
        let name = file.file_name().and_then(|name| name.to_str());
        name.is_some_and(|name| name.starts_with(verdict))
    });
    of_verdict
        .min_by_key(|file| {
            (
                fs::metadata(file).map_or(u64::MAX, |about| about.len()),
                (*file).clone(),
            )
        })
        .cloned()
}
