//! Which pods the selectors of spread and anti-affinity mean.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::carrier::scheduling::{PodAntiAffinity, PodTerm, Selector};
use crate::case::{Case, Places};
use crate::config::key;
use crate::object::Strings;
use crate::recognise::APP_CONTROL_PLANE;
use crate::rule::{Family, Found, Judgement, Rule, Severity};

/// Selectors that mean other pods, or none.
pub const SCH_SELECTOR_MATCHES_NOTHING: Rule = Rule {
    id: "sch-selector-matches-nothing",
    title: "Spread or anti-affinity that misses its own pods",
    family: Family::Scheduling,
    severity: Severity::Warn,
    places: Places::CONFIG.and(Places::WORKLOAD).and(Places::ETCD),
    needs: &[],
    consequence: "it silently does nothing: all replicas may share one node",
    fix: "select what the StatefulSet selects: app: vcluster and release: NAME (for etcd app: vcluster-etcd)",
    why: "the chart's labels are app and release in every era (vcluster: chart/templates/statefulset.yaml); a spread without \
          a selector matches no pod (kubernetes: podtopologyspread/common.go).",
    judge: sch_selector_matches_nothing,
};

fn sch_selector_matches_nothing(case: &Case<'_>) -> Judgement {
    for pods in case.pods()? {
        let (spread, affinity) = (pods.spread(), pods.affinity().pod_anti_affinity);
        if spread.is_empty() && affinity == PodAntiAffinity::default() {
            continue;
        }
        let labels = pods.labels();
        for (index, constraint) in spread.iter().enumerate() {
            if let Some(flaw) = flaw(constraint.label_selector.as_ref(), &labels) {
                let message = format!("topologySpreadConstraints[{index}] {}", flaw.in_words());
                let (part, path) = pods.point(key::SPREAD.path, "spec.template.spec.topologySpreadConstraints");
                return Ok(Some(told(Found::new(part, path, message), &flaw)));
            }
        }
        let preferred = affinity.preferred.iter().map(|term| &term.pod_affinity_term);
        let terms: Vec<&PodTerm> = affinity.required.iter().chain(preferred).collect();
        if let Some((term, flaw)) = flawed_term(&terms, &labels) {
            let (part, path) = pods.point(key::AFFINITY.path, "spec.template.spec.affinity.podAntiAffinity");
            let message = format!("the anti-affinity over {} {}", term.topology_key, flaw.in_words());
            return Ok(Some(told(Found::new(part, path, message), &flaw)));
        }
    }
    Ok(None)
}

/// What is wrong with a selector.
enum Flaw {
    Absent,
    Misses(String),
    Siblings,
}

impl Flaw {
    fn in_words(&self) -> String {
        match self {
            Self::Absent => "has no labelSelector, which selects no pod".into(),
            Self::Misses(keys) => format!("selects by {keys}, and the pods are not among those selected"),
            Self::Siblings => "selects by app alone, which all vClusters of the namespace have".into(),
        }
    }
}

fn told(found: Found, flaw: &Flaw) -> Found {
    match flaw {
        Flaw::Siblings => {
            found.consequence("pods of other vClusters, and of tenants who use the same label, count too")
        }
        Flaw::Absent | Flaw::Misses(_) => found,
    }
}

fn flaw(selector: Option<&Selector>, labels: &Strings) -> Option<Flaw> {
    let Some(selector) = selector else {
        return Some(Flaw::Absent);
    };
    let keys: Vec<&str> = selector.keys().collect();
    if !selector.matches(labels) {
        return Some(Flaw::Misses(keys.join(", ")));
    }
    (!keys.is_empty() && keys.iter().all(|key| *key == "app")).then_some(Flaw::Siblings)
}

/// Keeping away from other applications is nobody's mistake, so a term that misses the own pods counts only where no
/// other term finds them, or where it means a vCluster.
fn flawed_term<'t>(terms: &[&'t PodTerm], labels: &Strings) -> Option<(&'t PodTerm, Flaw)> {
    let none_finds_them = !terms.iter().any(|term| term.is_about(labels));
    let means_vcluster = |term: &PodTerm| {
        let app = term.label_selector.as_ref()?.match_labels.get("app")?;
        Some(app.starts_with(APP_CONTROL_PLANE))
    };
    let own = terms.iter().filter(|term| term.is_about_own_namespace());
    own.filter_map(|term| Some((*term, flaw(term.label_selector.as_ref(), labels)?)))
        .find(|(term, flaw)| match flaw {
            Flaw::Siblings => true,
            Flaw::Absent | Flaw::Misses(_) => none_finds_them || means_vcluster(term) == Some(true),
        })
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::{Value, json};

    use super::*;

    fn labels() -> Strings {
        [("app".into(), "vcluster".into()), ("release".into(), "demo".into())].into()
    }

    fn term(selector: &Value) -> PodTerm {
        PodTerm::deserialize(json!({"topologyKey": "kubernetes.io/hostname", "labelSelector": selector})).unwrap()
    }

    #[test]
    fn another_application_beside_the_own_pods_is_no_flaw() {
        let own = term(&json!({"matchLabels": {"app": "vcluster", "release": "demo"}}));
        let other = term(&json!({"matchLabels": {"app": "ingress"}}));
        assert!(flawed_term(&[&own, &other], &labels()).is_none());
        assert!(flawed_term(&[&other], &labels()).is_some());
    }

    #[test]
    fn an_old_release_is_a_flaw_even_beside_the_own_pods() {
        let own = term(&json!({"matchLabels": {"app": "vcluster", "release": "demo"}}));
        let old = term(&json!({"matchLabels": {"app": "vcluster", "release": "old"}}));
        assert!(flawed_term(&[&own, &old], &labels()).is_some());
    }

    #[test]
    fn app_alone_means_siblings_too() {
        let selector = Selector::deserialize(json!({"matchLabels": {"app": "vcluster"}})).unwrap();
        assert!(matches!(flaw(Some(&selector), &labels()), Some(Flaw::Siblings)));
        assert!(matches!(flaw(None, &labels()), Some(Flaw::Absent)));
    }
}
