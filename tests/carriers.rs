//! Walks `tests/carriers`: values where users write them, as `check` judges them.
//!
//! The first word of a file's name is the verdict: `deny`, `warn`, `allow`, `unseen` (ours, and not judged) or
//! `ignore` (none of ours). Its lines that begin with `#:` are what is said, word for word: findings from warnings up,
//! then notes. A file of the same name that ends in `.before` is how things were.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at what must hold"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// What every password in the files is called.
const PASSWORD: &str = "s3cret";

/// What `check` said of one file.
struct Said {
    report: Value,
    /// Findings from warnings up, then notes.
    lines: Vec<String>,
    exit: Option<i32>,
    /// All of it.
    raw: String,
}

fn check(file: &Path) -> Said {
    let folder = file.parent().unwrap();
    let name = file.file_name().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_vcluster-guard"));
    command.current_dir(folder).args(["check", "-o", "json"]);
    let before = Path::new(name).with_extension("before");
    if folder.join(&before).exists() {
        command.arg("--before").arg(before);
    }
    let output = command.arg(name).output().expect("the program can be run");
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    let report: Value = serde_json::from_str(&stdout).unwrap_or_else(|_| panic!("{}: {stderr}", file.display()));
    let findings = report["findings"].as_array().unwrap();
    let incomplete = report["incomplete"].as_array().unwrap();
    let mut lines: Vec<String> = findings
        .iter()
        .filter(|finding| finding["severity"] != "info")
        .map(line)
        .collect();
    lines.extend(
        incomplete
            .iter()
            .map(|what| format!("not read: {}", what.as_str().unwrap())),
    );
    // Said above already.
    lines.extend(
        stderr
            .lines()
            .filter(|line| !line.starts_with("not read: "))
            .map(String::from),
    );
    Said {
        lines,
        exit: output.status.code(),
        raw: stdout + &stderr,
        report,
    }
}

/// What is said of input that is none of ours.
const NOTHING: &str = "note: no vCluster was found in the input";

fn line(finding: &Value) -> String {
    let at = |pointer: &str| finding.pointer(pointer).unwrap().as_str().unwrap();
    format!(
        "{} {} of {}/{} in {} {}, line {}: {} ({})",
        at("/severity"),
        at("/rule"),
        at("/namespace"),
        at("/release"),
        at("/object/kind"),
        at("/object/name"),
        finding["source"]["line"],
        at("/message"),
        at("/path"),
    )
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What is wrong with how a file is judged.
fn wrong(file: &Path) -> Option<String> {
    let written = fs::read_to_string(file).unwrap();
    let wanted: Vec<_> = written.lines().filter_map(|line| line.strip_prefix("#: ")).collect();
    let said = check(file);
    if said.lines != wanted {
        return Some(format!("says\n  {}", said.lines.join("\n  ")));
    }
    if said.raw.contains(PASSWORD) {
        return Some("prints a password".into());
    }
    let counts = |name: &str| said.report["summary"][name].as_u64().unwrap();
    let verdict = match (counts("vclusters"), counts("deny"), counts("warn")) {
        (0, ..) if said.lines == [NOTHING] => "ignore",
        (0, ..) => "unseen",
        (_, 0, 0) => "allow",
        (_, 0, _) => "warn",
        _ => "deny",
    };
    let exit = i32::from(verdict == "deny");
    if said.exit != Some(exit) && said.report["incomplete"].as_array().is_some_and(Vec::is_empty) {
        return Some(format!("exits with {:?}", said.exit));
    }
    let name = file.file_name()?.to_string_lossy();
    (!name.starts_with(&format!("{verdict}."))).then(|| format!("the verdict is {verdict}"))
}

#[test]
fn every_file_is_judged_as_it_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/carriers");
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .expect("the folder is there")
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .collect();
    files.sort();
    let failures: Vec<String> = files
        .iter()
        .filter_map(|file| Some(format!("{}: {}", file.display(), wrong(file)?)))
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(!files.is_empty());
}
