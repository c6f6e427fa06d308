//! `PodDisruptionBudgets`, as values and as objects.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::carrier::budget::Budget;
use crate::case::{Case, Occasion, Places};
use crate::config::key;
use crate::object::is_truthy;
use crate::remedy::Change;
use crate::rule::{Family, Found, Judgement, Need, Part, Rule, Severity};
use serde_json::Value;

use super::worst;

const PLACES: Places = Places::CONFIG.and(Places::BUDGET);
const VALUES: &str = "controlPlane.advanced.podDisruptionBudget";

/// A budget: what it asks for, over how many pods, and where it is written.
pub(crate) struct Numbers {
    pub(crate) part: Part,
    pub(crate) path: &'static str,
    pub(crate) min_available: Option<Value>,
    pub(crate) max_unavailable: Option<Value>,
}

impl Numbers {
    /// The budgets that this is about: the chart's, as the values make it, and those that are there as objects, be they
    /// the chart's or somebody else's.
    fn all(case: &Case<'_>) -> impl Iterator<Item = Result<Self, Need>> {
        let values = case.places.meets(Places::CONFIG).then(|| Self::of_config(case));
        // A Secret alone says nothing of the budgets of others, and the chart's is about to follow it.
        let objects = case.places.meets(Places::BUDGET).then(|| {
            let own = case.budget_at_hand().map(|budget| (budget, Part::Budget));
            let etcd = case.etcd_budget_at_hand().map(|budget| (budget, Part::EtcdBudget));
            own.into_iter().chain(etcd)
        });
        let objects = objects.into_iter().flatten();
        let objects = objects.map(|(budget, part)| Ok(Self::of_object(case, budget, part)));
        values.and_then(Result::transpose).into_iter().chain(objects)
    }

    /// What the chart makes of the values: minAvailable if that is true in a template's eyes, else maxUnavailable
    /// (vcluster: chart/templates/pod-disruption-budget.yaml).
    fn of_config(case: &Case<'_>) -> Result<Option<Self>, Need> {
        if !case.flag(key::PDB_ENABLED)? {
            return Ok(None);
        }
        let min_available = Some(case.any(key::PDB_MIN_AVAILABLE)?.clone()).filter(is_truthy);
        let max_unavailable = Some(case.any(key::PDB_MAX_UNAVAILABLE)?.clone()).filter(is_truthy);
        let max_unavailable = max_unavailable.filter(|_| min_available.is_none());
        Ok(Some(Self {
            part: Part::Config,
            path: VALUES,
            min_available,
            max_unavailable,
        }))
    }

    fn of_object(case: &Case<'_>, budget: &Budget, part: Part) -> Self {
        let spec = &budget.spec;
        let numbers = (spec.min_available.clone(), spec.max_unavailable.clone());
        let (min_available, max_unavailable) = case.saw("spec.minAvailable, spec.maxUnavailable", numbers);
        Self {
            part,
            path: "spec",
            min_available,
            max_unavailable,
        }
    }

    /// How many pods it covers when all of them run.
    pub(crate) fn pods(&self, case: &Case<'_>) -> Result<i64, Need> {
        match self.part {
            Part::EtcdBudget => case.etcd_members(),
            // A paused control plane comes back with what its config says.
            _ => case
                .configured_replicas()
                .or_else(|need| case.running_replicas().ok_or(need)),
        }
    }

    /// Helm creates the budget before anything else of a vCluster. There is nothing to judge it by then, and the
    /// Secret that comes next says the same where users can mend it.
    fn comes_first(&self, case: &Case<'_>) -> bool {
        let alone = case.lacks_config_secret() && case.workload_at_hand().is_none();
        self.part != Part::Config && case.occasion == Occasion::Create && alone
    }

    /// How many of `pods` may be away at once; `None` where a number cannot be read (the API server refuses it).
    pub(crate) fn may_be_away(&self, pods: i64) -> Option<i64> {
        match (&self.min_available, &self.max_unavailable) {
            (Some(min), _) => Some(pods - scaled(min, pods)?),
            (None, Some(max)) => scaled(max, pods),
            (None, None) => Some(0),
        }
    }

    /// One pod may be away at a time: of several replicas, that is the least at which a drain ends.
    pub(crate) fn one_away(&self, case: &Case<'_>) -> Vec<Change> {
        if self.part != Part::Config {
            return Vec::new();
        }
        let other = case.any(key::PDB_MIN_AVAILABLE).is_ok_and(|min| !min.is_null());
        let other = other.then(|| Change::remove(key::PDB_MIN_AVAILABLE.path));
        let one = Change::set(key::PDB_MAX_UNAVAILABLE.path, 1);
        other.into_iter().chain([one]).collect()
    }

    pub(crate) fn in_words(&self) -> String {
        let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), String::from);
        match (&self.min_available, &self.max_unavailable) {
            (Some(min), _) => format!("minAvailable {}", plain(min)),
            (None, Some(max)) => format!("maxUnavailable {}", plain(max)),
            (None, None) => String::from("neither number"),
        }
    }
}

/// What any of the budgets gives cause to; the values speak for the budget that the chart makes of them.
pub(crate) fn of_budgets(case: &Case<'_>, row: Severity, judge: impl Fn(&Numbers) -> Judgement) -> Judgement {
    worst(Numbers::all(case).map(|numbers| judge(&numbers?)), row)
}

/// An int-or-string of so many pods; percentages round up, both of them
/// (kubernetes: pkg/controller/disruption/disruption.go).
fn scaled(value: &Value, pods: i64) -> Option<i64> {
    if let Some(number) = value.as_i64() {
        return Some(number);
    }
    let percent: i64 = value.as_str()?.strip_suffix('%')?.parse().ok()?;
    let product = percent.checked_mul(pods)?;
    Some(product.div_euclid(100) + i64::from(product.rem_euclid(100) != 0))
}

/// A budget without a number.
pub const PDB_EMPTY: Rule = Rule {
    id: "pdb-empty",
    title: "Disruption budget without a number",
    family: Family::Disruption,
    severity: Severity::Deny,
    places: PLACES,
    needs: &[Need::Config],
    consequence: "no pod may ever be evicted: every drain hangs, even with all replicas healthy",
    fix: "set podDisruptionBudget.maxUnavailable to 1",
    why: "the chart has no default for either number and takes 0 for unset. kubernetes: \
          pkg/controller/disruption/disruption.go expects 0 then; seen on a real cluster: disruptionsAllowed 0, eviction 429.",
    judge: |case| of_budgets(case, PDB_EMPTY.severity, |numbers| pdb_empty(case, numbers)),
};

fn pdb_empty(case: &Case<'_>, numbers: &Numbers) -> Judgement {
    if numbers.min_available.is_some() || numbers.max_unavailable.is_some() {
        return Ok(None);
    }
    if numbers.comes_first(case) {
        return Ok(None);
    }
    if numbers.part != Part::Config && case.occasion == Occasion::Create && case.workload_at_hand().is_none() {
        // Whether it comes first, only the look-up tells.
        case.config()?;
    }
    let message = "the budget has neither minAvailable nor maxUnavailable";
    let found = Found::new(numbers.part, numbers.path, message).remedy(numbers.one_away(case));
    Ok(Some(if numbers.part == Part::Config {
        found.fix("set podDisruptionBudget.maxUnavailable to 1; to the chart 0 is unset")
    } else {
        found
    }))
}

/// A budget with both numbers.
pub const PDB_BOTH: Rule = Rule {
    id: "pdb-both",
    title: "Disruption budget with both numbers",
    family: Family::Disruption,
    severity: Severity::Deny,
    places: Places::CONFIG,
    needs: &[],
    consequence: "the chart quietly renders minAvailable alone, and the pod exits with \"cannot be used together\"",
    fix: "keep one of podDisruptionBudget.minAvailable and maxUnavailable, and remove the other",
    why: "vcluster: pkg/config/validation.go:1076 since 0.31; any value but null counts as set, 0 and \"\" too.",
    judge: pdb_both,
};

fn pdb_both(case: &Case<'_>) -> Judgement {
    let both = !case.any(key::PDB_MIN_AVAILABLE)?.is_null() && !case.any(key::PDB_MAX_UNAVAILABLE)?.is_null();
    if !case.flag(key::PDB_ENABLED)? || !both {
        return Ok(None);
    }
    // Where the chart renders minAvailable, it has ignored the other one all along; else it is the other way round.
    let ignored = if is_truthy(case.any(key::PDB_MIN_AVAILABLE)?) {
        key::PDB_MAX_UNAVAILABLE
    } else {
        key::PDB_MIN_AVAILABLE
    };
    let found = Found::new(Part::Config, VALUES, "minAvailable and maxUnavailable are both set");
    Ok(Some(found.remedy([Change::remove(ignored.path)])))
}

/// A budget that lets nobody go.
pub const PDB_BLOCKS_DRAIN: Rule = Rule {
    id: "pdb-blocks-drain",
    title: "Disruption budget that blocks every drain",
    family: Family::Disruption,
    severity: Severity::Deny,
    places: PLACES,
    needs: &[Need::Config],
    consequence: "a drain of a node that runs one of the pods never ends",
    fix: "set podDisruptionBudget.maxUnavailable to 1, and remove minAvailable",
    why: "kubernetes: pkg/controller/disruption/disruption.go; percentages round up.",
    judge: |case| {
        of_budgets(case, PDB_BLOCKS_DRAIN.severity, |numbers| {
            pdb_blocks_drain(case, numbers)
        })
    },
};

fn pdb_blocks_drain(case: &Case<'_>, numbers: &Numbers) -> Judgement {
    if numbers.min_available.is_none() && numbers.max_unavailable.is_none() {
        return Ok(None);
    }
    if numbers.comes_first(case) {
        return Ok(None);
    }
    let pods = numbers.pods(case)?;
    if pods <= 0 || numbers.may_be_away(pods).is_none_or(|away| away > 0) {
        return Ok(None);
    }
    let noun = if pods == 1 { "pod" } else { "pods" };
    let message = format!("{} of {pods} {noun} lets none be evicted", numbers.in_words());
    let found = Found::new(numbers.part, numbers.path, message);
    Ok(Some(if pods > 1 {
        found.remedy(numbers.one_away(case))
    } else {
        found.severity(Severity::Warn)
    }))
}
