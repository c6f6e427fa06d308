//! No value of a config Secret is ever shown: not in a finding, not in a report, not by `Debug`.

use std::fmt::Write;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use vcluster_guard_core::carrier::secret::ConfigSecret;
use vcluster_guard_core::case::{Case, Subject};
use vcluster_guard_core::config::yaml;
use vcluster_guard_core::exemption::{Exemptions, Now};
use vcluster_guard_core::join::Releases;
use vcluster_guard_core::judge::judge;
use vcluster_guard_core::policy::Policy;
use vcluster_guard_core::verdict;

use crate::hunted::{MARK, broken, config, leak, put, secret};

proptest! {
    #![proptest_config(Config { cases: 64, ..crate::config() })]

    #[test]
    fn nothing_of_a_config_is_shown(before in config(), now in config(), kind in workload_kind()) {
        let shown = shown_of(&objects(&before, kind), &objects(&now, kind));
        prop_assert_eq!(leak(&shown), None);
    }

    #[test]
    fn nothing_of_a_config_that_is_refused_is_shown(text in broken()) {
        let objects = objects(&text, "StatefulSet");
        let shown = shown_of(&objects, &objects);
        prop_assert_eq!(leak(&shown), None);
    }
}

proptest! {
    #![proptest_config(Config { cases: 8, ..crate::config() })]

    #[test]
    fn nothing_of_a_config_is_in_a_report(before in config(), now in prop_oneof![config(), broken()], kind in workload_kind()) {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let objects = json!({"apiVersion": "v1", "kind": "List", "items": objects(text, kind)});
            let path = folder.path().join(name);
            std::fs::write(&path, objects.to_string()).unwrap();
            path
        };
        let (before, now) = (file("before.json", &before), file("now.json", &now));
        for output in ["table", "json", "sarif", "junit", "github", "html"] {
            let mut check = Command::new(env!("CARGO_BIN_EXE_vcluster-guard"));
            let check = check.args(["check", "--explain", "-o", output, "--before"]).args([&before, &now]).output().unwrap();
            let shown = [check.stdout, check.stderr].concat();
            let shown = String::from_utf8_lossy(&shown);
            prop_assert!(!shown.is_empty());
            prop_assert_eq!(leak(&shown), None);
        }
    }
}

#[test]
fn nothing_of_values_is_in_a_diff() {
    let diffs = AtomicUsize::new(0);
    let values = (config(), secret());
    let run = TestRunner::new(Config {
        cases: 12,
        ..crate::config()
    })
    .run(&values, |(values, comment)| {
        let mut root: Value = serde_json::from_str(&values).unwrap();
        put(
            &mut root,
            "controlPlane.statefulSet.persistence.volumeClaim.retentionPolicy",
            Some("Delete".into()),
        );
        for text in [block(&root, &comment), flow(&root, &comment)] {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join("demo.yaml"), &text).unwrap();
            for output in ["table", "json"] {
                let mut fix = Command::new(env!("CARGO_BIN_EXE_vcluster-guard"));
                let fix = fix
                    .current_dir(folder.path())
                    .args(["fix", "-o", output, "demo.yaml"])
                    .output()
                    .unwrap();
                let shown = [fix.stdout, fix.stderr].concat();
                let shown = String::from_utf8_lossy(&shown);
                prop_assert!(!shown.is_empty());
                prop_assert_eq!(leak(&shown), None);
                diffs.fetch_add(usize::from(shown.contains("@@")), Ordering::Relaxed);
            }
        }
        Ok(())
    });
    run.unwrap();
    assert!(diffs.into_inner() > 24, "hardly anything was mended");
}

/// In braces, with a comment on every line.
fn flow(root: &Value, comment: &str) -> String {
    let text = serde_json::to_string_pretty(root).unwrap();
    text.replace('\n', &format!(" # {comment}\n"))
}

/// In blocks, with a comment on every line and one above it.
fn block(root: &Value, comment: &str) -> String {
    fn lines(value: &Value, indent: &str, comment: &str, text: &mut String) {
        for (key, value) in value.as_object().into_iter().flatten() {
            write!(text, "{indent}# {comment}: {comment}\n{indent}{key}:").unwrap();
            match value {
                Value::Object(members) if !members.is_empty() => {
                    writeln!(text, " # {comment}").unwrap();
                    lines(value, &format!("{indent}  "), comment, text);
                }
                value => writeln!(text, " {value} # {comment}").unwrap(),
            }
        }
    }
    let mut text = String::new();
    lines(root, "", comment, &mut text);
    text
}

fn workload_kind() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["StatefulSet", "Deployment"])
}

fn objects(config: &str, kind: &str) -> Value {
    let labels = json!({"app": "vcluster", "release": "demo"});
    json!([
        {
            "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "vc-config-demo", "labels": {"chart": "vcluster-0.30.0"}},
            "stringData": {"config.yaml": config},
        },
        {
            "apiVersion": "apps/v1", "kind": kind, "metadata": {"name": "demo"},
            "spec": {"replicas": 3, "selector": {"matchLabels": labels}, "template": {"spec": {
                "containers": [{"name": "syncer", "image": "ghcr.io/loft-sh/vcluster:0.24.1",
                    "env": [{"name": "PASSWORD", "value": format!("{MARK}env")}]}],
                "volumes": [{"name": "config", "secret": {"secretName": "vc-config-demo"}}],
            }}},
        },
        {
            "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "demo"},
            "spec": {"minAvailable": 3, "selector": {"matchLabels": labels}},
        },
    ])
}

/// Everything that anybody could print: each object judged by itself, and all together.
fn shown_of(before: &Value, now: &Value) -> String {
    let mut shown = String::new();
    let (old, new) = (objects_of(before), objects_of(now));
    for count in 1..=new.len() {
        let (old, new) = (releases(&old[..count]), releases(&new[..count]));
        for (release, parts) in new.iter() {
            for earlier in [None, old.get(release)] {
                show(&mut shown, &parts.subject(release, earlier, None));
            }
        }
        write!(shown, "{new:?}").unwrap();
    }
    write!(shown, "{:?}", yaml::documents(now.to_string().as_bytes())).unwrap();
    let secret = ConfigSecret::from_json(&new[0].to_string()).unwrap().unwrap();
    write!(shown, "{secret:?} {:?}", secret.config()).unwrap();
    shown
}

fn objects_of(objects: &Value) -> Vec<Value> {
    objects.as_array().cloned().unwrap_or_default()
}

fn releases(objects: &[Value]) -> Releases {
    let mut releases = Releases::default();
    for object in objects {
        releases.add(object).expect("it can be decoded");
    }
    releases.settle();
    releases
}

fn show(shown: &mut String, subject: &Subject) {
    let policy = Policy::default();
    let mut judged = judge(subject, &policy.images);
    let exemptions = Exemptions::of(subject, &policy, Now(0));
    exemptions.apply(&mut judged);
    let case = Case::now(subject, &policy.images);
    write!(shown, "{subject:?} {case:?} {judged:?} {exemptions:?}").unwrap();
    let verdict = verdict::decide(judged, subject, &policy.for_namespace("", None));
    for ruled in &verdict.findings {
        write!(shown, "{} {}", ruled.finding.line(), ruled.finding.full()).unwrap();
    }
    write!(shown, "{verdict:?}").unwrap();
}
