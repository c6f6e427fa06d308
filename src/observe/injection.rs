//! What the webhook would add to the workloads of a vCluster at their next rollout. The audit itself changes nothing.

use vcluster_guard_core::defaults::{self, Edit};
use vcluster_guard_core::join::Parts;
use vcluster_guard_core::object::Release;
use vcluster_guard_core::policy::{Mode, Settings};

use crate::mending;
use crate::report::{Kind, Observation, Topic};

const INJECTION: Kind = Kind {
    topic: Topic::Injection,
    id: "next-rollout",
    title: "vClusters that the webhook mends at their next rollout",
};

/// One line a vCluster, `None` where nothing would be added. Image rewrites are told by [`super::images`].
pub(super) fn of_vcluster(release: &Release, parts: &Parts, settings: &Settings<'_>) -> Option<Observation> {
    // In mode audit nothing is mended: then this is what the other modes would do.
    let mut mending = *settings;
    mending.mode = Mode::Enforce;
    let gains: Vec<String> = mending::workloads(parts)
        .filter_map(|(_, (workload, identity))| {
            let edits = defaults::mend(workload, identity, &mending).edits;
            let added: Vec<&str> = edits.iter().filter_map(added).collect();
            let object = || format!("{} {}", workload.kind.as_str(), workload.metadata.name);
            (!added.is_empty()).then(|| format!("{} gets {}", object(), added.join(" and ")))
        })
        .collect();
    if gains.is_empty() {
        return None;
    }
    let gains = gains.join(", ");
    let message = match settings.mode {
        Mode::Audit => format!("in mode warn or enforce, at its next rollout {gains}"),
        Mode::Warn | Mode::Enforce => format!("at its next rollout {gains}"),
    };
    Some(Observation::of(INJECTION, release, message))
}

/// What an edit adds to a pod's scheduling.
fn added(edit: &Edit) -> Option<&'static str> {
    let path: Vec<&str> = edit.path.iter().map(String::as_str).collect();
    match path.as_slice() {
        ["spec", "template", "spec", "affinity", ..] => Some("podAntiAffinity"),
        ["spec", "template", "spec", "topologySpreadConstraints", ..] => Some("topologySpreadConstraints"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::testing::releases;
    use serde_json::{Value, json};
    use vcluster_guard_core::policy::Policy;

    fn told(workload: Value, mode: Mode) -> Option<String> {
        let policy = Policy {
            mode,
            ..Policy::default()
        };
        let releases = releases(workload);
        let (release, parts) = releases.iter().next().unwrap();
        let settings = policy.for_namespace(&release.namespace, None);
        of_vcluster(release, parts, &settings).map(|told| told.message)
    }

    fn replicas(count: u32, pod: Value) -> Value {
        let mut pod = pod;
        pod["containers"] = json!([{"name": "syncer", "image": "ghcr.io/loft-sh/vcluster-pro:0.36.1"}]);
        json!({"spec": {"replicas": count, "template": {"spec": pod}}})
    }

    #[test]
    fn what_the_next_rollout_gets_is_one_line() {
        let line = "at its next rollout StatefulSet demo gets podAntiAffinity and topologySpreadConstraints";
        assert_eq!(told(replicas(3, json!({})), Mode::Warn).unwrap(), line);
        assert_eq!(
            told(replicas(3, json!({})), Mode::Audit).unwrap(),
            format!("in mode warn or enforce, {line}")
        );
        let spread = json!({"topologySpreadConstraints": [{"topologyKey": "zone"}]});
        assert_eq!(
            told(replicas(3, spread), Mode::Enforce).unwrap(),
            "at its next rollout StatefulSet demo gets podAntiAffinity"
        );
    }

    #[test]
    fn one_replica_gets_nothing() {
        assert_eq!(told(replicas(1, json!({})), Mode::Enforce), None);
    }
}
