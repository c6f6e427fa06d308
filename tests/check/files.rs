//! Files, directories and standard input.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use crate::run::{Folder, secret};

const BROKEN: &str = "a: 1\nb: [\n";

#[test]
fn a_broken_file_leaves_the_others_judged() {
    let folder = Folder::with(&[
        ("a.yaml", BROKEN),
        ("b.yaml", &secret("b", 3)),
        ("c/c.yml", &secret("c", 1)),
    ]);
    let said = folder.check(&["."]);
    assert_eq!(said.denials(), ["./b.yaml:8"]);
    assert_eq!(said.report["summary"]["vclusters"], 2);
    let incomplete = "./a.yaml line 2: did not find expected node content";
    assert_eq!(said.incomplete(), [incomplete]);
    assert_eq!(said.stderr, format!("not read: {incomplete}\n"));
    assert_eq!(said.code, Some(1));
    fs::remove_file(folder.path().join("b.yaml")).unwrap();
    let said = folder.check(&["."]);
    assert_eq!((said.code, said.denials().len()), (Some(2), 0));
}

#[test]
fn a_broken_document_leaves_the_others_of_its_file_judged() {
    let stream = format!(
        "# Source: x\n---\n{}---\n{BROKEN}---\n# nothing\n---\n{}",
        secret("a", 3),
        secret("b", 2)
    );
    let said = Folder::with(&[]).check_stdin(&["-"], &stream);
    assert_eq!(said.denials(), ["-:10", "-:24"]);
    assert_eq!(
        said.incomplete(),
        ["standard input line 13: did not find expected node content"]
    );
}

#[test]
fn every_name_that_leads_nowhere_is_told() {
    let folder = Folder::with(&[("a.yaml", &secret("a", 3))]);
    let said = folder.check(&["a.yaml", "b.yaml", "c"]);
    assert_eq!(
        said.stderr,
        "error: cannot read b.yaml: No such file or directory (os error 2)\n\
         error: cannot read c: No such file or directory (os error 2)\n"
    );
    assert_eq!(said.code, Some(2));
}

#[test]
fn a_directory_gives_its_manifests_and_nothing_hidden() {
    let denied = secret("a", 3);
    let names = ["b/a.json.txt", ".git/a.yaml", "b/.a.yaml", "README.md"];
    let mut files: Vec<_> = names.map(|name| (name, denied.as_str())).into();
    files.push(("b/c/a.YAML.yaml", &denied));
    let folder = Folder::with(&files);
    assert_eq!(folder.check(&["."]).denials(), ["./b/c/a.YAML.yaml:8"]);
    // What is named is read, whatever its name.
    assert_eq!(folder.check(&["README.md"]).denials(), ["README.md:8"]);
}

#[test]
fn links_that_lead_back_end() {
    let folder = Folder::with(&[("a/b/x.yaml", &secret("x", 3))]);
    symlink("..", folder.path().join("a/b/up")).unwrap();
    symlink("../b/x.yaml", folder.path().join("a/gone.txt")).unwrap();
    symlink("nowhere", folder.path().join("a/lost.yaml")).unwrap();
    let said = folder.check(&["a"]);
    assert_eq!(said.denials(), ["a/b/x.yaml:8"]);
    assert_eq!(
        said.incomplete(),
        ["cannot read a/lost.yaml: No such file or directory (os error 2)"]
    );
}

#[test]
fn what_may_not_be_read_is_told_once_each() {
    let folder = Folder::with(&[("a/x.yaml", "a: 1"), ("b/x.yaml", "a: 1"), ("c.yaml", &secret("c", 1))]);
    let locked = [folder.path().join("a"), folder.path().join("b/x.yaml")];
    let lock = |mode| {
        for path in &locked {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        }
    };
    lock(0o000);
    if fs::read_dir(&locked[0]).is_ok() {
        // Root may read everything.
        lock(0o700);
        return;
    }
    let said = folder.check(&["."]);
    lock(0o700);
    let denied = "Permission denied (os error 13)";
    let wanted = [
        format!("cannot list ./a: {denied}"),
        format!("cannot read ./b/x.yaml: {denied}"),
    ];
    assert_eq!(said.incomplete(), wanted);
    assert_eq!((said.code, &said.report["summary"]["vclusters"]), (Some(2), &1.into()));
}

#[test]
fn templates_of_a_chart_are_no_manifests() {
    let files = [
        ("Chart.yaml", "name: x"),
        ("templates/a.yaml", "{{ if x }}"),
        ("values.yaml", "a: 1"),
    ];
    let said = Folder::with(&files).check(&["."]);
    assert_eq!((said.code, said.incomplete().len()), (Some(0), 0));
    assert_eq!(
        said.stderr,
        "note: ./templates holds templates of a chart, which are no manifests yet: pipe helm template into check - for \
         them\n"
    );
}

#[test]
fn a_policy_file_is_a_mistake_where_it_is_named() {
    let folder = Folder::with(&[("policy.yaml", "version: 1\nmode: warn\n"), ("a.yaml", &secret("a", 1))]);
    let said = folder.check(&["policy.yaml"]);
    assert_eq!(
        said.incomplete(),
        ["policy.yaml looks like a policy file; pass it with --config"]
    );
    assert_eq!(said.code, Some(2));
    assert_eq!(folder.check(&["."]).code, Some(0));
}

#[test]
fn an_object_that_stands_twice_is_told() {
    let (one, three) = (secret("a", 1), secret("a", 3));
    let folder = Folder::with(&[("a.yaml", &three), ("b.yaml", &one), ("c.yaml", &one)]);
    let said = folder.check(&["b.yaml", "c.yaml"]);
    assert_eq!(said.code, Some(0));
    assert_eq!(
        said.stderr,
        "note: Secret vc-config-a stands twice, and both are the same: b.yaml line 1 and c.yaml line 1\n"
    );
    let said = folder.check(&["a.yaml", "b.yaml"]);
    assert_eq!(
        said.incomplete(),
        [
            "a.yaml line 1: Secret vc-config-a is not judged: another one of that name at b.yaml line 1 replaces it; check \
          what goes to different clusters in separate runs"
        ]
    );
    assert_eq!((said.code, said.denials().len()), (Some(2), 0));
    // Kubernetes has no objection to two of the same name at different times.
    assert_eq!(folder.check(&["--before", "b.yaml", "a.yaml"]).denials(), ["a.yaml:8"]);
}

#[test]
fn a_secret_with_encoded_data_has_its_line() {
    let text = "apiVersion: v1\nkind: Secret\nmetadata: {name: vc-config-a}\ndata:\n  config.yaml: \
                Y29udHJvbFBsYW5lOiB7c3RhdGVmdWxTZXQ6IHtoaWdoQXZhaWxhYmlsaXR5OiB7cmVwbGljYXM6IDN9fX0K\n";
    assert_eq!(Folder::with(&[]).check_stdin(&["-"], text).denials(), ["-:5"]);
}

#[test]
fn of_equal_keys_the_last_one_counts() {
    let twice = secret("a", 1).replace("    controlPlane", "    # x\n    controlPlane")
        + "stringData:\n"
        + "  config.yaml: ''\n";
    let said = Folder::with(&[("a.yaml", &twice)]).check(&["a.yaml"]);
    assert_eq!((said.code, said.incomplete().len()), (Some(0), 0));
}
