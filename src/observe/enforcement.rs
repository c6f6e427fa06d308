//! What is refused from the moment on that a policy enforces: audit before enforce.
//!
//! The ratchet lets a vCluster stay as broken as it is. So a standing finding refuses nothing by itself; it refuses the
//! first change that touches what its rule reads.

use std::collections::BTreeSet;

use vcluster_guard_core::object::Release;
use vcluster_guard_core::policy::{Mode, Policy};
use vcluster_guard_core::verdict::{Action, Verdict};

use crate::report::{Kind, Observation, Topic};

const REFUSED: Kind = Kind {
    topic: Topic::Enforcement,
    id: "refused-when-touched",
    title: "vClusters whose next change may be refused",
};

const FLEET: Kind = Kind {
    topic: Topic::Enforcement,
    id: "fleet",
    title: "What is refused of the fleet",
};

/// Of those that are refused something, so many are named in one line.
const MOST_NAMED: usize = 20;

/// What of one vCluster would be refused under the settings that the verdict was made with. `None` where nothing is.
pub(crate) fn of_vcluster(release: &Release, verdict: &Verdict) -> Option<Observation> {
    let refused = verdict.findings.iter().filter(|ruled| ruled.action == Action::Deny);
    let rules: BTreeSet<&str> = refused.map(|ruled| ruled.finding.rule.id).collect();
    let rules = rules.into_iter().collect::<Vec<_>>().join(", ");
    let message = format!("a change that touches what is wrong and leaves it so is refused ({rules}); all else passes");
    (!rules.is_empty())
        .then(|| Observation::of(REFUSED, release, message).fix("mend it, or exempt the vCluster until it is"))
}

/// How many vClusters that are, and which: from what was told of each.
pub(super) fn of_fleet<'a>(told: impl Iterator<Item = &'a Observation>, vclusters: usize) -> Option<Observation> {
    let refused = told.filter(|observation| observation.topic == REFUSED.topic && observation.kind == REFUSED.id);
    let refused: Vec<Release> = refused
        .map(|told| Release::new(&told.namespace, &told.release))
        .collect();
    let named: Vec<String> = refused.iter().take(MOST_NAMED).map(Release::to_string).collect();
    let more = match refused.len() - named.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let have = if refused.len() == 1 { "has" } else { "have" };
    let message = format!(
        "{} of {vclusters} vClusters {have} findings that refuse a change which touches them: {}{more}",
        refused.len(),
        named.join(", ")
    );
    (!refused.is_empty()).then(|| Observation::of_cluster(FLEET, message))
}

/// Where a policy begins to enforce what the one before it did not: as far as it goes, in the words of the log.
pub(crate) fn begins(before: &Policy, now: &Policy) -> Option<&'static str> {
    let enforces = |policy: &Policy| policy.mode == Mode::Enforce;
    let in_namespaces = |policy: &Policy| {
        let of = policy
            .namespaces
            .iter()
            .filter(|namespace| namespace.mode == Some(Mode::Enforce));
        of.map(|namespace| namespace.matches.clone()).collect::<Vec<_>>()
    };
    let old = in_namespaces(before);
    if enforces(now) && !enforces(before) {
        Some("everywhere but where a namespace has a mode of its own")
    } else if in_namespaces(now).iter().any(|matches| !old.contains(matches)) && !enforces(before) {
        Some("in some namespaces")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::testing::subject;
    use serde_json::json;
    use vcluster_guard_core::exemption::{Exemptions, Now};
    use vcluster_guard_core::judge::judge;
    use vcluster_guard_core::verdict;

    fn policy(text: &str) -> Policy {
        crate::policy::parse(text.as_bytes()).unwrap()
    }

    fn told(policy: &Policy) -> Option<String> {
        let subject =
            subject(json!({"spec": {"replicas": 3, "serviceName": "demo-headless", "ordinals": {"start": 1}}}));
        let mut judged = judge(&subject, &policy.images);
        Exemptions::of(&subject, policy, Now(0)).apply(&mut judged);
        let settings = policy.for_namespace("team-a", None);
        of_vcluster(&subject.release, &verdict::decide(judged, &subject, &settings)).map(|told| told.message)
    }

    #[test]
    fn what_would_be_refused_is_told_by_its_rules() {
        assert_eq!(
            told(&policy("mode: enforce")).unwrap(),
            "a change that touches what is wrong and leaves it so is refused (ha-no-leader-election, ss-start-ordinal); \
             all else passes"
        );
        let warned = "rules: {ha-no-leader-election: {severity: warn}, ss-start-ordinal: {severity: warn}}";
        assert_eq!(told(&policy(warned)), None);
    }

    #[test]
    fn the_fleet_is_told_in_one_line() {
        let told = |names: std::ops::Range<usize>| {
            let of = |number| Observation::of(REFUSED, &Release::new("team-a", &format!("v{number}")), "refused");
            let told: Vec<Observation> = names.map(of).collect();
            of_fleet(told.iter(), 30).map(|told| told.message)
        };
        assert_eq!(told(0..0), None);
        assert_eq!(
            told(0..2).unwrap(),
            "2 of 30 vClusters have findings that refuse a change which touches them: team-a/v0, team-a/v1"
        );
        assert!(told(0..1).unwrap().starts_with("1 of 30 vClusters has findings"));
        assert!(told(0..22).unwrap().ends_with(", team-a/v19 and 2 more"));
    }

    #[test]
    fn where_nothing_is_refused_nothing_is_told() {
        assert_eq!(told(&policy("mode: warn")), None);
        assert_eq!(
            told(&policy("namespaces: [{match: {names: [team-*]}, mode: audit}]")),
            None
        );
        let exempt = "exemptions: {list: [{namespace: team-a, release: demo, rules: [ha-no-leader-election, \
                      ss-start-ordinal], until: '2030-01-31T00:00:00Z', reason: move}]}";
        assert_eq!(told(&policy(exempt)), None);
    }

    #[test]
    fn a_policy_begins_to_enforce_where_the_one_before_did_not() {
        let begins = |before: &str, now: &str| super::begins(&policy(before), &policy(now));
        let everywhere = Some("everywhere but where a namespace has a mode of its own");
        assert_eq!(begins("mode: audit", "mode: enforce"), everywhere);
        assert_eq!(begins("mode: warn", ""), everywhere);
        assert_eq!(begins("mode: enforce", "mode: enforce"), None);
        assert_eq!(begins("mode: enforce", "mode: warn"), None);
        let team = "mode: warn\nnamespaces: [{match: {names: [a]}, mode: enforce}]";
        assert_eq!(begins("mode: warn", team), Some("in some namespaces"));
        assert_eq!(begins(team, team), None);
    }
}
