//! What becomes of claims when a workload shrinks or goes.

use alloc::format;

use crate::carrier::workload::Workload;
use crate::case::{Case, Places};
use crate::config::key::{self, Key, Text};
use crate::host::KubeVersion;
use crate::remedy::Change;
use crate::rule::{Family, Found, Judgement, Need, Part, Rule, Severity};
use crate::store::Store;

/// Claims that vanish when vCluster is paused.
pub const PE_RETENTION_SCALED_DELETE: Rule = Rule {
    id: "pe-retention-scaled-delete",
    title: "Claims deleted on scaling down",
    family: Family::Persistence,
    severity: Severity::Deny,
    places: Places::WORKLOAD.and(Places::ETCD),
    needs: &[],
    consequence: "vCluster pauses, sleeps and restores by scaling to 0, which then deletes every claim and all data",
    fix: "set spec.persistentVolumeClaimRetentionPolicy.whenScaled to Retain",
    why: "vcluster: pkg/lifecycle/lifecycle.go scales to 0. Seen on a real cluster: data-NAME-0 is gone after it. The \
          chart never sets the field. Kubernetes before 1.27 drops it.",
    judge: pe_retention_scaled_delete,
};

fn pe_retention_scaled_delete(case: &Case<'_>) -> Judgement {
    if case.host_is_before(KubeVersion::CLAIM_RETENTION) {
        return Ok(None);
    }
    for (part, workload) in case.workloads() {
        let policy = &workload.spec.persistent_volume_claim_retention_policy;
        if case.saw(
            "spec.persistentVolumeClaimRetentionPolicy.whenScaled",
            policy.when_scaled.as_str(),
        ) == "Delete"
        {
            let message = format!("scaling {} down deletes its claims", workload.metadata.name);
            return Ok(Some(Found::new(
                part,
                "spec.persistentVolumeClaimRetentionPolicy.whenScaled",
                message,
            )));
        }
    }
    Ok(None)
}

/// Claims that vanish with the release.
pub const PE_RETENTION_DELETED_DELETE: Rule = Rule {
    id: "pe-retention-deleted-delete",
    title: "Claims deleted with the workload",
    family: Family::Persistence,
    severity: Severity::Warn,
    places: Places::CONFIG.and(Places::WORKLOAD).and(Places::ETCD),
    needs: &[Need::Config],
    consequence: "helm uninstall, or deleting the StatefulSet for a migration, erases the data",
    fix: "set retentionPolicy to Retain, the chart's default",
    why: "docs: backing-store/etcd/embedded: its migration deletes the StatefulSet and requires Retain. Kubernetes from 1.27 \
          honours the field.",
    judge: pe_retention_deleted_delete,
};

fn pe_retention_deleted_delete(case: &Case<'_>) -> Judgement {
    if case.host_is_before(KubeVersion::CLAIM_RETENTION) {
        return Ok(None);
    }
    let deleted = |workload: &Workload| {
        let policy = workload
            .spec
            .persistent_volume_claim_retention_policy
            .when_deleted
            .as_str();
        case.saw("spec.persistentVolumeClaimRetentionPolicy.whenDeleted", policy) == "Delete"
    };
    for (part, workload) in case.workloads() {
        let has_claims = case.saw(
            "whether there are claim templates",
            !workload.spec.volume_claim_templates.is_empty(),
        );
        if has_claims && deleted(workload) && (part == Part::Etcd || case.stores_in_data()?) {
            let message = format!("deleting {} deletes its claims", workload.metadata.name);
            return Ok(Some(Found::new(
                part,
                "spec.persistentVolumeClaimRetentionPolicy.whenDeleted",
                message,
            )));
        }
    }
    if !case.places.meets(Places::CONFIG) || case.workload_at_hand().is_some() {
        return Ok(None);
    }
    let own = case.text(key::CLAIM_RETENTION)? == "Delete" && case.makes_claims()? && case.stores_in_data()?;
    let found = |key: Key<Text>, message: &'static str| {
        Found::new(Part::Config, key.path, message).remedy([Change::set(key.path, "Retain")])
    };
    if own {
        return Ok(Some(found(
            key::CLAIM_RETENTION,
            "deleting the release deletes its claims",
        )));
    }
    let etcd = case.store()? == Store::DeployedEtcd && case.text(key::DEPLOYED_ETCD_CLAIM_RETENTION)? == "Delete";
    let message = "deleting the release deletes the claims of its etcd";
    Ok(etcd.then(|| found(key::DEPLOYED_ETCD_CLAIM_RETENTION, message)))
}
