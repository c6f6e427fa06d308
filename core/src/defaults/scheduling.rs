//! Gives back what charts up to 0.19 had and 0.20 dropped for the control plane: preferred anti-affinity over
//! hosts (100) and zones (50), and a spread over hosts.
//!
//! Preferred and `ScheduleAnyway` only: required terms would leave pods pending on small clusters, and snapshot
//! pods copy the template's affinity (vcluster: pkg/snapshot/pod/pod.go). No zone spread: nodes without a zone
//! label would drop out of scoring altogether (kubernetes: podtopologyspread/scoring.go). No `nodeTaintsPolicy`: it
//! would hang on the version of the host, which admission does not know, and one workload would get one thing from
//! admission and another from `fix`.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde_json::{Value, json};

use crate::carrier::workload::Workload;
use crate::case::replicas::PAUSED_REPLICAS;
use crate::object::Strings;
use crate::policy::{AntiAffinity, Inject, Settings, TopologySpread};
use crate::recognise::{Identity, Role};

use super::{Edit, INJECT, INJECTED, Mend, Op};

/// Version of what is injected, so that later defaults can be told from earlier ones.
const VERSION: &str = "v1";
const HOSTNAME: &str = "kubernetes.io/hostname";
const ZONE: &str = "topology.kubernetes.io/zone";

pub(super) fn inject(
    workload: &Workload,
    identity: &Identity,
    settings: &Settings<'_>,
    mend: &mut Mend,
    annotations: &mut Vec<(&'static str, String)>,
) {
    if !is_wanted(workload, identity, settings.policy.scheduling.inject) {
        return;
    }
    let selector = &workload.spec.selector.match_labels;
    let mut injected = Vec::new();
    let wanted = &settings.policy.scheduling;
    if let Some(edit) = anti_affinity(workload, selector, &wanted.anti_affinity) {
        mend.edits.push(edit);
        injected.push("podAntiAffinity");
    }
    if wanted.topology_spread.enabled && workload.spec.template.spec.topology_spread_constraints.is_empty() {
        let path = ["spec", "template", "spec", "topologySpreadConstraints"];
        mend.edits
            .push(Edit::new(Op::Add, &path, spread(selector, &wanted.topology_spread)));
        injected.push("topologySpreadConstraints");
    }
    if injected.is_empty() {
        return;
    }
    let what = injected.join(",");
    mend.notes.push(format!(
        "inject: {} added so that replicas avoid sharing a node; to choose your own, set \
         controlPlane.statefulSet.scheduling in the values, or annotate {INJECT}: \"false\"",
        injected.join(" and "),
    ));
    annotations.push((INJECTED, format!("{VERSION}:{what}")));
}

fn is_wanted(workload: &Workload, identity: &Identity, inject: Inject) -> bool {
    let pod = &workload.spec.template.spec;
    let opted_out = workload
        .metadata
        .annotations
        .get(INJECT)
        .is_some_and(|value| value == "false");
    // The chart gives its etcd anti-affinity of its own; only eks up to 0.19 and k8s up to 0.18 lack it.
    let has_own = identity.role == Role::Etcd && pod.affinity.as_ref().is_some_and(|affinity| !is_empty(affinity));
    let enough = match inject {
        Inject::Off => false,
        Inject::Always => true,
        Inject::Ha => effective_replicas(workload) > 1,
    };
    enough && !opted_out && !has_own && pod.node_name.is_empty()
}

/// A paused workload counts with what it will resume to.
fn effective_replicas(workload: &Workload) -> i64 {
    let paused = workload
        .metadata
        .annotations
        .get(PAUSED_REPLICAS)
        .and_then(|count| count.parse().ok());
    workload.replicas().max(paused.unwrap_or(0))
}

/// `None` where the owner has anti-affinity of their own, or the policy wants none.
fn anti_affinity(workload: &Workload, selector: &Strings, wanted: &AntiAffinity) -> Option<Edit> {
    let path = ["spec", "template", "spec", "affinity", "podAntiAffinity"];
    let weighted = [(wanted.hostname_weight, HOSTNAME), (wanted.zone_weight, ZONE)];
    let terms: Vec<Value> = weighted
        .into_iter()
        .filter(|&(weight, _)| wanted.enabled && weight > 0)
        .map(|(weight, key)| term(weight, key, selector))
        .collect();
    if terms.is_empty() {
        return None;
    }
    let terms = json!({"preferredDuringSchedulingIgnoredDuringExecution": terms});
    match &workload.spec.template.spec.affinity {
        None | Some(Value::Null) => {
            let (parent, _) = path.split_at(4);
            Some(Edit::new(Op::Add, parent, json!({"podAntiAffinity": terms})))
        }
        Some(affinity) if affinity.get("podAntiAffinity").is_none_or(is_empty) => {
            Some(Edit::new(Op::Add, &path, terms))
        }
        Some(_) => None,
    }
}

fn is_empty(value: &Value) -> bool {
    value.is_null() || value.as_object().is_some_and(serde_json::Map::is_empty)
}

fn term(weight: i64, topology_key: &str, selector: &Strings) -> Value {
    json!({"weight": weight, "podAffinityTerm": {"labelSelector": {"matchLabels": selector}, "topologyKey": topology_key}})
}

fn spread(selector: &Strings, wanted: &TopologySpread) -> Value {
    let keys = [HOSTNAME].into_iter().chain(wanted.zone.then_some(ZONE));
    let constraint = |key: &str| {
        json!({
            "maxSkew": wanted.max_skew,
            "topologyKey": key,
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": {"matchLabels": selector},
        })
    };
    keys.map(constraint).collect()
}
