//! Replicas of the control plane against its store and its leader election.

use alloc::format;
use alloc::vec::Vec;

use crate::case::{Case, Places};
use crate::config::key;
use crate::remedy::Change;
use crate::rule::{Family, Found, Judgement, Need, Part, Rule, Severity};
use crate::startup;
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

/// Lease timings that client-go refuses.
pub const HA_LEADER_TIMINGS: Rule = Rule {
    id: "ha-leader-timings",
    title: "Leader-election timings that do not fit together",
    family: Family::Replicas,
    severity: Severity::Deny,
    places: Places::CONFIG,
    needs: &[],
    consequence: "client-go refuses to start the leader election and every replica exits",
    fix: "keep leaseDuration > renewDeadline > 1.2 x retryPeriod and retryPeriod at least 1 (defaults 60, 40, 15)",
    why: "client-go: tools/leaderelection/leaderelection.go NewLeaderElector; vcluster: \
          pkg/leaderelection/leaderelection.go:67. Exactly 1.2 x is refused too; with one replica nothing is elected.",
    judge: ha_leader_timings,
};

/// The chart's own timings, where others are set.
fn default_timings(timings: [i64; 3]) -> Vec<Change> {
    let defaults = [
        (key::LEASE_DURATION, 60),
        (key::RENEW_DEADLINE, 40),
        (key::RETRY_PERIOD, 15),
    ];
    let others = defaults
        .into_iter()
        .zip(timings)
        .filter(|((_, default), set)| default != set);
    others
        .map(|((key, default), _)| Change::set(key.path, default))
        .collect()
}

/// Above this many seconds a takeover takes unreasonably long: nobody releases the lease on exit.
const LONG_LEASE_SECONDS: i64 = 300;

fn ha_leader_timings(case: &Case<'_>) -> Judgement {
    let lease = case.int(key::LEASE_DURATION)?;
    let renew = case.int(key::RENEW_DEADLINE)?;
    let retry = case.int(key::RETRY_PERIOD)?;
    let replicas = case.configured_replicas()?;
    if let Err(error) = startup::leader_timings(lease, renew, retry) {
        let message = format!("{error}, but they are {lease}, {renew} and {retry}");
        let found = Found::new(Part::Config, "controlPlane.statefulSet.highAvailability", message);
        let found = found.remedy(default_timings([lease, renew, retry]));
        return Ok(Some(if replicas > 1 {
            found
        } else {
            found
                .severity(Severity::Warn)
                .consequence("nothing with one replica; with more, every replica exits")
        }));
    }
    if lease <= LONG_LEASE_SECONDS {
        return Ok(None);
    }
    let message = format!("leaseDuration is {lease} seconds");
    let found = Found::new(Part::Config, key::LEASE_DURATION.path, message).severity(Severity::Warn);
    Ok(Some(
        found
            .consequence("after the leader is lost, the next one waits for a whole lease")
            .fix("choose a leaseDuration of at most 300 (default 60)"),
    ))
}
