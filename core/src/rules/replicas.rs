//! Replicas of the control plane against its store and its leader election.

use alloc::format;

use crate::case::{Case, Places};
use crate::config::key;
use crate::rule::{Family, Found, Judgement, Need, Part, Rule, Severity};
use crate::store::Store;

/// Several replicas on an embedded database.
pub const HA_EMBEDDED_DB: Rule = Rule {
    id: "ha-embedded-db",
    title: "Several replicas on the embedded database",
    family: Family::Replicas,
    severity: Severity::Deny,
    places: Places::CONFIG.and(Places::SCALE),
    needs: &[Need::Config],
    consequence: "every pod that restarts exits with \"embedded database is not supported with multiple replicas\" \
                  (0.20: each replica gets a database of its own behind one Service)",
    fix: "set controlPlane.statefulSet.highAvailability.replicas to 1, or enable \
          controlPlane.backingStore.etcd.embedded, etcd.deploy or database.external",
    why: "vcluster: pkg/config/validation.go:80 since 0.21.0-beta.11; 0.20 checks only in the CLI \
          (pkg/cli/create_helm.go:505). docs: deploy/control-plane/kubernetes-pod/high-availability.",
    judge: ha_embedded_db,
};

fn ha_embedded_db(case: &Case<'_>) -> Judgement {
    if case.scaled().is_some() && case.running_replicas().is_none_or(|replicas| replicas <= 1) {
        return Ok(None);
    }
    let configured = case.configured_replicas()?;
    // A Scale alone is ha-no-leader-election's; here it only makes worse what the values already have wrong.
    if configured <= 1 || case.store()? != Store::EmbeddedDatabase {
        return Ok(None);
    }
    let replicas = case
        .scaled()
        .and_then(|_| case.running_replicas())
        .unwrap_or(configured);
    let falls = case.scaled().is_some()
        && case
            .previous()
            .and_then(|previous| previous.running_replicas())
            .is_some_and(|before| before > replicas);
    let message = format!("{replicas} replicas on the embedded database, which supports one");
    let found = Found::new(Part::Config, key::REPLICAS.path, message);
    Ok(Some(if falls { found.severity(Severity::Warn) } else { found }))
}

/// More replicas run than the config knows of.
pub const HA_NO_LEADER_ELECTION: Rule = Rule {
    id: "ha-no-leader-election",
    title: "More running replicas than the config says",
    family: Family::Replicas,
    severity: Severity::Deny,
    places: Places::WORKLOAD.and(Places::SCALE),
    needs: &[Need::Config],
    consequence: "vCluster elects a leader only if its config says more than one replica, so two syncers write to the \
                  host at once; on the embedded database the second starts an empty cluster",
    fix: "set controlPlane.statefulSet.highAvailability.replicas in the values and upgrade the release through Helm, \
          instead of scaling the workload",
    why: "vcluster: cmd/vcluster/cmd/start.go:210 and pkg/certs/watcher.go:146 read the replicas of the Secret; the \
          lease's RBAC is rendered only then (chart/templates/role.yaml:70).",
    judge: ha_no_leader_election,
};

fn ha_no_leader_election(case: &Case<'_>) -> Judgement {
    let Some(running) = case.running_replicas().filter(|&replicas| replicas > 1) else {
        return Ok(None);
    };
    // Charts up to 0.19 have no config Secret; there lg-leader-elect-false speaks.
    if case
        .workload_at_hand()
        .is_some_and(|workload| workload.config_secret().is_none())
    {
        return Ok(None);
    }
    if case.scaled().is_some() && case.lacks_config_secret() {
        return Err(Need::Workload);
    }
    let configured = case.configured_replicas()?;
    if running <= configured {
        return Ok(None);
    }
    let message = format!("{running} replicas are to run, the config of this vCluster says {configured}");
    let found = Found::new(Part::Workload, "spec.replicas", message);
    let falls = case
        .previous()
        .and_then(|previous| previous.running_replicas())
        .is_some_and(|before| before > running);
    Ok(Some(if falls {
        found.severity(Severity::Warn)
    } else if configured > 1 {
        // Leader election does run: the surplus only vanishes with the next upgrade.
        found
            .severity(Severity::Warn)
            .consequence("the next helm upgrade takes the surplus replicas away again")
    } else {
        found
    }))
}
