//! Members of an etcd, embedded in the control plane or deployed beside it.

use alloc::format;

use crate::carrier::workload::WorkloadKind;
use crate::case::{Case, Places};
use crate::config::key;
use crate::recognise::Role;
use crate::rule::{Family, Found, Judgement, Need, Part, Rule, Severity};
use crate::store::Store;

/// The etcd of a vCluster that is of its own making: who has it, and how many members it has.
struct Etcd {
    role: Role,
    members: i64,
}

impl Etcd {
    /// `None` where the store is no etcd of ours.
    fn of(case: &Case<'_>) -> Result<Option<Self>, Need> {
        let deployed = case.scaled().is_some_and(|scaled| scaled.role == Role::Etcd) || case.etcd_at_hand().is_some();
        if deployed && !case.places.meets(Places::CONFIG) {
            return Ok(Some(Self {
                role: Role::Etcd,
                members: case.etcd_members()?,
            }));
        }
        if case.legacy_at_hand().is_some() && !case.embeds_etcd()? {
            return Ok(None);
        }
        Ok(match case.store()? {
            Store::EmbeddedEtcd => Some(Self {
                role: Role::ControlPlane,
                members: case.replicas()?,
            }),
            Store::DeployedEtcd if case.flag_or_true(key::DEPLOYED_ETCD_STS_ENABLED)? => Some(Self {
                role: Role::Etcd,
                members: case.etcd_members()?,
            }),
            _ => None,
        })
    }

    /// Where its member count is set.
    fn point(&self, case: &Case<'_>) -> (Part, &'static str) {
        match (case.places.meets(Places::CONFIG), self.role) {
            (true, Role::ControlPlane) => (Part::Config, key::REPLICAS.path),
            (true, Role::Etcd) => (Part::Config, key::DEPLOYED_ETCD_REPLICAS.path),
            (false, Role::ControlPlane) => (Part::Workload, "spec.replicas"),
            (false, Role::Etcd) => (Part::Etcd, "spec.replicas"),
        }
    }

    fn noun(&self) -> &'static str {
        match self.role {
            Role::ControlPlane => "embedded etcd",
            Role::Etcd => "deployed etcd",
        }
    }
}

/// An even number of etcd members.
pub const HA_ETCD_EVEN: Rule = Rule {
    id: "ha-etcd-even",
    title: "Even, or very many, etcd members",
    family: Family::Replicas,
    severity: Severity::Warn,
    places: Places::CONFIG
        .and(Places::WORKLOAD)
        .and(Places::ETCD)
        .and(Places::SCALE),
    needs: &[Need::Config],
    consequence: "an even member adds a source of failure and tolerates no more of them",
    fix: "use 1, 3 or 5 members",
    why: "etcd FAQ, \"Why an odd number of cluster members?\"; 1 -> 2 -> 3 is a legitimate path for embedded etcd, so \
          this is never a denial. vCluster's certificates name five members (vcluster: pkg/certs/ensure.go:698).",
    judge: ha_etcd_even,
};

fn ha_etcd_even(case: &Case<'_>) -> Judgement {
    if case.scaled().is_some_and(|scaled| scaled.replicas <= 1) {
        return Ok(None);
    }
    // Charts from 0.20 on say it in the values, and are told there.
    let told = Places::CONFIG.and(Places::ETCD).and(Places::SCALE);
    if !case.places.meets(told) && case.legacy_at_hand().is_none() {
        return Ok(None);
    }
    let Some(etcd) = Etcd::of(case)? else { return Ok(None) };
    let n = etcd.members;
    let (part, path) = etcd.point(case);
    let noun = etcd.noun();
    let (message, consequence) = match n {
        2 => (
            format!("{noun} with 2 members has no quorum as soon as either is away"),
            "two members fail twice as often as one, and tolerate no failure",
        ),
        n @ 4.. if n % 2 == 0 => (
            format!("{noun} with {n} members tolerates no more failures than with {}", n - 1),
            CONSEQUENCE_EVEN,
        ),
        n if n > 7 => (
            format!("{noun} with {n} members"),
            "every write waits for a majority of so many members",
        ),
        _ => return Ok(None),
    };
    Ok(Some(Found::new(part, path, message).consequence(consequence)))
}

const CONSEQUENCE_EVEN: &str = "the even member is one more that can fail, and helps nobody";

/// etcd on a volume that dies with its pod.
pub const HA_NO_PERSISTENCE_ETCD: Rule = Rule {
    id: "ha-no-persistence-etcd",
    title: "etcd without persistent volumes",
    family: Family::Replicas,
    severity: Severity::Deny,
    places: Places::CONFIG.and(Places::WORKLOAD).and(Places::ETCD),
    needs: &[Need::Config],
    consequence: "each rescheduled pod is a lost member; once a majority restarts together (node pool upgrade, pause) \
                  all data is gone",
    fix: "leave volumeClaim.enabled at its default so that every member has a claim of its own",
    why: "etcd members keep their identity in the data directory. Chart 0.20.x even renders a Deployment for embedded \
          etcd without persistence (vcluster: 03e9b2124 mended it).",
    judge: ha_no_persistence_etcd,
};

fn ha_no_persistence_etcd(case: &Case<'_>) -> Judgement {
    if !case.places.meets(Places::CONFIG) && case.etcd_at_hand().is_none() {
        // From the workload alone: only a volume that dies is worth the question which store it is.
        if !case.storage()?.data.dies_with_pod() {
            return Ok(None);
        }
    }
    let Some(etcd) = Etcd::of(case)? else { return Ok(None) };
    // A pause is never refused.
    if etcd.members == 0 && !case.places.meets(Places::CONFIG) {
        return Ok(None);
    }
    let storage = match etcd.role {
        Role::ControlPlane => case.storage()?,
        Role::Etcd => case.etcd_storage()?,
    };
    if !storage.data.dies_with_pod() {
        return Ok(None);
    }
    let (part, path) = match (case.places.meets(Places::CONFIG), etcd.role) {
        (true, Role::ControlPlane) => (Part::Config, key::CLAIM_ENABLED.path),
        (true, Role::Etcd) => (Part::Config, key::DEPLOYED_ETCD_CLAIM_ENABLED.path),
        (false, Role::ControlPlane) => (Part::Workload, "spec.template.spec.volumes[data]"),
        (false, Role::Etcd) => (Part::Etcd, "spec.template.spec.volumes[data]"),
    };
    let members = etcd.members;
    let plural = if members == 1 {
        "member keeps its"
    } else {
        "members keep their"
    };
    let found = Found::new(
        part,
        path,
        format!(
            "{members} {} {plural} data in a volume that dies with the pod",
            etcd.noun()
        ),
    );
    // Neither is a pause of what was there before.
    let bearable = members == 0 || members == 1 && storage.kind == WorkloadKind::StatefulSet;
    Ok(Some(if bearable {
        found.severity(Severity::Warn)
    } else {
        found
    }))
}

/// The member count of a deployed etcd changes.
pub const ETCD_DEPLOY_SCALE: Rule = Rule {
    id: "etcd-deploy-scale",
    title: "Scaling a deployed etcd",
    family: Family::Statefulset,
    severity: Severity::Deny,
    places: Places::CONFIG.and(Places::ETCD).and(Places::SCALE),
    needs: &[],
    consequence: "membership is static: new members found a second, empty cluster behind the same Service, or the old \
                  ones lose their quorum and hang",
    fix: "keep the number of members (0 and back is fine); to change it, migrate to embedded etcd, or add and remove \
          members by hand under an exemption",
    why: "vcluster: chart/templates/etcd-statefulset.yaml sets --initial-cluster and --initial-cluster-state=new. \
          Measured with etcd 3.7: 1 -> 3 gives two clusters and empty reads, 3 -> 1 loses quorum while /livez stays 200.",
    judge: etcd_deploy_scale,
};

fn etcd_deploy_scale(case: &Case<'_>) -> Judgement {
    let Some(previous) = case.previous() else {
        return Ok(None);
    };
    let members = |case: &Case<'_>| match case.running_etcd_members() {
        Some(members) => Ok(Some(members)),
        None if case.scaled().is_some() => Ok(None),
        None if case.store()? != Store::DeployedEtcd => Ok(None),
        None => case.int(key::DEPLOYED_ETCD_REPLICAS).map(Some),
    };
    let (Some(before), Some(now)) = (members(&previous)?, members(case)?) else {
        return Ok(None);
    };
    if before == now || before == 0 || now == 0 {
        return Ok(None);
    }
    let etcd = Etcd {
        role: Role::Etcd,
        members: now,
    };
    let (part, path) = etcd.point(case);
    Ok(Some(Found::new(
        part,
        path,
        format!("deployed etcd goes from {before} to {now} members"),
    )))
}
