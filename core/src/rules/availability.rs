//! High availability that is less than it seems.

use alloc::format;

use crate::carrier::workload::{Workload, WorkloadKind};
use crate::case::{Case, Occasion, Places};
use crate::config::key;
use crate::recognise::{Role, SYNCER};
use crate::remedy::Change;
use crate::rule::{Family, Found, Judgement, Need, Part, Rule, Severity};
use crate::store::Store;

/// Fewer replicas than the config knows of.
pub const HA_REPLICAS_BELOW_CONFIG: Rule = Rule {
    id: "ha-replicas-below-config",
    title: "Scaled below what the config says",
    family: Family::Replicas,
    severity: Severity::Warn,
    places: Places::SCALE,
    needs: &[Need::Config],
    consequence: "the next helm upgrade brings the missing replicas back; with embedded etcd members are missing until then",
    fix: "scale back when the recovery is done, or set controlPlane.statefulSet.highAvailability.replicas",
    why: "docs: backing-store/etcd/embedded, whose recovery scales to 1 and back, so it is never a denial.",
    judge: ha_replicas_below_config,
};

fn ha_replicas_below_config(case: &Case<'_>) -> Judgement {
    if case.scaled().is_none_or(|scaled| scaled.role != Role::ControlPlane) {
        return Ok(None);
    }
    // To 0 is let through before any rule is asked.
    let Some(running) = case.running_replicas() else {
        return Ok(None);
    };
    // A chart up to 0.19 has no config to compare with.
    if case.lacks_config_secret() {
        return Ok(None);
    }
    let configured = case.configured_replicas()?;
    if running >= configured {
        return Ok(None);
    }
    let message = format!("{running} of the {configured} replicas that the config says are to run");
    Ok(Some(Found::new(Part::Workload, "spec.replicas", message)))
}

/// Several control planes over one etcd.
pub const HA_SINGLE_DEPLOYED_ETCD: Rule = Rule {
    id: "ha-single-deployed-etcd",
    title: "Several replicas over one etcd member",
    family: Family::Replicas,
    severity: Severity::Warn,
    places: Places::CONFIG,
    needs: &[],
    consequence: "when the node of that one member fails, every replica is down with it",
    fix: "deploy three etcd members from the start (etcd.deploy.statefulSet.highAvailability.replicas: 3); the number \
          cannot be changed later",
    why: "the chart's default for the deployed etcd is one member (vcluster: chart/values.yaml).",
    judge: ha_single_deployed_etcd,
};

fn ha_single_deployed_etcd(case: &Case<'_>) -> Judgement {
    let replicas = case.configured_replicas()?;
    let deployed = case.store()? == Store::DeployedEtcd && case.flag_or_true(key::DEPLOYED_ETCD_STS_ENABLED)?;
    if replicas <= 1 || !deployed || case.int(key::DEPLOYED_ETCD_REPLICAS)? != 1 {
        return Ok(None);
    }
    let message = format!("{replicas} control plane replicas share an etcd of one member");
    Ok(Some(Found::new(
        Part::Config,
        key::DEPLOYED_ETCD_REPLICAS.path,
        message,
    )))
}

/// Members that wait for each other.
pub const HA_ETCD_ORDERED_READY: Rule = Rule {
    id: "ha-etcd-ordered-ready",
    title: "etcd members started one after the other",
    family: Family::Replicas,
    severity: Severity::Deny,
    places: Places::CONFIG.and(Places::WORKLOAD).and(Places::ETCD),
    needs: &[Need::Config],
    consequence: "the first member never becomes ready without its peers, and the peers are never created",
    fix: "set scheduling.podManagementPolicy to Parallel, the chart's default",
    why: "vcluster PR 229 made it Parallel for the deployed etcd. Embedded etcd boots either way, but after losing more \
          than one pod the first waits for a quorum and blocks the others (docs: backing-store/etcd/embedded). The \
          field is immutable, so a change is not judged by it.",
    judge: ha_etcd_ordered_ready,
};

fn ha_etcd_ordered_ready(case: &Case<'_>) -> Judgement {
    if matches!(case.occasion, Occasion::Update | Occasion::Scale) {
        return Ok(None);
    }
    if let Some(found) = ordered_etcd(case)? {
        return Ok(Some(found));
    }
    let ordered = match case.workload_at_hand() {
        Some(workload) => workload.kind == WorkloadKind::StatefulSet && is_ordered(workload),
        None if case.places.meets(Places::CONFIG) => case.text(key::POD_MANAGEMENT_POLICY)? == "OrderedReady",
        None => return Ok(None),
    };
    if !ordered || case.replicas()? <= 1 || !case.embeds_etcd()? {
        return Ok(None);
    }
    let (part, path) = case.point(key::POD_MANAGEMENT_POLICY.path, "spec.podManagementPolicy");
    let message = format!("embedded etcd of {} members starts them in order", case.replicas()?);
    let consequence = "after more than one pod is lost, the first waits for a quorum and blocks the others";
    let found = Found::new(part, path, message)
        .severity(Severity::Warn)
        .consequence(consequence);
    Ok(Some(if case.legacy_at_hand().is_some() {
        found.fix(
            "upgrade to a chart from 0.20 on, whose default is Parallel; the StatefulSet has to be made anew for it",
        )
    } else {
        found
    }))
}

fn ordered_etcd(case: &Case<'_>) -> Judgement {
    let (ordered, part, path) = match case.etcd_at_hand() {
        Some(workload) => (is_ordered(workload), Part::Etcd, "spec.podManagementPolicy"),
        None if case.places.meets(Places::CONFIG) && case.store()? == Store::DeployedEtcd => {
            let policy = case.text(key::DEPLOYED_ETCD_POLICY)?;
            (policy == "OrderedReady", Part::Config, key::DEPLOYED_ETCD_POLICY.path)
        }
        None => return Ok(None),
    };
    if !ordered || case.etcd_members()? <= 1 {
        return Ok(None);
    }
    let message = format!("deployed etcd of {} members starts them in order", case.etcd_members()?);
    // Such an etcd has never come up, so there is no live one whose immutable field this would change.
    let parallel = Change::set(key::DEPLOYED_ETCD_POLICY.path, "Parallel");
    Ok(Some(Found::new(part, path, message).remedy([parallel])))
}

/// The API server's default is `OrderedReady`.
fn is_ordered(workload: &Workload) -> bool {
    matches!(workload.spec.pod_management_policy.as_str(), "" | "OrderedReady")
}

/// Founders that race.
pub const HA_ETCD_PARALLEL_BOOTSTRAP: Rule = Rule {
    id: "ha-etcd-parallel-bootstrap",
    title: "Embedded etcd founded by all members at once",
    family: Family::Replicas,
    severity: Severity::Info,
    places: Places::CONFIG,
    needs: &[],
    consequence: "under load the founders may race; the CLI therefore brings up replica 0 first, Helm does not",
    fix: "for large fleets, create the vCluster with one replica and upgrade to three when it is ready",
    why: "docs: deploy/control-plane/kubernetes-pod/sizing-and-performance; the page on high availability does the same.",
    judge: ha_etcd_parallel_bootstrap,
};

fn ha_etcd_parallel_bootstrap(case: &Case<'_>) -> Judgement {
    let replicas = case.configured_replicas()?;
    if case.occasion != Occasion::Create || replicas < 3 || case.store()? != Store::EmbeddedEtcd {
        return Ok(None);
    }
    let message = format!("{replicas} members of embedded etcd are created at once");
    Ok(Some(Found::new(Part::Config, key::REPLICAS.path, message)))
}

/// Replicas that count as ready whatever they do.
pub const HA_READINESS_OFF: Rule = Rule {
    id: "ha-readiness-off",
    title: "Several replicas without a readiness probe",
    family: Family::Replicas,
    severity: Severity::Warn,
    places: Places::CONFIG.and(Places::WORKLOAD),
    needs: &[],
    consequence: "the Service routes to replicas that do not answer, and rollouts and disruption budgets count them healthy",
    fix: "leave controlPlane.statefulSet.probes.readinessProbe.enabled at true",
    why: "vcluster: chart/templates/statefulset.yaml renders the probe only when it is enabled.",
    judge: ha_readiness_off,
};

fn ha_readiness_off(case: &Case<'_>) -> Judgement {
    let off = match case.workload_at_hand().and_then(|workload| workload.container(SYNCER)) {
        Some(syncer) => case.saw("readinessProbe of syncer", syncer.readiness_probe.is_none()),
        None if case.places.meets(Places::CONFIG) => !case.flag_or_true(key::READINESS_ENABLED)?,
        None => return Ok(None),
    };
    if !off || case.replicas()? <= 1 {
        return Ok(None);
    }
    let (part, path) = case.point(
        key::READINESS_ENABLED.path,
        "spec.template.spec.containers[syncer].readinessProbe",
    );
    let message = format!("{} replicas without a readiness probe", case.replicas()?);
    let enabled = Change::set(key::READINESS_ENABLED.path, true);
    Ok(Some(Found::new(part, path, message).remedy([enabled])))
}
