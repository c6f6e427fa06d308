//! Fills in what a rule turned out to lack, by name and never by list.

use vcluster_guard_core::admission::decode_workload;
use vcluster_guard_core::carrier::secret::ConfigSecret;
use vcluster_guard_core::carrier::workload::{Workload, WorkloadKind};
use vcluster_guard_core::case::{State, Subject};
use vcluster_guard_core::fact::Fact;
use vcluster_guard_core::judge::Judged;
use vcluster_guard_core::policy::Policy;
use vcluster_guard_core::recognise;
use vcluster_guard_core::rule::Need;

use crate::gather::{self, Gather, Lookup};

/// Looks up what the judgement lacked. Says whether anything new is known.
pub(super) async fn look_up(gather: &Gather, subject: &mut Subject, judged: &Judged, policy: &Policy) -> bool {
    let lacks = |need: Need| judged.needs().any(|lacked| lacked == need);
    let mut learned = false;
    if lacks(Need::Config) && subject.now.config.is_unknown() && policy.lookups.config_secret {
        learned |= learn_config(gather, subject).await;
    }
    if lacks(Need::Etcd) && subject.now.etcd.is_unknown() {
        let name = format!("{}{}", subject.release.name, recognise::ETCD_SUFFIX);
        let etcd = stateful_set(gather, &subject.release.namespace, &name).await;
        learned |= !etcd.is_unknown();
        both(subject, |state| &mut state.etcd, &etcd);
    }
    // Without a Secret it is a chart up to 0.19, whose settings stand in the workload itself.
    let secretless = matches!(subject.now.config, Fact::Absent) && subject.now.scaled.is_some();
    if (lacks(Need::Workload) || secretless) && subject.now.workload.is_unknown() {
        learned |= learn_workload(gather, subject).await;
    }
    learned
}

/// Looks up the Secret and the workload, for the annotations they may carry. Says whether anything new is known.
pub(super) async fn look_up_all(gather: &Gather, subject: &mut Subject, policy: &Policy) -> bool {
    let mut learned = false;
    if subject.now.config.is_unknown() && policy.lookups.config_secret {
        learned |= learn_config(gather, subject).await;
    }
    if subject.now.workload.is_unknown() {
        learned |= learn_workload(gather, subject).await;
    }
    learned
}

async fn learn_config(gather: &Gather, subject: &mut Subject) -> bool {
    let config = config(gather, subject).await;
    both(subject, |state| &mut state.config, &config);
    !config.is_unknown()
}

async fn learn_workload(gather: &Gather, subject: &mut Subject) -> bool {
    let workload = workload(gather, subject).await;
    both(subject, |state| &mut state.workload, &workload);
    !workload.is_unknown()
}

/// What is looked up is as it is now; nobody knows how it was, so it counts for both sides of the change.
fn both<T: Clone>(subject: &mut Subject, field: impl Fn(&mut State) -> &mut Fact<T>, fact: &Fact<T>) {
    field(&mut subject.now).clone_from(fact);
    if let Some(before) = &mut subject.before {
        field(before).clone_from(fact);
    }
}

async fn config(gather: &Gather, subject: &Subject) -> Fact<ConfigSecret> {
    let release = &subject.release;
    match gather
        .config_secret(&release.namespace, &release.name, gather.deadline())
        .await
    {
        Lookup::Found(secret) => Fact::Known(secret),
        Lookup::Absent => Fact::Absent,
        Lookup::Unknown(reason) => {
            tracing::debug!(%release, %reason, "config Secret not read");
            Fact::Unknown
        }
    }
}

async fn workload(gather: &Gather, subject: &Subject) -> Fact<Workload> {
    let (release, deadline) = (&subject.release, gather.deadline());
    let kinds = [
        (gather::Workload::StatefulSet, WorkloadKind::StatefulSet),
        (gather::Workload::Deployment, WorkloadKind::Deployment),
    ];
    for (resource, kind) in kinds {
        match gather
            .workload(resource, &release.namespace, &release.name, deadline)
            .await
        {
            Lookup::Found(json) => return decode_workload(kind, &json).map_or(Fact::Unknown, Fact::Known),
            Lookup::Absent => {}
            Lookup::Unknown(_) => return Fact::Unknown,
        }
    }
    Fact::Absent
}

async fn stateful_set(gather: &Gather, namespace: &str, name: &str) -> Fact<Workload> {
    let resource = gather::Workload::StatefulSet;
    match gather.workload(resource, namespace, name, gather.deadline()).await {
        Lookup::Found(json) => decode_workload(WorkloadKind::StatefulSet, &json).map_or(Fact::Unknown, Fact::Known),
        Lookup::Absent => Fact::Absent,
        Lookup::Unknown(_) => Fact::Unknown,
    }
}
