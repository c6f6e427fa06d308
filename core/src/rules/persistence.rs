//! Where the state of a control plane lies, and whether it survives.

use alloc::format;

use serde_json::Value;

use crate::carrier::claim::Claim;
use crate::carrier::workload::{Container, Workload, WorkloadKind};
use crate::case::storage::{DATA, Data};
use crate::case::{Case, Places};
use crate::config::key;
use crate::host;
use crate::recognise::SYNCER;
use crate::remedy::Change;
use crate::rule::{Family, Found, Judgement, Need, Part, Rule, Severity};

const PLACES: Places = Places::CONFIG.and(Places::WORKLOAD);
const VOLUMES: &str = "spec.template.spec.volumes[data]";

/// A volume that a claim template of the same name replaces.
pub const PE_DATAVOLUME_IGNORED: Rule = Rule {
    id: "pe-datavolume-ignored",
    title: "dataVolume that a claim template replaces",
    family: Family::Persistence,
    severity: Severity::Deny,
    places: PLACES,
    needs: &[],
    consequence: "the pods get an empty claim data-NAME-0, and the volume that was meant is silently unused",
    fix: "pre-create the claim as data-NAME-0, which the StatefulSet adopts (label it app=vcluster,release=NAME), or set \
          controlPlane.statefulSet.persistence.volumeClaim.enabled to false",
    why: "kubernetes: pkg/controller/statefulset/stateful_set_utils.go:412 replaces pod volumes by claims of the same \
          name. The documentation's own \"Reuse an existing PVC\" example is this case; seen on a real cluster.",
    judge: pe_datavolume_ignored,
};

fn pe_datavolume_ignored(case: &Case<'_>) -> Judgement {
    if case.storage()?.shadowed.is_none() {
        return Ok(None);
    }
    let (part, path) = case.point(key::DATA_VOLUME.path, VOLUMES);
    let message = "the volume \"data\" is replaced by a claim template of the same name";
    Ok(Some(Found::new(part, path, message)))
}

/// One claim for several pods.
pub const PE_SHARED_PVC: Rule = Rule {
    id: "pe-shared-pvc",
    title: "Replicas that share one claim",
    family: Family::Persistence,
    severity: Severity::Deny,
    places: PLACES,
    needs: &[Need::Config, Need::Claims],
    consequence: "the replicas overwrite each other's files, or hang in ContainerCreating on the second node",
    fix: "let every replica have a claim of its own: remove persistence.dataVolume and leave volumeClaim.enabled at its \
          default",
    why: "all replicas use the same /data/etcd and /data/state.db (vcluster: pkg/constants/constants.go:22-24). With an \
          external store nothing durable lies there, so it is a warning unless the claim is known to be for one node.",
    judge: pe_shared_pvc,
};

fn pe_shared_pvc(case: &Case<'_>) -> Judgement {
    let Data::Claim(claim) = case.storage()?.data else {
        return Ok(None);
    };
    let replicas = case.replicas()?;
    if replicas <= 1 {
        return Ok(None);
    }
    let (part, path) = case.point(key::DATA_VOLUME.path, VOLUMES);
    let found = Found::new(
        part,
        path,
        format!("{replicas} replicas share the one claim \"{claim}\""),
    );
    if case.stores_in_data()? {
        return Ok(Some(found));
    }
    let claims = case.claims().unwrap_or_default();
    let known = claims.iter().find(|known| known.metadata.name == claim);
    Ok(Some(
        match case.saw("access modes of the claim", known.map(Claim::is_shared)) {
            Some(false) => {
                found.consequence("the claim is not ReadWriteMany: replicas on other nodes hang in ContainerCreating")
            }
            Some(true) => found
                .severity(Severity::Warn)
                .consequence("nothing durable lies there, but the replicas overwrite each other's files"),
            None => found
                .severity(Severity::Warn)
                .consequence("unless the claim is ReadWriteMany, replicas on other nodes hang in ContainerCreating"),
        },
    ))
}

/// A Deployment over a claim.
pub const PE_DEPLOYMENT_RWO: Rule = Rule {
    id: "pe-deployment-rwo",
    title: "Deployment that keeps its state in a claim",
    family: Family::Persistence,
    severity: Severity::Deny,
    places: PLACES,
    needs: &[Need::Config],
    consequence: "a rollout starts the new pod before the old one is gone: it waits for the volume for ever, or two \
                  processes open one database",
    fix: "pre-create the claim as data-NAME-0 and keep the StatefulSet (volumeClaim.enabled: true), or set the strategy \
          to Recreate with a post-renderer",
    why: "the chart's Deployment has maxSurge 1 and maxUnavailable 0, not configurable (vcluster: \
          chart/templates/statefulset.yaml:37-45).",
    judge: pe_deployment_rwo,
};

fn pe_deployment_rwo(case: &Case<'_>) -> Judgement {
    let storage = case.storage()?;
    let Data::Claim(claim) = storage.data else {
        return Ok(None);
    };
    let strategy = case
        .workload_at_hand()
        .map_or("RollingUpdate", |workload| workload.spec.strategy.kind.as_str());
    if storage.kind != WorkloadKind::Deployment || case.saw("spec.strategy.type", strategy) == "Recreate" {
        return Ok(None);
    }
    if !case.stores_in_data()? {
        return Ok(None);
    }
    let (part, path) = case.point(key::DATA_VOLUME.path, "spec.strategy");
    let message = format!("a Deployment with rolling updates keeps its state in the claim \"{claim}\"");
    Ok(Some(Found::new(part, path, message)))
}

/// State that dies with the pod.
pub const PE_NO_PERSISTENCE_EMBEDDED: Rule = Rule {
    id: "pe-no-persistence-embedded",
    title: "Embedded store without a persistent volume",
    family: Family::Persistence,
    severity: Severity::Warn,
    places: PLACES,
    needs: &[Need::Config],
    consequence: "once the pod is rescheduled the control plane is empty, and the syncer deletes every tenant workload",
    fix: "leave controlPlane.statefulSet.persistence.volumeClaim.enabled at auto; for throw-away vClusters switch this \
          rule off for their namespaces",
    why: "docs: _fragments/deploy/backing-store shows it as legitimate for tests. The syncer deletes host objects whose \
          virtual object is gone (vcluster: pkg/controllers/resources/pods/syncer.go:433).",
    judge: pe_no_persistence_embedded,
};

fn pe_no_persistence_embedded(case: &Case<'_>) -> Judgement {
    if !case.storage()?.data.dies_with_pod() || !case.stores_in_data()? {
        return Ok(None);
    }
    let (part, path) = case.point(key::CLAIM_ENABLED.path, VOLUMES);
    let store = case.store()?.in_words();
    let found = Found::new(
        part,
        path,
        format!("the {store} lies in a volume that dies with the pod"),
    );
    let replicas = case.replicas()?;
    Ok(Some(if replicas > 1 {
        found.severity(Severity::Deny)
    } else {
        found
    }))
}

/// A string that looks like a boolean.
pub const PE_ENABLED_TYPO: Rule = Rule {
    id: "pe-enabled-typo",
    title: "volumeClaim.enabled that the chart takes for off",
    family: Family::Persistence,
    severity: Severity::Deny,
    places: Places::CONFIG,
    needs: &[],
    consequence: "the chart renders no claim: the state lies in an emptyDir",
    fix: "write true, false or auto, without quotes",
    why: "the chart compares with the strings \"true\" and \"auto\" (vcluster: chart/templates/_persistence.tpl); no Go \
          code reads the field. Unquoted yes and True are plain true.",
    judge: pe_enabled_typo,
};

fn pe_enabled_typo(case: &Case<'_>) -> Judgement {
    let text = case.strbool(key::CLAIM_ENABLED)?;
    let written = case.saw(
        "volumeClaim.enabled",
        case.config()?.is_written(key::CLAIM_ENABLED.path),
    );
    if !written || matches!(text, "true" | "false" | "auto") {
        return Ok(None);
    }
    let message = "the string is none of true, false and auto, so the chart switches persistence off";
    let found = Found::new(Part::Config, key::CLAIM_ENABLED.path, message);
    Ok(Some(match meant(text) {
        Some(value) => found.remedy([Change::set(key::CLAIM_ENABLED.path, value)]).caution(
            "a vCluster that already runs with the typo keeps its state in an emptyDir, which does not move to the claim",
        ),
        None => found,
    }))
}

/// What the owner of a string that looks like one of the three meant.
fn meant(text: &str) -> Option<Value> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "yes" | "y" | "on" => Some(true.into()),
        "false" | "no" | "n" | "off" => Some(false.into()),
        "auto" => Some("auto".into()),
        _ => None,
    }
}

/// A mount without a volume.
pub const PE_DATA_MISSING: Rule = Rule {
    id: "pe-data-missing",
    title: "Mount \"data\" without a volume of that name",
    family: Family::Persistence,
    severity: Severity::Deny,
    places: Places::WORKLOAD.and(Places::ETCD),
    needs: &[],
    consequence: "the API server refuses the pods (FailedCreate); since Kubernetes 1.34 it refuses the StatefulSet itself",
    fix: "name the claim template or volume \"data\" in persistence.volumeClaimTemplates or persistence.dataVolume",
    why: "vcluster: chart/templates/statefulset.yaml mounts \"data\" always; custom templates may carry another name. \
          kubernetes PR 131790: the API server checks a StatefulSet's template since 1.34 (1.33.5 does not).",
    judge: pe_data_missing,
};

fn pe_data_missing(case: &Case<'_>) -> Judgement {
    let parts = [
        (
            Part::Workload,
            case.workload_at_hand().filter(|_| case.places.meets(Places::WORKLOAD)),
            SYNCER,
        ),
        (
            Part::Etcd,
            case.etcd_at_hand().filter(|_| case.places.meets(Places::ETCD)),
            "etcd",
        ),
    ];
    for (part, workload, container) in parts {
        let Some(workload) = workload else { continue };
        let missing = workload.container(container).is_some_and(mounts_data) && !has_data(workload);
        if case.saw("mounts and volumes named data", missing) {
            let message = format!("{container} mounts \"data\", but no volume or claim template has that name");
            let found = Found::new(part, "spec.template.spec.volumes", message);
            let refusal = host::refusal(case.host(), workload.kind == WorkloadKind::StatefulSet);
            return Ok(Some(match refusal {
                Some(refusal) => found.consequence(refusal),
                None => found,
            }));
        }
    }
    Ok(None)
}

fn mounts_data(container: &Container) -> bool {
    container.volume_mounts.iter().any(|mount| mount.name == DATA)
}

fn has_data(workload: &Workload) -> bool {
    workload.volume(DATA).is_some() || workload.claim_template(DATA).is_some()
}
