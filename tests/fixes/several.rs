//! Several files in one run, and files that are no UTF-8: what happens to one is no matter of the others.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

use super::{fix, sample, text};

const NOBODY: u32 = 65534;

/// What cannot be mended: it stands behind an alias.
const TWIN: &str = "half: &half {enabled: true}\ncontrolPlane:\n  advanced:\n    podDisruptionBudget: *half\n";

/// Files of these texts, in folders of their own.
fn files(texts: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in texts {
        let file = folder.path().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    folder
}

fn told(folder: &Path, arguments: &[&str]) -> Value {
    let output = fix(folder, &[&["-o", "json"], arguments].concat());
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", text(&output.stderr)))
}

fn is_root(made: &Path) -> bool {
    fs::metadata(made).unwrap().uid() == 0
}

/// Root may write everywhere: then as nobody, who may not.
fn not_as_root(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vcluster-guard"));
    if is_root(folder) {
        command.uid(NOBODY).gid(NOBODY);
    }
    command.current_dir(folder).args(arguments).output().unwrap()
}

#[test]
fn two_releases_of_one_name_are_mended_each_by_itself() {
    let (_folder, _file, before, after) = sample();
    for names in [["prod/x.yaml", "staging/x.yaml"], ["staging/x.yaml", "prod/x.yaml"]] {
        let folder = files(&[("staging/x.yaml", before.as_bytes()), ("prod/x.yaml", TWIN.as_bytes())]);
        let told = told(folder.path(), &["--write", names[0], names[1]]);
        let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
        assert_eq!(read("staging/x.yaml"), after);
        assert_eq!(read("prod/x.yaml"), TWIN);
        assert_eq!(told["summary"]["mended"], 1, "{told}");
        assert_eq!(told["mended"][0]["source"]["file"], "staging/x.yaml");
        assert_eq!(told["left"][0]["source"]["file"], "prod/x.yaml");
        assert!(told["left"][0]["reason"].as_str().unwrap().contains("alias"), "{told}");
        let folder = files(&[
            ("staging/x.yaml", before.as_bytes()),
            ("prod/x.yaml", before.as_bytes()),
        ]);
        fix(folder.path(), &["--write", names[0], names[1]]);
        for name in names {
            assert_eq!(fs::read_to_string(folder.path().join(name)).unwrap(), after);
        }
    }
}

#[test]
fn a_file_in_utf_16_stays_as_it_is() {
    let (.., before, _) = sample();
    let wide: Vec<u8> = "\u{feff}"
        .chars()
        .chain(before.chars())
        .flat_map(|c| (c as u16).to_le_bytes())
        .collect();
    let folder = files(&[("demo.yaml", &wide)]);
    let told = told(folder.path(), &["--write", "demo.yaml"]);
    assert_eq!(fs::read(folder.path().join("demo.yaml")).unwrap(), wide);
    assert_eq!((&told["mended"], &told["files"]), (&json!([]), &json!([])));
    assert_eq!(told["left"][0]["reason"], "the text is not UTF-8");
}

#[test]
fn a_document_that_is_no_text_stays_as_it_is_and_is_told() {
    let (.., before, after) = sample();
    let beside = |mended: &str| [b"foo: \"caf\xe9\"\n---\n", mended.as_bytes(), b"---\nbar: \xff\n"].concat();
    let folder = files(&[("demo.yaml", &beside(before))]);
    let output = fix(folder.path(), &["--write", "demo.yaml"]);
    assert_eq!(fs::read(folder.path().join("demo.yaml")).unwrap(), beside(after));
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stdout));
    assert!(
        text(&output.stdout).contains("\nnot read: demo.yaml"),
        "{}",
        text(&output.stdout)
    );
}

#[test]
fn a_file_that_cannot_be_written_is_told_with_those_that_are() {
    let (.., before, after) = sample();
    let folder = files(&[
        ("a/x.yaml", before.as_bytes()),
        ("b/y.yaml", before.as_bytes()),
        ("c/z.yaml", before.as_bytes()),
    ]);
    for (name, mode) in [("", 0o755), ("a", 0o777), ("b", 0o555), ("c", 0o777)] {
        fs::set_permissions(folder.path().join(name), fs::Permissions::from_mode(mode)).unwrap();
    }
    let output = not_as_root(folder.path(), &["fix", "--write", "-o", "json", "a", "b", "c"]);
    let told: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", text(&output.stderr)));
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    assert_eq!(
        (
            read("a/x.yaml").as_str(),
            read("b/y.yaml").as_str(),
            read("c/z.yaml").as_str()
        ),
        (after, before, after)
    );
    assert_eq!(output.status.code(), Some(2));
    let why = "b/y.yaml: failed to make a draft in ";
    assert!(told["unmended"][0].as_str().unwrap().starts_with(why), "{told}");
    assert_eq!(told["summary"]["mended"], 2, "{told}");
    assert_eq!(told["left"][0]["source"], json!({"file": "b/y.yaml", "line": 3}));
    let names: Vec<&Value> = told["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| &file["file"])
        .collect();
    assert_eq!(names, ["a/x.yaml", "c/z.yaml"]);
}

#[test]
fn a_file_of_somebody_else_is_written_where_its_folder_allows_it() {
    let (folder, file, _, after) = sample();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o664)).unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
    if !is_root(folder.path()) {
        let _shown = writeln!(std::io::stderr(), "skipped: only root has files that others do not");
        return;
    }
    let output = not_as_root(folder.path(), &["fix", "--write", "demo.yaml"]);
    assert_eq!(fs::read_to_string(&file).unwrap(), after, "{}", text(&output.stderr));
    // Its group is another one now, which was not meant.
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o604);
}

#[test]
fn mode_audit_does_not_keep_workloads_from_the_mend() {
    let policy = b"version: 1\nmode: audit\nnamespaces: [{match: {names: [team-a]}, mode: audit}]\n";
    let folder = files(&[
        ("demo.yaml", include_bytes!("manifest/before.yaml")),
        ("policy", policy),
    ]);
    let told = told(folder.path(), &["--config", "policy", "demo.yaml"]);
    assert_eq!(told["summary"]["mended"], 2, "{told}");
}

#[test]
fn what_names_no_namespace_is_mended_as_of_the_one_that_is_given() {
    let (.., before, after) = sample();
    let policy = b"version: 1\nnamespaces: [{match: {names: [team-x]}, rules: {pdb-empty: {severity: 'off'}}}]\n";
    let folder = files(&[("demo.yaml", before.as_bytes()), ("policy", policy)]);
    let of = |namespace: &str| told(folder.path(), &["-n", namespace, "--config", "policy", "demo.yaml"]);
    assert_eq!(of("team-x")["mended"], json!([]));
    assert_eq!(of("team-y")["mended"][0]["namespace"], "team-y");
    fix(folder.path(), &["-n", "team-y", "--write", "demo.yaml"]);
    assert_eq!(fs::read_to_string(folder.path().join("demo.yaml")).unwrap(), after);
}

#[test]
fn names_of_files_stay_on_their_line() {
    let (.., before, _) = sample();
    let (name, broken) = ("a\n::error::b\u{1b}[2J.yaml", "broken\n::error::c.yaml");
    let folder = files(&[(name, before.as_bytes()), (broken, b"a: [\n")]);
    let output = fix(folder.path(), &["."]);
    let shown = text(&[output.stdout, output.stderr].concat());
    assert!(shown.contains("+++ ./a ::error::b [2J.yaml\n"), "{shown}");
    assert!(shown.contains("not read: ./broken ::error::c.yaml"), "{shown}");
    let is_command = |line: &str| line.trim().starts_with("::");
    assert!(!shown.contains('\u{1b}') && !shown.lines().any(is_command), "{shown}");
}
