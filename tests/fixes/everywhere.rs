//! Every file that there is: the cases, the carriers, and the shared corpus where it lies beside this repository. What
//! is mended is found no more, nothing new is found, nothing else has changed, and a second run finds nothing to do.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;
use vcluster_guard_core::config::yaml;

const GUARD: &str = env!("CARGO_BIN_EXE_vcluster-guard");

#[test]
fn whatever_is_mended_is_mended_once_and_nothing_else_changes() {
    let files = files();
    let next = AtomicUsize::new(0);
    let mended = AtomicUsize::new(0);
    let worker = || {
        let mut failures = Vec::new();
        while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            match wrong(file) {
                Ok(was_mended) => {
                    mended.fetch_add(usize::from(was_mended), Ordering::Relaxed);
                }
                Err(why) => failures.push(format!("{}: {why}", file.display())),
            }
        }
        failures
    };
    let failures: Vec<String> = std::thread::scope(|scope| {
        let workers = [scope.spawn(worker), scope.spawn(worker)];
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(mended.into_inner() > 50, "hardly anything was mended");
}

fn files() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = yaml_below(&root.join("tests/cases"));
    files.extend(yaml_below(&root.join("tests/carriers")));
    let corpus = root.join("../shared/corpus/manifests");
    if corpus.is_dir() {
        let named = ["values.yaml", "manifest.yaml"];
        let all = yaml_below(&corpus).into_iter();
        files.extend(all.filter(|file| named.iter().any(|name| file.ends_with(name))));
    } else {
        // Not by `println!`, which a test that holds does not show.
        let _shown = writeln!(std::io::stderr(), "skipped: there is no ../shared/corpus");
    }
    files
}

fn yaml_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(yaml_below(&path));
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The objects of a case that are asked for; of any other file, all of it.
fn text(file: &Path) -> String {
    let text = fs::read_to_string(file).unwrap();
    if !file.components().any(|part| part.as_os_str() == "cases") {
        return text;
    }
    let objects = text.split_once("\n---").map_or("", |(_, objects)| objects);
    let now = objects.rsplit_once("--- now\n").map_or(objects, |(_, now)| now);
    now.split("\n--- ").next().unwrap_or_default().trim_start().into()
}

fn run(folder: &Path, arguments: &[&str]) -> Result<Value, String> {
    let output = Command::new(GUARD)
        .current_dir(folder)
        .args(arguments)
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).map_err(|_| String::from_utf8_lossy(&output.stderr).into_owned())
}

/// Whether anything of the file is mended, or what is wrong with how it is.
fn wrong(file: &Path) -> Result<bool, String> {
    let old = text(file);
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path().join("demo.yaml");
    fs::write(&here, &old).unwrap();
    let read = || fs::read_to_string(&here).unwrap();
    let check = || run(folder.path(), &["check", "-o", "json", "demo.yaml"]);
    let fix = |how: &str| run(folder.path(), &["fix", how, "-o", "json", "demo.yaml"]);
    if list(&fix("--diff")?, "mended").is_empty() {
        return Ok(false);
    }
    let before = check()?;
    let told = fix("--write")?;
    let new = read();
    let after = check()?;
    for finding in list(&after, "findings") {
        let same = |other: &&Value| {
            ["rule", "release", "message"]
                .iter()
                .all(|&key| other[key] == finding[key])
        };
        if list(&told, "mended").iter().any(|mended| same(&mended)) {
            return Err(format!("{} is still found", finding["rule"]));
        }
        let known = |other: &&Value| other["rule"] == finding["rule"] && other["release"] == finding["release"];
        if finding["severity"] != "info" && !list(&before, "findings").iter().any(|other| known(&other)) {
            return Err(format!("{} is new", finding["rule"]));
        }
    }
    let mut later = comments(&new).into_iter();
    if let Some(lost) = comments(&old)
        .into_iter()
        .find(|comment| !later.any(|other| other == *comment))
    {
        return Err(format!("the comment {lost} is lost"));
    }
    let changes = changes(&told);
    let unexplained = differences(&old, &new)
        .into_iter()
        .find(|path| !changes.iter().any(|change| path.contains(change)));
    if let Some(path) = unexplained {
        return Err(format!("{path} has changed, and is none of {changes:?}"));
    }
    if !list(&fix("--write")?, "mended").is_empty() || read() != new {
        return Err("is mended twice".into());
    }
    Ok(true)
}

fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value[name].as_array().map(Vec::as_slice).unwrap_or_default()
}

/// What stands behind a `#` that begins a word.
fn comments(text: &str) -> Vec<&str> {
    let comment = |line: &'_ str| {
        let at = line
            .find('#')
            .filter(|&at| line[..at].ends_with([' ', '\t']) || line[..at].is_empty());
        at.map(|at| at..line.len())
    };
    text.lines()
        .filter_map(|line| Some(line[comment(line)?].trim()))
        .collect()
}

/// The dotted paths that are told, those of items as those of their lists, and what stands for them elsewhere.
fn changes(told: &Value) -> Vec<String> {
    let words = list(told, "mended").iter().flat_map(|mended| list(mended, "changes"));
    let paths = words.filter_map(|words| words.as_str()?.split(' ').nth(1));
    let path = |path: &str| match path.strip_suffix(']').and_then(|path| path.rsplit_once('[')) {
        Some((list, _)) => list.replace('[', ".").replace(']', ""),
        None => path.replace('[', ".").replace(']', ""),
    };
    let mut paths: Vec<String> = paths.map(path).collect();
    // A workload says what was made of it; an Application has a list of names and values.
    paths.extend([".metadata.annotations".into(), ".helm.parameters".into()]);
    paths
}

/// The dotted paths of everything that differs, in texts that hold YAML too.
fn differences(old: &str, new: &str) -> Vec<String> {
    let values = |text: &str| {
        let documents = yaml::documents(text.as_bytes()).unwrap();
        documents.into_iter().map(|document| document.value).collect::<Vec<_>>()
    };
    let mut found = Vec::new();
    compare("", &Value::Array(values(old)), &Value::Array(values(new)), &mut found);
    found
}

fn compare(path: &str, old: &Value, new: &Value, found: &mut Vec<String>) {
    let parsed = |value: &Value| {
        let document = yaml::documents(value.as_str()?.as_bytes()).ok()?.into_iter().next()?;
        Some(document.value).filter(Value::is_object)
    };
    match (old, new) {
        _ if old == new => {}
        (Value::Object(a), Value::Object(b)) => {
            let names: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for name in names {
                let member = |map: &serde_json::Map<String, Value>| map.get(name).cloned().unwrap_or_default();
                compare(&format!("{path}.{name}"), &member(a), &member(b), found);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (index, (a, b)) in a.iter().zip(b).enumerate() {
                compare(&format!("{path}.{index}"), a, b, found);
            }
        }
        (old, new) => match (parsed(old), parsed(new)) {
            (Some(old), Some(new)) => compare(path, &old, &new, found),
            _ => found.push(path.into()),
        },
    }
}
