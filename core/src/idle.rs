//! Changes that leave alone what is judged, so that a rule which cannot decide has no say in them.

use crate::carrier::budget::Budget;
use crate::carrier::secret::CONFIG_HASH;
use crate::carrier::workload::{Spec, Workload};
use crate::case::replicas::resumes_to;
use crate::case::{Occasion, Subject};
use crate::fact::Fact;

/// Whether a change is metadata, a rollout or a rotation of certificates (an annotation of the pods), a pause or its end.
#[must_use]
pub fn is_idle(subject: &Subject) -> bool {
    let Some(before) = subject.before.as_ref().filter(|_| subject.occasion == Occasion::Update) else {
        return false;
    };
    let now = &subject.now;
    now.config == before.config
        && stays(&before.workload, &now.workload, is_same)
        && stays(&before.etcd, &now.etcd, is_same)
        && stays(&before.budget, &now.budget, asks_the_same)
        && stays(&before.etcd_budget, &now.etcd_budget, asks_the_same)
}

fn stays<T>(before: &Fact<T>, now: &Fact<T>, is_same: fn(&T, &T) -> bool) -> bool {
    match (before.known(), now.known()) {
        (Some(before), Some(now)) => is_same(before, now),
        (before, now) => before.is_none() && now.is_none(),
    }
}

fn is_same(before: &Workload, now: &Workload) -> bool {
    let replicas = resumes_to(now);
    let counts = replicas == 0 || replicas == resumes_to(before);
    counts && before.kind == now.kind && judged(before) == judged(now)
}

/// All but the number of pods, and of their annotations the one that is read.
fn judged(workload: &Workload) -> Spec {
    let mut spec = workload.spec.clone();
    spec.replicas = None;
    spec.template.metadata.annotations.retain(|key, _| key == CONFIG_HASH);
    spec
}

fn asks_the_same(before: &Budget, now: &Budget) -> bool {
    before.spec == now.spec
}
