//! Disruption budgets against the quorum of an etcd.

use alloc::format;

use crate::case::{Case, Places};
use crate::host::KubeVersion;
use crate::rule::{Family, Found, Judgement, Need, Part, Rule, Severity};
use crate::store::Store;

use super::disruption::{Numbers, of_budgets};

/// A budget under which a drain may break the quorum.
pub const PDB_QUORUM: Rule = Rule {
    id: "pdb-quorum",
    title: "Disruption budget below the quorum",
    family: Family::Disruption,
    severity: Severity::Warn,
    places: Places::CONFIG.and(Places::BUDGET),
    needs: &[Need::Config],
    consequence: "drains may evict so many members at once that etcd loses its quorum, and the API server hangs",
    fix: "set maxUnavailable to 1, and unhealthyPodEvictionPolicy to AlwaysAllow so that crashing replicas do not block drains",
    why: "etcd needs a majority of its members; kubernetes: pkg/controller/disruption/disruption.go.",
    judge: |case| of_budgets(case, PDB_QUORUM.severity, |numbers| pdb_quorum(case, numbers)),
};

fn pdb_quorum(case: &Case<'_>, numbers: &Numbers) -> Judgement {
    // The control plane has a quorum only where it is the etcd.
    if numbers.part != Part::EtcdBudget && case.store()? != Store::EmbeddedEtcd {
        return Ok(None);
    }
    let members = numbers.pods(case)?;
    let quorum = members / 2 + 1;
    if members < 3 || numbers.may_be_away(members).is_none_or(|away| away <= members - quorum) {
        return Ok(None);
    }
    let message = format!(
        "{} of {members} members lets fewer than the quorum of {quorum} remain",
        numbers.in_words()
    );
    let mut found = Found::new(numbers.part, numbers.path, message);
    if case.host_is_before(KubeVersion::UNHEALTHY_POD_EVICTION) {
        found = found.fix("set maxUnavailable to 1");
    }
    Ok(Some(found.remedy(numbers.one_away(case))))
}

/// An etcd of several members that nothing keeps from being drained at once.
pub const PDB_MISSING_ETCD: Rule = Rule {
    id: "pdb-missing-etcd",
    title: "Deployed etcd without a disruption budget",
    family: Family::Disruption,
    severity: Severity::Info,
    places: Places::ETCD,
    needs: &[Need::Budgets],
    consequence: "drains of several nodes at once may break its quorum",
    fix: "create a PodDisruptionBudget with maxUnavailable 1 over app=vcluster-etcd, release=NAME",
    why: "the chart has no budget for NAME-etcd (vcluster: chart/templates/pod-disruption-budget.yaml).",
    judge: pdb_missing_etcd,
};

fn pdb_missing_etcd(case: &Case<'_>) -> Judgement {
    if !case.lacks_etcd_budget() || case.running_etcd_members().is_none_or(|members| members < 3) {
        return Ok(None);
    }
    Ok(Some(Found::new(
        Part::Etcd,
        "spec.replicas",
        "no disruption budget covers the members of the deployed etcd",
    )))
}
