//! Walks `tests/fixes`: what `fix` makes of a file, byte for byte, and what it says.
//!
//! A folder holds `before.yaml` (or `.json`), `after` it, unless nothing may change, and in `told` the exit code and
//! what is said, word for word.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at what must hold")]

#[path = "fixes/everywhere.rs"]
mod everywhere;
#[path = "program/run.rs"]
mod program;
#[path = "fixes/several.rs"]
mod several;

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// What every password in the files is called.
const PASSWORD: &str = "s3cret";

fn fix(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vcluster-guard"));
    command.current_dir(folder).arg("fix").args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn told(output: &Output) -> String {
    format!("exit {}\n{}", output.status.code().unwrap(), text(&output.stdout))
}

/// What is wrong with how a folder is mended.
fn wrong(folder: &Path) -> Option<String> {
    let extension = if folder.join("before.json").exists() {
        "json"
    } else {
        "yaml"
    };
    let read = |name: &str| fs::read(folder.join(name).with_extension(extension)).ok();
    let before = read("before").unwrap();
    let after = read("after").unwrap_or_else(|| before.clone());
    let wanted = fs::read_to_string(folder.join("told")).unwrap();

    let place = tempfile::tempdir().unwrap();
    let name = format!("values.{extension}");
    let file = place.path().join(&name);
    fs::write(&file, &before).unwrap();
    let shown = fix(place.path(), &[&name]);
    if fs::read(&file).unwrap() != before {
        return Some("is changed without --write".into());
    }
    if (shown.stdout.is_empty()) != (before == after) {
        return Some(format!("shows\n{}", text(&shown.stdout)));
    }
    let written = fix(place.path(), &["--write", &name]);
    let made = fs::read(&file).unwrap();
    if made != after {
        return Some(format!("becomes\n{}\n{}", text(&made), text(&written.stderr)));
    }
    if told(&written) != wanted {
        return Some(format!("says\n{}{}", told(&written), text(&written.stderr)));
    }
    let everything = [shown.stdout, shown.stderr, written.stdout, written.stderr].concat();
    if text(&everything).contains(PASSWORD) {
        return Some("prints a password".into());
    }
    let again = fix(place.path(), &["--write", &name]);
    let nothing =
        text(&again.stdout).contains("\n0 mended in 0 files; ") || text(&again.stdout).starts_with("0 mended");
    (!nothing || fs::read(&file).unwrap() != after).then(|| format!("is mended twice:\n{}", text(&again.stdout)))
}

#[test]
fn every_folder_is_mended_as_it_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixes");
    let mut folders: Vec<PathBuf> = fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    let failures: Vec<String> = folders
        .iter()
        .filter_map(|folder| Some(format!("{} {}", folder.display(), wrong(folder)?)))
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(!folders.is_empty());
}

#[test]
fn every_remedy_that_is_documented_is_shown_and_the_other_way_round() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/fix.md")).unwrap();
    let table = page.split_once("| rule | change |").unwrap().1;
    let table = table.split_once("\n\n").unwrap().0;
    let cells = table.lines().filter_map(|row| row.split('|').nth(1));
    let documented: BTreeSet<&str> = cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect();
    let told: Vec<String> = fs::read_dir(root.join("tests/fixes"))
        .unwrap()
        .filter_map(|entry| fs::read_to_string(entry.unwrap().path().join("told")).ok())
        .collect();
    let rows = told.iter().flat_map(|told| told.lines());
    let mended = rows.filter_map(|row| row.strip_prefix("  MENDED  ")?.split_once(": ").map(|(rule, _)| rule));
    assert_eq!(documented, mended.collect());
}

/// A folder with a values file that can be mended, the file, its text, and that text mended.
fn sample() -> (tempfile::TempDir, PathBuf, &'static str, &'static str) {
    let before = "controlPlane:\n  advanced:\n    podDisruptionBudget:\n      enabled: true\n";
    let after = "controlPlane:\n  advanced:\n    podDisruptionBudget:\n      enabled: true\n      maxUnavailable: 1\n";
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("demo.yaml");
    fs::write(&file, before).unwrap();
    (folder, file, before, after)
}

#[test]
fn a_link_stays_a_link_and_a_mode_stays_a_mode() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let (folder, file, _, after) = sample();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    symlink("demo.yaml", folder.path().join("link.yaml")).unwrap();
    assert!(fix(folder.path(), &["--write", "link.yaml"]).status.success());
    assert_eq!(fs::read_to_string(&file).unwrap(), after);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
    assert!(
        fs::symlink_metadata(folder.path().join("link.yaml"))
            .unwrap()
            .is_symlink()
    );
    let mut names: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    names.sort();
    assert_eq!(names, ["demo.yaml", "link.yaml"], "no draft is left");
}

#[test]
fn the_diff_can_be_applied() {
    let (folder, file, _, after) = sample();
    let diff = fix(folder.path(), &["demo.yaml"]).stdout;
    assert_eq!(
        text(&diff),
        "--- demo.yaml\n+++ demo.yaml\n@@ -2,3 +2,4 @@\n   advanced:\n     podDisruptionBudget:\n       enabled: true\n\
         +      maxUnavailable: 1\n"
    );
    fs::write(folder.path().join("diff"), diff).unwrap();
    let patch = Command::new("patch")
        .current_dir(folder.path())
        .args(["-s", "-p0", "-i", "diff"])
        .status();
    match patch {
        Ok(status) => {
            assert!(status.success());
            assert_eq!(fs::read_to_string(file).unwrap(), after);
        }
        Err(error) => skipped(&format!("patch does not run: {error}")),
    }
}

/// Says so where it is seen: what a test prints by `eprintln!` is not, while it holds. In a pipeline nothing is skipped.
fn skipped(why: &str) {
    assert!(std::env::var_os("CI").is_none(), "{why}");
    let _shown = writeln!(std::io::stderr(), "skipped: {why}");
}

/// `fix --write -` of a text: exit code, standard output and stderr.
fn piped(text: &[u8]) -> (Option<i32>, Vec<u8>, String) {
    let output = program::run(Path::new("."), &["fix", "--write", "-"], text);
    (output.status.code(), output.stdout, self::text(&output.stderr))
}

#[test]
fn the_text_of_standard_input_goes_to_standard_output_mended() {
    let (_folder, _file, before, after) = sample();
    let (code, out, told) = piped(before.as_bytes());
    assert_eq!((code, text(&out).as_str()), (Some(0), after));
    assert!(
        told.ends_with("1 mended in 1 file; left: 0 deny, 0 warn, 0 info\n"),
        "{told}"
    );
}

#[test]
fn a_text_that_is_not_mended_goes_through_as_it_is() {
    let several = b"controlPlane: {statefulSet: {highAvailability: {replicas: 3}}}\r\n# the end";
    let (code, out, told) = piped(several);
    assert_eq!((code, out.as_slice()), (Some(1), several.as_slice()));
    assert!(told.contains("ha-embedded-db"), "{told}");
    let foreign = b"kind: ConfigMap\n---\n- 1\n";
    let (code, out, _) = piped(foreign);
    assert_eq!((code, out.as_slice()), (Some(0), foreign.as_slice()));
}

#[test]
fn a_directory_is_mended_file_by_file() {
    let (folder, file, before, after) = sample();
    let other = folder.path().join("other.yaml");
    fs::write(&other, before).unwrap();
    let broken = folder.path().join("broken.yaml");
    fs::write(&broken, "a: [\n").unwrap();
    let output = fix(folder.path(), &["--write", "."]);
    assert_eq!(fs::read_to_string(file).unwrap(), after);
    assert_eq!(fs::read_to_string(other).unwrap(), after);
    assert_eq!(fs::read_to_string(broken).unwrap(), "a: [\n");
    assert_eq!(
        output.status.code(),
        Some(2),
        "something could not be read: {}",
        text(&output.stdout)
    );
}

#[test]
fn the_story_is_told_to_programs_too() {
    let (folder, ..) = sample();
    let output = fix(folder.path(), &["-o", "json", "demo.yaml"]);
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told["version"], 1);
    assert_eq!(told["written"], false);
    assert_eq!(told["mended"][0]["rule"], "pdb-empty");
    assert_eq!(
        told["mended"][0]["changes"],
        serde_json::json!(["set controlPlane.advanced.podDisruptionBudget.maxUnavailable to 1"])
    );
    assert_eq!(
        told["mended"][0]["source"],
        serde_json::json!({"file": "demo.yaml", "line": 3})
    );
    assert_eq!(told["files"][0]["file"], "demo.yaml");
    assert_eq!(
        told["summary"],
        serde_json::json!({"vclusters": 1, "mended": 1, "deny": 0, "warn": 0, "info": 0})
    );
}

#[test]
fn two_things_on_standard_output_are_refused() {
    let (folder, ..) = sample();
    let output = fix(folder.path(), &["--write", "-o", "json", "-"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        text(&output.stderr).contains("standard output"),
        "{}",
        text(&output.stderr)
    );
    let output = fix(folder.path(), &["--write", "--diff", "demo.yaml"]);
    assert_eq!(output.status.code(), Some(2));
}
