//! A mend applies, touches nothing but what it may, and is made once.

use proptest::prelude::*;
use serde_json::value::to_raw_value;
use serde_json::{Map, Value};
use vcluster_guard_core::admission::{self, Change, Kind, Recognised};
use vcluster_guard_core::carrier::workload::WorkloadKind;
use vcluster_guard_core::case::Subject;
use vcluster_guard_core::defaults::{self, INJECTED, Mend, REWRITTEN_FROM};
use vcluster_guard_core::judge::judge;
use vcluster_guard_core::patch;
use vcluster_guard_core::policy::{Inject, Policy};

use crate::json;

proptest! {
    #![proptest_config(crate::config())]

    #[test]
    fn a_mend_applies_touches_what_it_may_and_is_made_once(
        object in json::workload(),
        kind in prop::sample::select(vec![WorkloadKind::StatefulSet, WorkloadKind::Deployment]),
        policy in policy(),
    ) {
        let Some((mend, operations)) = mended(&object, kind, &policy) else { return Ok(()) };
        prop_assert!(!mend.notes.is_empty(), "every mend is told");
        let patch: json_patch::Patch = serde_json::from_value(operations).unwrap();
        let mut after = object.clone();
        json_patch::patch(&mut after, &patch).expect("the patch applies to the whole object");
        prop_assert_eq!(without_what_may_change(object), without_what_may_change(after.clone()));
        prop_assert!(mended(&after, kind, &policy).is_none(), "a second pass finds nothing to mend");
        if mend.edits.iter().any(|edit| edit.path.last().is_some_and(|token| token == "image")) {
            let again = subject_of(&after, kind).expect("it is still a vCluster").0;
            let offers = judge(&again, &policy.images).findings.iter().any(|finding| finding.rule.id == "img-rewrite");
            prop_assert!(!offers, "the rewritten image is not complained of");
        }
    }
}

fn policy() -> impl Strategy<Value = Policy> {
    let inject = prop::sample::select(vec![Inject::Ha, Inject::Always, Inject::Off]);
    (inject, any::<bool>(), any::<bool>()).prop_map(|(inject, rewrite, mirror)| {
        let mut policy = Policy::default();
        policy.scheduling.inject = inject;
        policy.images.rewrite = rewrite;
        if mirror {
            policy.images.registries.push("mirror.example".into());
        }
        policy
    })
}

fn subject_of(object: &Value, kind: WorkloadKind) -> Option<(Subject, vcluster_guard_core::recognise::Identity)> {
    let raw = to_raw_value(object).unwrap();
    let change = Change {
        namespace: "team-a",
        name: "",
        object: &raw,
        old: None,
    };
    match admission::recognise(Kind::Workload(kind), &change) {
        Recognised::Workload(subject, identity) => Some((*subject, identity)),
        _ => None,
    }
}

/// What the server would send. `None` where it sends no patch.
fn mended(object: &Value, kind: WorkloadKind, policy: &Policy) -> Option<(Mend, Value)> {
    let (subject, identity) = subject_of(object, kind)?;
    let workload = subject.now.workload.known().or(subject.now.etcd.known())?;
    let mend = defaults::mend(workload, &identity, &policy.for_namespace("team-a", None));
    let patch = patch::prove(workload, &mend.edits).ok()??;
    Some((mend, serde_json::to_value(patch).unwrap()))
}

/// The object less the images of our two containers, pod anti-affinity, spread and our two annotations. What is
/// empty then is as good as absent.
fn without_what_may_change(mut object: Value) -> Value {
    if let Some(annotations) = object
        .pointer_mut("/metadata/annotations")
        .and_then(Value::as_object_mut)
    {
        annotations.remove(INJECTED);
        annotations.remove(REWRITTEN_FROM);
    }
    drop_if_empty(object.get_mut("metadata"), "annotations");
    let Some(pod) = object.pointer_mut("/spec/template/spec") else {
        return object;
    };
    for list in ["containers", "initContainers"] {
        let containers = pod.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten();
        for container in containers.filter_map(Value::as_object_mut) {
            if container
                .get("name")
                .is_some_and(|name| name == "syncer" || name == "vcluster-copy")
            {
                container.remove("image");
            }
        }
    }
    if let Some(affinity) = pod.get_mut("affinity").and_then(Value::as_object_mut) {
        affinity.remove("podAntiAffinity");
    }
    drop_if_empty(Some(pod), "affinity");
    pod.as_object_mut().map(|pod| pod.remove("topologySpreadConstraints"));
    object
}

fn drop_if_empty(parent: Option<&mut Value>, key: &str) {
    let Some(parent) = parent.and_then(Value::as_object_mut) else {
        return;
    };
    let empty = |value: &Value| value.is_null() || value.as_object().is_some_and(Map::is_empty);
    if parent.get(key).is_some_and(empty) {
        parent.remove(key);
    }
}
