//! Topology spread constraints.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::carrier::scheduling::Spread;
use crate::carrier::workload::WorkloadKind;
use crate::case::scheduling::{HOSTNAME, Pods};
use crate::case::{Case, Places};
use crate::config::key;
use crate::host::{self, KubeVersion};
use crate::remedy::Change;
use crate::rule::{Family, Found, Judgement, Need, Rule, Severity};

use super::worst;

const PLACES: Places = Places::CONFIG.and(Places::WORKLOAD).and(Places::ETCD);
const DO_NOT_SCHEDULE: &str = "DoNotSchedule";
const SCHEDULE_ANYWAY: &str = "ScheduleAnyway";

/// The labels of zones, today's and that of old clusters.
const ZONES: [&str; 2] = ["topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone"];

/// What the API server refuses: when, depends on its version.
fn refused(case: &Case<'_>, pods: &Pods<'_, '_>, message: String) -> Found {
    let kind = pods.workload().map(|workload| workload.kind);
    let found = found(pods, message);
    match host::refusal(case.host(), kind != Some(WorkloadKind::Deployment)) {
        Some(refusal) => found.consequence(refusal),
        None => found,
    }
}

fn found(pods: &Pods<'_, '_>, message: String) -> Found {
    let object = "spec.template.spec.topologySpreadConstraints";
    let (part, path) = pods.point(key::SPREAD.path, object);
    Found::new(part, path, message)
}

/// Takes something away from a constraint in the values. A workload is not edited.
fn without(pods: &Pods<'_, '_>, index: usize, below: &str) -> Vec<Change> {
    let remove = || Change::remove(format!("{}[{index}]{below}", key::SPREAD.path));
    pods.workload().is_none().then(remove).into_iter().collect()
}

/// Whether two constraints in the values are the same in everything, also in what is not judged.
fn is_copy(case: &Case<'_>, pods: &Pods<'_, '_>, first: usize, second: usize) -> bool {
    let written = || case.any(key::SPREAD).ok()?.as_array();
    let items = pods.workload().is_none().then(written).flatten();
    items.is_some_and(|items| items.get(first).is_some_and(|item| items.get(second) == Some(item)))
}

/// The worst of what the constraints of the control plane and those of etcd give cause to.
fn constraints(case: &Case<'_>, row: Severity, judge: impl Fn(&Pods<'_, '_>, &[Spread]) -> Judgement) -> Judgement {
    worst(case.pods()?.iter().map(|pods| judge(pods, &pods.spread())), row)
}

/// One constraint twice.
pub const SCH_SPREAD_DUPLICATE: Rule = Rule {
    id: "sch-spread-duplicate",
    title: "Two spread constraints of one kind",
    family: Family::Scheduling,
    severity: Severity::Deny,
    places: PLACES,
    needs: &[],
    consequence: "the API server refuses every pod; up to Kubernetes 1.33 it accepts the StatefulSet, which then has none",
    fix: "keep one constraint for each pair of topologyKey and whenUnsatisfiable",
    why: "kubernetes: pkg/apis/core/validation/validation.go, validateTopologySpreadConstraints; hosts up to 1.33 ask it only \
          for the pods of a StatefulSet (pkg/apis/apps/validation, 1.33.5 against 1.34.1).",
    judge: sch_spread_duplicate,
};

fn sch_spread_duplicate(case: &Case<'_>) -> Judgement {
    constraints(case, SCH_SPREAD_DUPLICATE.severity, |pods, spread| {
        let is_same =
            |a: &Spread, b: &Spread| a.topology_key == b.topology_key && a.when_unsatisfiable == b.when_unsatisfiable;
        for (second, constraint) in spread.iter().enumerate() {
            let earlier = spread.iter().take(second);
            let Some(first) = earlier.into_iter().position(|earlier| is_same(earlier, constraint)) else {
                continue;
            };
            let message = format!(
                "topologySpreadConstraints[{first}] and [{second}] are both {} with {}",
                constraint.topology_key, constraint.when_unsatisfiable
            );
            let copy = is_copy(case, pods, first, second);
            let remedy = if copy { without(pods, second, "") } else { Vec::new() };
            return Ok(Some(refused(case, pods, message).remedy(remedy)));
        }
        Ok(None)
    })
}

/// A hard spread over zones.
pub const SCH_DONOTSCHEDULE_ZONE_PV: Rule = Rule {
    id: "sch-donotschedule-zone-pv",
    title: "Hard spread over zones",
    family: Family::Scheduling,
    severity: Severity::Warn,
    places: PLACES,
    needs: &[Need::Nodes],
    consequence: "volumes tie the pods to their zones: after the loss of a zone the skew can never be met, and pods stay \
                  Pending",
    fix: "use whenUnsatisfiable: ScheduleAnyway",
    why: "kubernetes: podtopologyspread/filtering.go leaves out nodes without the key; zonal volumes are bound once and for \
          all.",
    judge: sch_donotschedule_zone_pv,
};

fn sch_donotschedule_zone_pv(case: &Case<'_>) -> Judgement {
    constraints(case, SCH_DONOTSCHEDULE_ZONE_PV.severity, |pods, spread| {
        let hard = |constraint: &&Spread| constraint.when_unsatisfiable == DO_NOT_SCHEDULE;
        let hard: Vec<&Spread> = spread
            .iter()
            .filter(hard)
            .filter(|constraint| constraint.topology_key != HOSTNAME)
            .collect();
        if hard.is_empty() {
            return Ok(None);
        }
        let nodes = pods.nodes();
        for constraint in &hard {
            let key = &constraint.topology_key;
            let Ok(nodes) = &nodes else { break };
            if !nodes.is_empty() && nodes.iter().all(|node| node.label(key).is_none()) {
                let message = format!(
                    "the spread over {key} is DoNotSchedule, and none of {} nodes has that label",
                    nodes.len()
                );
                let found = found(pods, message).severity(Severity::Deny);
                return Ok(Some(found.consequence("no pod is ever scheduled")));
            }
        }
        let zone = hard
            .iter()
            .find(|constraint| ZONES.contains(&constraint.topology_key.as_str()));
        if let Some(zone) = zone
            && pods.have_claims()?
        {
            let message = format!(
                "the spread over {} is DoNotSchedule, and every pod has a volume of its own",
                zone.topology_key
            );
            return Ok(Some(found(pods, message)));
        }
        nodes.map(|_| None)
    })
}

/// A spread over hosts that counts for nothing.
pub const SCH_SPREAD_HIDES_HOSTNAME: Rule = Rule {
    id: "sch-spread-hides-hostname",
    title: "Spread over a label that nodes lack",
    family: Family::Scheduling,
    severity: Severity::Warn,
    places: PLACES,
    needs: &[Need::Nodes],
    consequence: "nodes without the label are left out of the scoring of all constraints, so the spread over hosts is lost \
                  as well, and so is the scheduler's default spread",
    fix: "remove the constraint over the label that the nodes do not have",
    why: "kubernetes: podtopologyspread/scoring.go:139-144 (a node needs every key) and plugin.go:46 (explicit constraints \
          switch the defaults off).",
    judge: sch_spread_hides_hostname,
};

fn sch_spread_hides_hostname(case: &Case<'_>) -> Judgement {
    constraints(case, SCH_SPREAD_HIDES_HOSTNAME.severity, |pods, spread| {
        let soft = |constraint: &&Spread| constraint.when_unsatisfiable == SCHEDULE_ANYWAY;
        let (hosts, others): (Vec<&Spread>, Vec<&Spread>) = spread
            .iter()
            .filter(soft)
            .partition(|constraint| constraint.topology_key == HOSTNAME);
        if hosts.is_empty() || others.is_empty() {
            return Ok(None);
        }
        let nodes = pods.nodes()?;
        for constraint in others {
            let key = &constraint.topology_key;
            let lacking = nodes.iter().filter(|node| node.label(key).is_none()).count();
            if lacking == 0 {
                continue;
            }
            let message = format!("{lacking} of {} nodes have no label {key}", nodes.len());
            let found = found(pods, message);
            return Ok(Some(if lacking == nodes.len() {
                found
            } else {
                found
                    .severity(Severity::Info)
                    .consequence("these nodes are never preferred")
            }));
        }
        Ok(None)
    })
}

/// `minDomains` where it is not allowed.
pub const SCH_MIN_DOMAINS: Rule = Rule {
    id: "sch-min-domains",
    title: "minDomains that the API server refuses",
    family: Family::Scheduling,
    severity: Severity::Deny,
    places: PLACES,
    needs: &[],
    consequence: "the API server refuses every pod; up to Kubernetes 1.33 it accepts the StatefulSet, which then has none",
    fix: "use minDomains of at least 1, and only with whenUnsatisfiable: DoNotSchedule",
    why: "kubernetes: pkg/apis/core/validation/validation.go, validateMinDomains; hosts up to 1.33 ask it only for the pods of a \
          StatefulSet (pkg/apis/apps/validation, 1.33.5 against 1.34.1).",
    judge: sch_min_domains,
};

fn sch_min_domains(case: &Case<'_>) -> Judgement {
    constraints(case, SCH_MIN_DOMAINS.severity, |pods, spread| {
        for (index, constraint) in spread.iter().enumerate() {
            let Some(domains) = constraint.min_domains else {
                continue;
            };
            let when = &constraint.when_unsatisfiable;
            let message = if domains <= 0 {
                format!("topologySpreadConstraints[{index}] has minDomains {domains}")
            } else if when != DO_NOT_SCHEDULE {
                format!("topologySpreadConstraints[{index}] has minDomains {domains} with {when}")
            } else {
                continue;
            };
            return Ok(Some(refused(case, pods, message).remedy(without(
                pods,
                index,
                ".minDomains",
            ))));
        }
        Ok(None)
    })
}

/// `matchLabelKeys` against the selector.
pub const SCH_MATCH_LABEL_KEYS: Rule = Rule {
    id: "sch-match-label-keys",
    title: "matchLabelKeys that the API server refuses",
    family: Family::Scheduling,
    severity: Severity::Deny,
    places: PLACES,
    needs: &[],
    consequence: "the StatefulSet or Deployment is accepted, and then every one of its pods is refused",
    fix: "give the constraint a labelSelector, and leave out of matchLabelKeys what it selects by",
    why: "kubernetes: pkg/apis/core/validation/validation.go:9003 (\"exists in both matchLabelKeys and labelSelector\"). Seen \
          on a real API server 1.36.",
    judge: sch_match_label_keys,
};

fn sch_match_label_keys(case: &Case<'_>) -> Judgement {
    // Dropped by the API server before it is looked at.
    if case.host_is_before(KubeVersion::SPREAD_MATCH_LABEL_KEYS) {
        return Ok(None);
    }
    constraints(case, SCH_MATCH_LABEL_KEYS.severity, |pods, spread| {
        for (index, constraint) in spread.iter().enumerate() {
            let keys = &constraint.match_label_keys;
            let Some(selector) = &constraint.label_selector else {
                if keys.is_empty() {
                    continue;
                }
                let message = format!("topologySpreadConstraints[{index}] has matchLabelKeys without a labelSelector");
                return Ok(Some(found(pods, message)));
            };
            if let Some(key) = selector.keys().find(|key| keys.iter().any(|other| other == key)) {
                let message =
                    format!("topologySpreadConstraints[{index}] has {key} in both matchLabelKeys and labelSelector");
                let at = keys.iter().position(|other| other == key).unwrap_or_default();
                let below = format!(".matchLabelKeys[{at}]");
                return Ok(Some(found(pods, message).remedy(without(pods, index, &below))));
            }
        }
        Ok(None)
    })
}
