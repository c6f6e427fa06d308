//! Data that one command more would erase, that is gone already, or that cannot grow: of stores that live in a volume.
//!
//! A retention policy Delete is a finding of its own (pe-retention-deleted-delete) and only told here where it makes
//! another fact worse.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use vcluster_guard_core::carrier::claim::Claim;
use vcluster_guard_core::case::{Case, Subject};
use vcluster_guard_core::exemption::Now;
use vcluster_guard_core::fact::Fact;
use vcluster_guard_core::image::Images;
use vcluster_guard_core::object::Meta;
use vcluster_guard_core::recognise::Role;

use crate::report::{Kind, Observation, Topic};

const fn kind(id: &'static str, title: &'static str) -> Kind {
    Kind {
        topic: Topic::Data,
        id,
        title,
    }
}

const ERASED: Kind = kind("erased-with-claim", "vClusters whose data is erased with its claim");
const CANNOT_GROW: Kind = kind("cannot-grow", "vClusters whose volumes cannot grow");
const LOST: Kind = kind("claim-lost", "vClusters whose claims have lost their volume");
const PENDING: Kind = kind("claim-pending", "vClusters whose claims wait for a volume");

/// A claim that waits for so long, in seconds, waits for something that does not come.
const PATIENCE: i64 = 15 * 60;

/// What the cluster says of its storage. `Unknown` where it could not be listed.
#[derive(Debug, Default)]
pub(crate) struct Storage {
    /// Volumes with reclaimPolicy Delete.
    pub(crate) deleted: Fact<BTreeSet<String>>,
    /// For each storage class, whether it says allowVolumeExpansion.
    pub(crate) expands: Fact<BTreeMap<String, bool>>,
}

/// A `PersistentVolume`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Volume {
    pub(crate) metadata: Meta,
    spec: VolumeSpec,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct VolumeSpec {
    persistent_volume_reclaim_policy: String,
}

/// A `StorageClass`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct StorageClass {
    pub(crate) metadata: Meta,
    pub(crate) allow_volume_expansion: bool,
}

impl Volume {
    pub(crate) fn is_deleted_with_its_claim(&self) -> bool {
        self.spec.persistent_volume_reclaim_policy == "Delete"
    }
}

/// What can be said of the data of one vCluster. `claims` are those that its workloads have made.
pub(super) fn of_vcluster(
    subject: &Subject,
    claims: &[(Role, &Claim)],
    storage: &Storage,
    now: Now,
) -> Vec<Observation> {
    let images = Images::default();
    let keeps_state = Case::now(subject, &images).stores_in_data() == Ok(true);
    let claims: Vec<&Claim> = claims
        .iter()
        .filter(|(role, _)| *role == Role::Etcd || keeps_state)
        .map(|(_, claim)| *claim)
        .collect();
    let told = [
        erased(subject, &claims, storage),
        cannot_grow(subject, &claims, storage),
        lost(subject, &claims),
        pending(subject, &claims, now),
    ];
    told.into_iter().flatten().collect()
}

fn erased(subject: &Subject, claims: &[&Claim], storage: &Storage) -> Option<Observation> {
    let deleted = storage.deleted.known()?;
    let names = names(claims, |claim| deleted.contains(&claim.spec.volume_name))?;
    let states = [&subject.now.workload, &subject.now.etcd].into_iter();
    let mut policies = states.filter_map(|workload| {
        let policy = &workload.known()?.spec.persistent_volume_claim_retention_policy;
        Some(policy.when_deleted.as_str())
    });
    let also = if policies.any(|policy| policy == "Delete") {
        ", and deleting the StatefulSet deletes its claims"
    } else {
        ""
    };
    let message = format!("{names}: reclaimPolicy Delete erases the data when the claim is deleted{also}");
    Some(
        Observation::of(ERASED, &subject.release, message)
            .fix("set persistentVolumeReclaimPolicy of the volumes to Retain, and take snapshots"),
    )
}

fn cannot_grow(subject: &Subject, claims: &[&Claim], storage: &Storage) -> Option<Observation> {
    let expands = storage.expands.known()?;
    let fixed = |claim: &Claim| expands.get(&claim.spec.storage_class_name) == Some(&false);
    let names = names(claims, fixed)?;
    let classes: BTreeSet<&str> = claims
        .iter()
        .filter(|claim| fixed(claim))
        .map(|claim| claim.spec.storage_class_name.as_str())
        .collect();
    let classes = classes.into_iter().collect::<Vec<_>>().join(", ");
    let message =
        format!("{names}: StorageClass {classes} has no allowVolumeExpansion, and a store that is full stops");
    Some(
        Observation::of(CANNOT_GROW, &subject.release, message)
            .fix("set allowVolumeExpansion: true on the StorageClass if its driver can grow volumes"),
    )
}

fn lost(subject: &Subject, claims: &[&Claim]) -> Option<Observation> {
    let names = names(claims, |claim| claim.status.phase == "Lost")?;
    let message = format!("{names}: the claim is Lost, its volume is gone and the data with it");
    Some(Observation::of(LOST, &subject.release, message).fix("restore the vCluster from a snapshot"))
}

/// A paused vCluster may wait: with `WaitForFirstConsumer` it is its pod that asks for the volume.
fn pending(subject: &Subject, claims: &[&Claim], now: Now) -> Option<Observation> {
    let is_paused = subject
        .now
        .workload
        .known()
        .is_some_and(|workload| workload.replicas() == 0);
    let waits =
        |claim: &Claim| claim.status.phase == "Pending" && waited(claim, now).is_some_and(|for_| for_ >= PATIENCE);
    let names = names(claims, waits).filter(|_| !is_paused)?;
    let since = claims
        .iter()
        .filter(|claim| waits(claim))
        .map(|claim| claim.metadata.creation_timestamp.as_str());
    let since = since.min().unwrap_or_default();
    let message = format!("{names}: Pending since {since}, and no pod starts before it is bound");
    Some(Observation::of(PENDING, &subject.release, message).fix("`kubectl describe pvc` says what it waits for"))
}

/// Seconds since the claim was made.
fn waited(claim: &Claim, now: Now) -> Option<i64> {
    let made = OffsetDateTime::parse(&claim.metadata.creation_timestamp, &Rfc3339).ok()?;
    Some(now.0.saturating_sub(made.unix_timestamp()))
}

/// The names of those claims, `None` when there is none.
fn names(claims: &[&Claim], which: impl Fn(&Claim) -> bool) -> Option<String> {
    let which = claims.iter().filter(|claim| which(claim));
    let names: Vec<&str> = which.map(|claim| claim.metadata.name.as_str()).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::testing::subject;
    use serde_json::{Value, json};

    /// 2026-01-01T00:00:00Z
    const NOW: Now = Now(1_767_225_600);

    fn claim(ordinal: u32, phase: &str, made: &str) -> Claim {
        serde_json::from_value(json!({
            "metadata": {"name": format!("data-demo-{ordinal}"), "namespace": "team-a", "creationTimestamp": made},
            "spec": {"volumeName": format!("pv-{ordinal}"), "storageClassName": "fast"},
            "status": {"phase": phase},
        }))
        .unwrap()
    }

    fn bound(ordinal: u32) -> Claim {
        claim(ordinal, "Bound", "2025-01-01T00:00:00Z")
    }

    fn storage(deleted: &[&str], expands: Option<bool>) -> Storage {
        Storage {
            deleted: Fact::Known(deleted.iter().map(|&name| name.to_owned()).collect()),
            expands: Fact::Known(
                expands
                    .map(|expands| ("fast".to_owned(), expands))
                    .into_iter()
                    .collect(),
            ),
        }
    }

    fn told(workload: Value, role: Role, claims: &[Claim], storage: &Storage) -> Vec<String> {
        let claims: Vec<(Role, &Claim)> = claims.iter().map(|claim| (role, claim)).collect();
        let told = of_vcluster(&subject(workload), &claims, storage, NOW);
        told.into_iter().map(|told| told.message).collect()
    }

    fn running(claims: &[Claim], storage: &Storage) -> Vec<String> {
        told(json!({"spec": {}}), Role::ControlPlane, claims, storage)
    }

    #[test]
    fn volumes_that_go_with_their_claims_are_told_together() {
        let line = "reclaimPolicy Delete erases the data when the claim is deleted";
        assert_eq!(
            running(&[bound(0), bound(1), bound(2)], &storage(&["pv-0", "pv-2"], Some(true))),
            [format!("data-demo-0, data-demo-2: {line}")]
        );
        let worse = json!({"spec": {"persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Delete"}}});
        assert_eq!(
            told(worse, Role::ControlPlane, &[bound(0)], &storage(&["pv-0"], None)),
            [format!(
                "data-demo-0: {line}, and deleting the StatefulSet deletes its claims"
            )]
        );
    }

    #[test]
    fn a_class_that_cannot_grow_is_named_and_one_that_is_unknown_is_not() {
        assert_eq!(
            running(&[bound(0)], &storage(&[], Some(false))),
            ["data-demo-0: StorageClass fast has no allowVolumeExpansion, and a store that is full stops"]
        );
        assert_eq!(running(&[bound(0)], &storage(&[], None)), [""; 0]);
        assert_eq!(running(&[bound(0)], &Storage::default()), [""; 0]);
    }

    #[test]
    fn a_lost_claim_is_told() {
        assert_eq!(
            running(&[claim(0, "Lost", "2025-01-01T00:00:00Z")], &Storage::default()),
            ["data-demo-0: the claim is Lost, its volume is gone and the data with it"]
        );
    }

    #[test]
    fn a_claim_that_waits_is_told_after_a_quarter_of_an_hour_unless_the_vcluster_is_paused() {
        let waits = claim(0, "Pending", "2025-12-31T23:45:00Z");
        assert_eq!(
            running(std::slice::from_ref(&waits), &Storage::default()),
            ["data-demo-0: Pending since 2025-12-31T23:45:00Z, and no pod starts before it is bound"]
        );
        assert_eq!(
            running(&[claim(0, "Pending", "2025-12-31T23:45:01Z")], &Storage::default()),
            [""; 0]
        );
        let paused = json!({"spec": {"replicas": 0}});
        assert_eq!(told(paused, Role::ControlPlane, &[waits], &Storage::default()), [""; 0]);
    }

    #[test]
    fn claims_of_a_control_plane_that_keeps_nothing_in_them_are_left_out() {
        let mut elsewhere = subject(json!({"spec": {}}));
        elsewhere.now.config = Fact::Absent;
        let (claim, storage) = (bound(0), storage(&["pv-0"], Some(false)));
        let told = |role| of_vcluster(&elsewhere, &[(role, &claim)], &storage, NOW).len();
        assert_eq!((told(Role::ControlPlane), told(Role::Etcd)), (0, 2));
    }
}
