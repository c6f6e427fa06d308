//! What becomes of claims when a workload shrinks or goes.

use alloc::format;

use crate::case::{Case, Places};
use crate::rule::{Family, Found, Judgement, Rule, Severity};

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
          chart never sets the field.",
    judge: pe_retention_scaled_delete,
};

fn pe_retention_scaled_delete(case: &Case<'_>) -> Judgement {
    for (part, workload) in case.workloads() {
        let policy = &workload.spec.persistent_volume_claim_retention_policy;
        if case.saw("whenScaled", policy.when_scaled.as_str()) == "Delete" {
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
