//! Deprecated images: what the rewrite would make of each, and how many there are in which registry.

use std::collections::BTreeMap;

use vcluster_guard_core::case::{Case, Subject};
use vcluster_guard_core::image::{Images, Plan, Reference};
use vcluster_guard_core::rule::Rule;
use vcluster_guard_core::rules::image as rules;

use crate::report::{Kind, Observation, Topic};

const fn kind(id: &'static str, title: &'static str) -> Kind {
    Kind {
        topic: Topic::Image,
        id,
        title,
    }
}

const DEPRECATED: Kind = kind("deprecated", "vClusters that run a deprecated image");
const REGISTRY: Kind = kind("registry", "Registries that deprecated images come from");

/// How many vClusters run a deprecated image, by registry and by the rule that says what becomes of it.
#[derive(Debug, Default)]
pub(super) struct Tally(BTreeMap<String, BTreeMap<&'static str, usize>>);

/// The deprecated images of one vCluster, each counted in the tally.
pub(super) fn of_vcluster(subject: &Subject, images: &Images, tally: &mut Tally) -> Vec<Observation> {
    let plans = Case::now(subject, images).image_plans();
    let mut told: Vec<Observation> = Vec::new();
    for (image, plan) in plans.iter() {
        let Some(rule) = rule(plan) else { continue };
        let name = image.image.as_ref();
        let becomes = match plan {
            Plan::Rewrite(to) if images.rewrite => format!("the rewrite makes {to} of it"),
            Plan::Rewrite(to) => format!("the rewrite, which the policy switches off, would make {to} of it"),
            _ => format!(
                "the rewrite leaves it as it is ({}: {})",
                rule.id,
                rule.title.to_lowercase()
            ),
        };
        let observation = Observation::of(DEPRECATED, &subject.release, format!("{name} is deprecated; {becomes}"));
        // `syncer` and `vcluster-copy` have one image.
        if told.iter().all(|other| other.message != observation.message) {
            let registry = Reference::parse(name).effective_registry();
            *tally.0.entry(registry.into()).or_default().entry(rule.id).or_default() += 1;
            told.push(observation);
        }
    }
    told
}

/// The rule that finds images with that plan.
const fn rule(plan: &Plan) -> Option<&'static Rule> {
    Some(match plan {
        Plan::Keep => return None,
        Plan::Rewrite(_) => &rules::IMG_REWRITE,
        Plan::Floating => &rules::IMG_FLOATING,
        Plan::TooOld => &rules::IMG_TAG_TOO_OLD,
        Plan::Digest => &rules::IMG_DIGEST,
        Plan::Mirror => &rules::IMG_MIRROR,
        Plan::Nonexistent => &rules::IMG_NONEXISTENT,
        Plan::Development => &rules::IMG_DEV,
    })
}

impl Tally {
    /// One line a registry.
    pub(super) fn observations(&self) -> impl Iterator<Item = Observation> {
        self.0.iter().map(|(registry, by_rule)| {
            let all: usize = by_rule.values().sum();
            let rewritten = by_rule.get(rules::IMG_REWRITE.id).copied().unwrap_or_default();
            let left = by_rule.iter().filter(|(id, _)| **id != rules::IMG_REWRITE.id);
            let left: Vec<String> = left.map(|(id, count)| format!(", {count} are left ({id})")).collect();
            let message = format!(
                "{registry}: {all} deprecated, {rewritten} can be rewritten{}",
                left.concat()
            );
            Observation::of_cluster(REGISTRY, message)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::testing::subject;
    use serde_json::{Value, json};

    fn of(images: &[&str]) -> Value {
        let names = ["syncer", "vcluster-copy"].into_iter();
        let containers: Vec<Value> = names
            .zip(images)
            .map(|(name, image)| json!({"name": name, "image": image}))
            .collect();
        json!({"spec": {"template": {"spec": {"containers": containers}}}})
    }

    fn told(workload: Value, images: &Images, tally: &mut Tally) -> Vec<String> {
        let told = of_vcluster(&subject(workload), images, tally);
        told.into_iter().map(|told| told.message).collect()
    }

    #[test]
    fn what_the_rewrite_makes_of_each_is_told_and_counted_by_registry() {
        let (policy, mut tally) = (Images::default(), Tally::default());
        let rewritten = "ghcr.io/loft-sh/vcluster:0.24.1";
        assert_eq!(
            told(of(&[rewritten, rewritten]), &policy, &mut tally),
            [
                "ghcr.io/loft-sh/vcluster:0.24.1 is deprecated; the rewrite makes ghcr.io/loft-sh/vcluster-oss:0.24.1 of it"
            ]
        );
        assert_eq!(
            told(of(&["ghcr.io/loft-sh/vcluster"]), &policy, &mut tally),
            [
                "ghcr.io/loft-sh/vcluster is deprecated; the rewrite leaves it as it is (img-floating: deprecated image with a \
                 floating tag)"
            ]
        );
        assert_eq!(
            told(of(&["mirror.example/loft-sh/vcluster:0.24.1"]), &policy, &mut tally).len(),
            1
        );
        assert_eq!(
            told(of(&["ghcr.io/loft-sh/vcluster-pro:0.36.1"]), &policy, &mut tally),
            [""; 0]
        );
        let fleet: Vec<String> = tally.observations().map(|told| told.message).collect();
        assert_eq!(
            fleet,
            [
                "ghcr.io: 2 deprecated, 1 can be rewritten, 1 are left (img-floating)",
                "mirror.example: 1 deprecated, 0 can be rewritten, 1 are left (img-mirror)",
            ]
        );
    }

    #[test]
    fn a_rewrite_that_is_off_is_not_promised() {
        let off = Images {
            rewrite: false,
            ..Images::default()
        };
        assert_eq!(
            told(of(&["ghcr.io/loft-sh/vcluster:0.24.1"]), &off, &mut Tally::default()),
            [
                "ghcr.io/loft-sh/vcluster:0.24.1 is deprecated; the rewrite, which the policy switches off, would make \
              ghcr.io/loft-sh/vcluster-oss:0.24.1 of it"
            ]
        );
    }
}
