//! `check` and `facts` as processes: what they say of texts that they cannot read, and of exemptions.

#![allow(clippy::unwrap_used, reason = "a test may stop at what must hold")]

#[path = "program/run.rs"]
mod program;

use std::path::Path;
use std::process::Output;

/// A command that has ended, with `text` on its standard input.
fn run(arguments: &[&str], text: &[u8]) -> Output {
    program::run(Path::new("."), arguments, text)
}

/// Exit code and stderr of a command with `text` on standard input.
fn said(arguments: &[&str], text: &[u8]) -> (Option<i32>, String) {
    let output = run(arguments, text);
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn standard_input_is_read_once() {
    let twice = [
        ["check", "--before", "-", "-"],
        ["check", "--context", "-", "-"],
        ["facts", "--before", "-", "-"],
    ];
    for arguments in twice {
        let (code, text) = said(&arguments, b"a: 1\n");
        assert_eq!(code, Some(2), "{text}");
        assert_eq!(
            text,
            "error: - stands for standard input, which can be read only once: give a file for the others\n"
        );
    }
}

#[test]
fn broken_standard_input_is_called_by_its_name() {
    let (code, text) = said(&["check", "-o", "json", "-"], b"a: [\n");
    assert_eq!(code, Some(2));
    assert!(text.starts_with("not read: standard input line 1: "), "{text}");
}

/// The parser beneath panics at this tag.
#[test]
fn a_text_at_which_the_parser_panics_is_refused_without_noise() {
    let (code, text) = said(&["facts", "-"], b"[!*a !a,");
    assert_eq!((code, text.as_str()), (Some(1), ""));
    let (code, text) = said(&["check", "-o", "json", "-"], b"[!*a !a,");
    assert_eq!(code, Some(2));
    assert_eq!(text.lines().count(), 1, "{text}");
}

#[test]
fn an_exemption_that_covers_nothing_is_noted() {
    let secret = br#"
apiVersion: v1
kind: Secret
metadata:
  namespace: team
  name: vc-config-demo
  annotations:
    vcluster-guard.dev/exempt: bs-multiple
    vcluster-guard.dev/exempt-reason: ticket 4711
    vcluster-guard.dev/exempt-until: "2999-01-01T00:00:00Z"
stringData: {config.yaml: ""}
"#;
    let output = run(&["check", "-o", "json", "-"], secret);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let observations = serde_json::json!([{"topic": "exemption", "kind": "unused", "namespace": "team", "release": "demo",
        "message": "the exemption of bs-multiple by annotation on Secret vc-config-demo covers nothing now",
        "fix": "remove it, unless it is for something to come"}]);
    assert_eq!(report["observations"], observations);
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn a_rule_is_explained_with_an_example_its_twin_and_the_ways_around_it() {
    let output = run(&["rules", "explain", "ha-readiness-off"], b"");
    let text = String::from_utf8(output.stdout).unwrap();
    let parts = [
        "## ha-readiness-off\n\nSeveral replicas without a readiness probe. Default severity: warn.\n",
        "\n- Judged at: config Secret, workload\n",
        "\n- Off: `rules: {ha-readiness-off: {severity: \"off\"}}` in the policy file\n",
        "\nIt speaks to:\n\n```yaml\nabout: ",
        "\nThe nearest that it leaves alone:\n\n```yaml\nabout: ",
        "```yaml\nvcluster-guard.dev/exempt: ha-readiness-off\nvcluster-guard.dev/exempt-reason: ",
    ];
    let mut rest = text.as_str();
    for part in parts {
        let found = rest.find(part);
        rest = &rest[found.unwrap_or_else(|| panic!("{part} is not, or not in its place, in:\n{text}"))..];
    }
}
