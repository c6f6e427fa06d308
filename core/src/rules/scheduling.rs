//! Which nodes the pods may stand on, and how they stay there.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;

use crate::carrier::node::Taint;
use crate::carrier::scheduling::{NodeTerm, Toleration};
use crate::carrier::workload::{Workload, WorkloadKind};
use crate::case::scheduling::{HOSTNAME, Pods};
use crate::case::{Case, Places};
use crate::config::key;
use crate::object::Strings;
use crate::recognise::Role;
use crate::remedy::Change;
use crate::rule::{Family, Found, Judgement, Need, Rule, Severity};
use crate::store::Store;

use super::worst;

const PLACES: Places = Places::CONFIG.and(Places::WORKLOAD).and(Places::ETCD);
const AFFINITY: &str = "spec.template.spec.affinity.podAntiAffinity";

/// The worst of what the pods of the control plane and those of etcd give cause to.
fn any(case: &Case<'_>, row: Severity, judge: impl Fn(&Case<'_>, &Pods<'_, '_>) -> Judgement) -> Judgement {
    worst(case.pods()?.iter().map(|pods| judge(case, pods)), row)
}

/// More pods than places.
pub const SCH_REQUIRED_ANTIAFFINITY: Rule = Rule {
    id: "sch-required-antiaffinity",
    title: "Required anti-affinity with too few nodes",
    family: Family::Scheduling,
    severity: Severity::Warn,
    places: PLACES,
    needs: &[Need::Nodes],
    consequence: "the replicas that find no place stay Pending until a node is added",
    fix: "use preferredDuringSchedulingIgnoredDuringExecution, or run fewer replicas",
    why: "kubernetes: interpodaffinity/filtering.go. Snapshot and debug pods copy the template's affinity (vcluster: \
          pkg/snapshot/pod/pod.go:318), so a required term keeps them off the node whose volume they must mount: seen with \
          a real scheduler 1.36, where a pod whose claim is bound to that node stays Pending.",
    judge: |case| any(case, SCH_REQUIRED_ANTIAFFINITY.severity, sch_required_antiaffinity),
};

fn sch_required_antiaffinity(_: &Case<'_>, pods: &Pods<'_, '_>) -> Judgement {
    let terms = pods.affinity().pod_anti_affinity.required;
    if terms.is_empty() {
        return Ok(None);
    }
    let labels = pods.labels();
    let replicas = pods.replicas()?;
    let surge = i64::from(pods.workload().is_some_and(surges));
    let (part, path) = pods.point(key::AFFINITY.path, AFFINITY);
    let mut snapshots_suffer = false;
    for term in terms.iter().filter(|term| term.is_about(&labels)) {
        let key = &term.topology_key;
        let nodes = pods.nodes()?;
        let domains: BTreeSet<&str> = nodes.iter().filter_map(|node| node.label(key)).collect();
        let domains = domains.len();
        let too_few = |wanted: i64| usize::try_from(wanted).is_ok_and(|wanted| wanted > domains);
        if replicas > 0 && too_few(replicas + surge) {
            let (needed, when) = if too_few(replicas) {
                (replicas, "the pods need")
            } else {
                (replicas + surge, "a rollout needs")
            };
            let message = format!("{when} {needed} values of {key}, and the nodes that take them have {domains}");
            return Ok(Some(Found::new(part, path, message)));
        }
        snapshots_suffer |= *key == HOSTNAME;
    }
    if !snapshots_suffer || !pods.have_claims()? {
        return Ok(None);
    }
    let message = format!("required anti-affinity over {HOSTNAME} is copied by snapshot pods");
    let found = Found::new(part, path, message).severity(Severity::Info);
    Ok(Some(found.consequence(
        "they may not stand on the node whose volume they must mount, and hang",
    )))
}

/// Whether a rollout starts a pod before it stops one: the chart's Deployment always does, the default below four
/// replicas too (25 %, rounded down).
fn surges(workload: &Workload) -> bool {
    let strategy = &workload.spec.strategy;
    let unavailable = strategy.rolling_update.max_unavailable.as_ref();
    let none_may_be_away = match unavailable {
        None => workload.replicas() < 4,
        Some(number) => number == 0 || number == "0%",
    };
    workload.kind == WorkloadKind::Deployment && strategy.kind != "Recreate" && none_may_be_away
}

/// All replicas on one node, or no node at all.
pub const SCH_NODESELECTOR_CONFLICT: Rule = Rule {
    id: "sch-nodeselector-conflict",
    title: "Replicas pinned to one node",
    family: Family::Scheduling,
    severity: Severity::Warn,
    places: PLACES,
    needs: &[],
    consequence: "all replicas fail with that node",
    fix: "select nodes by a label that several of them have",
    why: "kubernetes: every node has a kubernetes.io/hostname of its own; nodeSelector and required nodeAffinity must both \
          hold.",
    judge: |case| any(case, SCH_NODESELECTOR_CONFLICT.severity, sch_nodeselector_conflict),
};

fn sch_nodeselector_conflict(_: &Case<'_>, pods: &Pods<'_, '_>) -> Judgement {
    let selector = pods.node_selector();
    let (part, path) = pods.point(key::NODE_SELECTOR.path, "spec.template.spec.nodeSelector");
    if !selector.is_empty()
        && let Some(required) = pods.affinity().node_affinity.required
        && let Some(key) = contradiction(&selector, &required.node_selector_terms)
    {
        let message = format!("nodeSelector and the required nodeAffinity ask for different values of {key}");
        let found = Found::new(part, path, message).consequence("no node will do, so the pods stay Pending");
        return Ok(Some(found.fix("keep one of the two")));
    }
    let pinned = !pods.node_name().is_empty() || selector.contains_key(HOSTNAME);
    if !pinned {
        return Ok(None);
    }
    let replicas = pods.replicas()?;
    if replicas <= 1 {
        return Ok(None);
    }
    let labels = pods.labels();
    let mut required = pods.affinity().pod_anti_affinity.required.into_iter();
    let apart = required.any(|term| term.topology_key == HOSTNAME && term.is_about(&labels));
    Ok(Some(if apart {
        let message = format!("{replicas} replicas are pinned to one node and must not share a node");
        let found = Found::new(part, path, message).severity(Severity::Deny);
        found.consequence("all replicas but one stay Pending for ever")
    } else {
        Found::new(part, path, format!("{replicas} replicas are pinned to one node"))
    }))
}

/// A label of the selector whose value none of the terms (of which one must hold) allows.
fn contradiction(selector: &Strings, terms: &[NodeTerm]) -> Option<String> {
    let forbidden = |term: &NodeTerm| {
        let expressions = term.match_expressions.iter();
        let mut forbidding = expressions.filter(|expression| {
            let value = selector.get(&expression.key);
            value.is_some_and(|value| !expression.holds(Some(value)))
        });
        forbidding.next().map(|expression| expression.key.clone())
    };
    let keys: Option<alloc::vec::Vec<String>> = terms.iter().map(forbidden).collect();
    keys?.into_iter().next()
}

/// Pods that stay on a dead node.
pub const SCH_TOLERATIONS: Rule = Rule {
    id: "sch-tolerations",
    title: "Toleration of dead nodes",
    family: Family::Scheduling,
    severity: Severity::Warn,
    places: PLACES,
    needs: &[],
    consequence: "a replica stays bound to a node that is gone, and is never replaced",
    fix: "name the key of the taint that is meant, or the effect NoSchedule",
    why: "kubernetes: the node controller evicts by the taints node.kubernetes.io/not-ready and unreachable; without a \
          toleration of these, pods get one of 300 seconds (DefaultTolerationSeconds).",
    judge: |case| any(case, SCH_TOLERATIONS.severity, sch_tolerations),
};

/// How long pods stay by default.
const DEFAULT_SECONDS: i64 = 300;

fn sch_tolerations(_: &Case<'_>, pods: &Pods<'_, '_>) -> Judgement {
    let tolerations = pods.tolerations();
    let dead: alloc::vec::Vec<&Toleration> = tolerations.iter().filter(|it| tolerates_dead_nodes(it)).collect();
    if dead.is_empty() || pods.replicas()? <= 1 {
        return Ok(None);
    }
    let (part, path) = pods.point(key::TOLERATIONS.path, "spec.template.spec.tolerations");
    if let Some(forever) = dead.iter().find(|toleration| toleration.toleration_seconds.is_none()) {
        let what = if forever.key.is_empty() {
            "every taint"
        } else {
            &forever.key
        };
        let message = format!("the pods tolerate {what} for ever, so they stay on nodes that are gone");
        return Ok(Some(Found::new(part, path, message)));
    }
    let longest = dead.iter().filter_map(|toleration| toleration.toleration_seconds).max();
    let Some(seconds) = longest.filter(|&seconds| seconds > DEFAULT_SECONDS) else {
        return Ok(None);
    };
    let message = format!("the pods stay on nodes that are gone for {seconds} seconds");
    let found = Found::new(part, path, message).severity(Severity::Info);
    Ok(Some(
        found
            .consequence("a lost replica is missing for that long")
            .fix("leave tolerationSeconds at 300 or less"),
    ))
}

fn tolerates_dead_nodes(toleration: &Toleration) -> bool {
    let taints = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];
    taints.into_iter().any(|key| {
        toleration.tolerates(&Taint {
            key: key.into(),
            value: String::new(),
            effect: "NoExecute".into(),
        })
    })
}

/// Pods that go first when nodes are full.
pub const SCH_PRIORITY: Rule = Rule {
    id: "sch-priority",
    title: "Priority of the control plane",
    family: Family::Scheduling,
    severity: Severity::Info,
    places: PLACES,
    needs: &[Need::PriorityClasses],
    consequence: "when nodes are full, workloads with a priority displace the control plane",
    fix: "set controlPlane.statefulSet.scheduling.priorityClassName to a class that exists",
    why: "kubernetes: plugin/pkg/admission/priority refuses pods whose class is missing; pods without one have priority 0.",
    judge: |case| any(case, SCH_PRIORITY.severity, sch_priority),
};

/// Classes that every cluster has.
const BUILT_IN: [&str; 2] = ["system-cluster-critical", "system-node-critical"];

fn sch_priority(case: &Case<'_>, pods: &Pods<'_, '_>) -> Judgement {
    let class = pods.priority_class();
    let (part, path) = pods.point(key::PRIORITY_CLASS.path, "spec.template.spec.priorityClassName");
    if class.is_empty() {
        let replicas = pods.replicas()?;
        // The chart's etcd follows the control plane; one word for both is enough.
        if replicas <= 1 || pods.role == Role::Etcd {
            return Ok(None);
        }
        let message = format!("{replicas} replicas run without a priority class");
        return Ok(Some(Found::new(part, path, message)));
    }
    if BUILT_IN.contains(&class) || case.priority_classes()?.iter().any(|known| known == class) {
        return Ok(None);
    }
    let message = format!("the cluster has no priority class \"{class}\"");
    let found = Found::new(part, path, message).severity(Severity::Warn);
    Ok(Some(
        found.consequence("the API server refuses the pods (FailedCreate)"),
    ))
}

/// Peers that nothing resolves.
pub const SCH_DNS: Rule = Rule {
    id: "sch-dns",
    title: "dnsPolicy that does not know the cluster's names",
    family: Family::Scheduling,
    severity: Severity::Warn,
    places: PLACES,
    needs: &[Need::Config],
    consequence: "the names of etcd and of its peers (NAME-headless, NAME-etcd) do not resolve",
    fix: "leave dnsPolicy at ClusterFirst",
    why: "kubernetes: Default takes the node's resolver and None only dnsConfig, neither of which knows Services by itself.",
    judge: |case| any(case, SCH_DNS.severity, sch_dns),
};

fn sch_dns(case: &Case<'_>, pods: &Pods<'_, '_>) -> Judgement {
    let policy = pods.dns_policy();
    if !matches!(policy, "Default" | "None") {
        return Ok(None);
    }
    let store = match pods.role {
        Role::Etcd => Store::DeployedEtcd,
        Role::ControlPlane => case.store()?,
    };
    if !matches!(store, Store::EmbeddedEtcd | Store::DeployedEtcd) {
        return Ok(None);
    }
    let (part, path) = pods.point(key::DNS_POLICY.path, "spec.template.spec.dnsPolicy");
    let message = format!("dnsPolicy is {policy}, with {} as the store", store.in_words());
    let found = Found::new(part, path, message);
    // None comes with a dnsConfig that may well know the names.
    Ok(Some(if policy == "Default" && pods.role == Role::ControlPlane {
        found.remedy([Change::set(key::DNS_POLICY.path, "ClusterFirst")])
    } else {
        found
    }))
}
