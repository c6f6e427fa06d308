//! What is behind `data`: the size of claims, directories and memory of the node.

use alloc::format;
use alloc::string::String;

use crate::carrier::workload::Workload;
use crate::case::storage::{DATA, Data};
use crate::case::{Case, Places};
use crate::config::key::{self, Any, Key, Text};
use crate::remedy::Change;
use crate::rule::{Family, Found, Judgement, Need, Part, Rule, Severity};
use crate::store::Store;

const PLACES: Places = Places::CONFIG.and(Places::WORKLOAD);
const DATA_VOLUME: &str = "spec.template.spec.volumes[data]";

/// A directory of the node.
pub const PE_HOSTPATH: Rule = Rule {
    id: "pe-hostpath",
    title: "State in a directory or the memory of the node",
    family: Family::Persistence,
    severity: Severity::Deny,
    places: PLACES,
    needs: &[Need::Config],
    consequence: "replicas on one node overwrite each other, and a pod that moves to another node finds nothing",
    fix: "use claims (volumeClaim.enabled: true); with one replica, pin it by nodeSelector kubernetes.io/hostname",
    why: "kubernetes: a hostPath is whatever the node has there, and what a pod writes to an emptyDir in memory counts against \
          the limits of its containers. Whether the state is kept there depends on the store.",
    judge: pe_hostpath,
};

fn pe_hostpath(case: &Case<'_>) -> Judgement {
    match case.storage()?.data {
        Data::HostPath => on_the_node(case),
        Data::Memory => in_memory(case),
        _ => Ok(None),
    }
}

fn on_the_node(case: &Case<'_>) -> Judgement {
    let replicas = case.replicas()?;
    if replicas <= 1 && case.is_pinned_to_node()? {
        return Ok(None);
    }
    let (part, path) = case.point(key::DATA_VOLUME.path, DATA_VOLUME);
    let noun = if replicas == 1 {
        "replica keeps its"
    } else {
        "replicas keep their"
    };
    let found = Found::new(part, path, format!("{replicas} {noun} state in a hostPath"));
    Ok(Some(if replicas > 1 {
        found
    } else {
        found.severity(Severity::Warn)
    }))
}

/// That the state dies with the pod is for `pe-no-persistence-embedded` to say.
fn in_memory(case: &Case<'_>) -> Judgement {
    if !case.stores_in_data()? {
        return Ok(None);
    }
    let (part, path) = case.point(key::DATA_VOLUME.path, DATA_VOLUME);
    let found = Found::new(
        part,
        path,
        "the state lies in the node's memory (emptyDir with medium Memory)",
    )
    .severity(Severity::Warn)
    .consequence("it counts against the memory limit of the pod, which is killed when the state has grown into it")
    .fix("use claims (volumeClaim.enabled: true), or an emptyDir without a medium for a throw-away vCluster");
    Ok(Some(found))
}

/// A claim that a live StatefulSet cannot change.
pub const PE_SIZE: Rule = Rule {
    id: "pe-size",
    title: "Claim template of a live StatefulSet changed",
    family: Family::Persistence,
    severity: Severity::Deny,
    places: Places::CONFIG,
    needs: &[Need::Workload],
    consequence: "the API server refuses the StatefulSet after Helm has changed the Secret, which leaves the release half-way",
    fix: "grow the claims with kubectl patch pvc, then kubectl delete statefulset --cascade=orphan, then upgrade; a claim \
          never shrinks",
    why: "kubernetes: pkg/apis/apps/validation/validation.go:268. Seen on a real cluster. Where the StatefulSet is known to \
          be gone, as in that procedure, the change is allowed.",
    judge: pe_size,
};

/// What the chart renders into the claim template, for the control plane and for the deployed etcd.
const OWN: ([Key<Text>; 2], [Key<Any>; 2]) = (
    [key::CLAIM_SIZE, key::CLAIM_CLASS],
    [key::CLAIM_MODES, key::CLAIM_TEMPLATES],
);
const ETCD: ([Key<Text>; 2], [Key<Any>; 2]) = (
    [key::DEPLOYED_ETCD_CLAIM_SIZE, key::DEPLOYED_ETCD_CLAIM_CLASS],
    [key::DEPLOYED_ETCD_CLAIM_MODES, key::DEPLOYED_ETCD_CLAIM_TEMPLATES],
);

fn pe_size(case: &Case<'_>) -> Judgement {
    let Some(previous) = case.previous() else {
        return Ok(None);
    };
    let persists = previous.makes_claims()? && case.makes_claims()? && !case.is_gone();
    // The chart keeps NAME-etcd while it is migrated from.
    let stays = case.store()? == Store::DeployedEtcd || case.flag(key::EMBEDDED_ETCD_MIGRATE)?;
    let etcd = previous.store()? == Store::DeployedEtcd && stays;
    let own = if persists { change(case, &previous, OWN)? } else { None };
    let found = match own {
        Some(found) => Some(found),
        None if etcd && case.flag_or_true(key::DEPLOYED_ETCD_CLAIM_ENABLED)? => change(case, &previous, ETCD)?,
        None => None,
    };
    Ok(found.map(|found| found.unless(Need::Workload)))
}

fn change(case: &Case<'_>, previous: &Case<'_>, (texts, others): ([Key<Text>; 2], [Key<Any>; 2])) -> Judgement {
    let found = |path: &'static str, change: String| {
        Some(Found::new(
            Part::Config,
            path,
            format!("{change} on a live StatefulSet, where it is immutable"),
        ))
    };
    for key in texts {
        let (before, now) = (previous.text(key)?, case.text(key)?);
        if before != now {
            let shown = |text: &str| {
                if text.is_empty() {
                    "unset".into()
                } else {
                    String::from(text)
                }
            };
            return Ok(found(
                key.path,
                format!("it changes from {} to {}", shown(before), shown(now)),
            ));
        }
    }
    for key in others {
        if previous.any(key)? != case.any(key)? {
            return Ok(found(key.path, "it changes".into()));
        }
    }
    Ok(None)
}

/// A template and a volume of one name in the etcd's pod.
pub const PE_ETCD_TEMPLATE_CONFLICT: Rule = Rule {
    id: "pe-etcd-template-conflict",
    title: "Deployed etcd with a claim template and an emptyDir",
    family: Family::Persistence,
    severity: Severity::Info,
    places: Places::ETCD,
    needs: &[],
    consequence: "the claim wins; the emptyDir only confuses",
    fix: "set etcd.deploy.statefulSet.persistence.volumeClaim.enabled to true",
    why: "vcluster: chart/templates/etcd-statefulset.yaml renders both when volumeClaim.enabled is false and \
          volumeClaimTemplates is set.",
    judge: pe_etcd_template_conflict,
};

fn pe_etcd_template_conflict(case: &Case<'_>) -> Judgement {
    let both = |etcd: &Workload| etcd.claim_template(DATA).is_some() && etcd.volume(DATA).is_some();
    if !case.saw(
        "claim templates and volumes of NAME-etcd",
        case.etcd_at_hand().is_some_and(both),
    ) {
        return Ok(None);
    }
    let message = "\"data\" is a claim template and a pod volume";
    let found = Found::new(Part::Etcd, "spec.template.spec.volumes[data]", message);
    Ok(Some(
        found.remedy([Change::set(key::DEPLOYED_ETCD_CLAIM_ENABLED.path, true)]),
    ))
}
