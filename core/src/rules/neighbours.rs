//! What else is in the namespace: other vClusters, claims that were left behind, autoscalers.

use alloc::format;

use crate::case::storage::Data;
use crate::case::{Case, Occasion, Places};
use crate::config::key;
use crate::recognise::ETCD_SUFFIX;
use crate::rule::{Family, Found, Judgement, Need, Part, Rule, Severity};
use crate::surroundings::Neighbour;

/// A second vCluster in the namespace.
pub const HA_MULTIPLE_IN_NAMESPACE: Rule = Rule {
    id: "ha-multiple-in-namespace",
    title: "Two vClusters in one namespace",
    family: Family::Replicas,
    severity: Severity::Deny,
    places: Places::WORKLOAD,
    needs: &[Need::Neighbours],
    consequence: "the new one exits with \"there is already a virtual cluster in namespace\", and so does the healthy one \
                  at its next restart",
    fix: "give every vCluster a namespace of its own",
    why: "vcluster: cmd/vcluster/cmd/start.go:116 since 0.25; 0.24 does so unless experimental.reuseNamespace is set \
          (vcluster@v0.24.1: cmd/vcluster/cmd/start.go:110); older ones share a namespace. A paused one counts.",
    judge: ha_multiple_in_namespace,
};

/// How a version takes to others in its namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Company {
    /// It exits.
    Refuses,
    /// It exits unless its config says `experimental.reuseNamespace`.
    Asks,
    /// It does not look.
    Accepts,
}

impl Company {
    fn of(version: Option<&semver::Version>) -> Option<Self> {
        let version = version?;
        Some(match (version.major, version.minor) {
            (0, ..24) => Self::Accepts,
            (0, 24) => Self::Asks,
            _ => Self::Refuses,
        })
    }
}

fn ha_multiple_in_namespace(case: &Case<'_>) -> Judgement {
    let Some(workload) = case.workload_at_hand() else {
        return Ok(None);
    };
    // A StatefulSet and a Deployment of one release are one vCluster that changes its kind, and no neighbours.
    let neighbours = match case.neighbours() {
        // A live vCluster was alone when it came; who has a list may still say otherwise.
        Err(_) if case.occasion == Occasion::Update => return Ok(None),
        neighbours => neighbours?,
    };
    // Not the version itself: an upgrade that changes nothing of this is no new violation.
    let own = case.saw("chart", Company::of(workload.chart_version().as_ref()));
    for neighbour in neighbours {
        let Neighbour { release, version, .. } = neighbour;
        let severity = match (own, Company::of(version.as_ref())) {
            (Some(Company::Refuses), _) | (_, Some(Company::Refuses)) => Severity::Deny,
            (Some(Company::Asks), _) if !case.flag(key::REUSE_NAMESPACE)? => Severity::Deny,
            (_, Some(Company::Asks)) if !neighbour.reuses_namespace => Severity::Warn,
            (Some(_), Some(_)) => continue,
            _ => Severity::Warn,
        };
        let message = format!("the vCluster \"{release}\" is in this namespace already");
        case.saw("neighbour", (release, severity));
        return Ok(Some(
            Found::new(Part::Workload, "metadata.namespace", message).severity(severity),
        ));
    }
    Ok(None)
}

/// State of an earlier vCluster.
pub const TR_LEFTOVER_PVC: Rule = Rule {
    id: "tr-leftover-pvc",
    title: "Claim of an earlier release of the same name",
    family: Family::Transition,
    severity: Severity::Warn,
    places: Places::CONFIG.and(Places::WORKLOAD).and(Places::ETCD),
    needs: &[Need::Claims],
    consequence: "the new vCluster silently goes on with the old state, or starts another store beside it",
    fix: "delete the claim if the old state is not wanted; after a restore or an orphan-delete it is meant to be there",
    why: "claims outlive their StatefulSet (kubernetes: persistentVolumeClaimRetentionPolicy Retain is the default), and the \
          next one of that name adopts them.",
    judge: tr_leftover_pvc,
};

fn tr_leftover_pvc(case: &Case<'_>) -> Judgement {
    if case.occasion != Occasion::Create {
        return Ok(None);
    }
    let etcd = format!("{}{ETCD_SUFFIX}", case.release);
    let left = |claim: &&crate::carrier::claim::Claim| claim.is_data_of(case.release) || claim.is_data_of(&etcd);
    let Some(claim) = case.claims()?.iter().find(left) else {
        return Ok(None);
    };
    let name = case.saw("claim", claim.metadata.name.as_str());
    // Who names the claim means it.
    if matches!(case.storage(), Ok(storage) if storage.data == Data::Claim(name.into())) {
        return Ok(None);
    }
    let part = if claim.is_data_of(&etcd) {
        Part::Etcd
    } else {
        Part::Workload
    };
    let message = format!("the claim \"{name}\" of an earlier release is still there");
    Ok(Some(Found::new(part, "spec.volumeClaimTemplates[data]", message)))
}

/// An autoscaler over a control plane.
pub const HPA_ON_VCLUSTER: Rule = Rule {
    id: "hpa-on-vcluster",
    title: "HorizontalPodAutoscaler on a vCluster",
    family: Family::Statefulset,
    severity: Severity::Warn,
    places: Places::AUTOSCALER,
    needs: &[],
    consequence: "the number of replicas never again is what the config says: members of an etcd come and go, and leader \
                  election may be off",
    fix: "delete the autoscaler and choose controlPlane.statefulSet.highAvailability.replicas",
    why: "vcluster: cmd/vcluster/cmd/start.go:210 reads the replicas of the config, which an autoscaler does not change; \
          etcd's membership is static.",
    judge: hpa_on_vcluster,
};

fn hpa_on_vcluster(case: &Case<'_>) -> Judgement {
    let Some(autoscaler) = case.autoscalers().first() else {
        return Ok(None);
    };
    let target = &autoscaler.spec.scale_target_ref;
    let (kind, name) = case.saw("spec.scaleTargetRef", (target.kind.as_str(), target.name.as_str()));
    let message = format!("an autoscaler changes the replicas of the {kind} \"{name}\"");
    Ok(Some(Found::new(Part::Autoscaler, "spec.scaleTargetRef", message)))
}
