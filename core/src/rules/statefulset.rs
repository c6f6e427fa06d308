//! Fields of the `StatefulSet`, and the number of its pods.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::counted;
use crate::carrier::workload::{ClaimTemplate, Workload, WorkloadKind};
use crate::case::{Case, Occasion, Places};
use crate::host::KubeVersion;
use crate::recognise::ETCD_SUFFIX;
use crate::rule::{Family, Found, Judgement, Part, Rule, Severity};

const WORKLOADS: Places = Places::WORKLOAD.and(Places::ETCD);

/// The `StatefulSets` that are being judged.
fn stateful_sets<'a>(case: &Case<'a>) -> impl Iterator<Item = (Part, &'a Workload)> {
    case.workloads()
        .filter(|(_, workload)| workload.kind == WorkloadKind::StatefulSet)
}

/// A change that the API server refuses.
pub const SS_IMMUTABLE: Rule = Rule {
    id: "ss-immutable",
    title: "Change of an immutable field",
    family: Family::Statefulset,
    severity: Severity::Warn,
    places: WORKLOADS,
    needs: &[],
    consequence: "the API server answers Forbidden, and the upgrade stops half-way: the config Secret already has the new \
                  values",
    fix: "put the old value back; or `kubectl delete statefulset NAME --cascade=orphan`, which keeps pods and claims, and \
          upgrade again",
    why: "kubernetes: pkg/apis/apps/validation/validation.go:268 lists what of a StatefulSet may change. That check comes \
          between the two kinds of webhooks, so this is the advice which its refusal lacks, given while mutating and \
          never a denial of its own.",
    judge: ss_immutable,
};

fn ss_immutable(case: &Case<'_>) -> Judgement {
    let Some(previous) = case.previous() else {
        return Ok(None);
    };
    for (part, now) in stateful_sets(case) {
        let before = match part {
            Part::Etcd => previous.etcd_at_hand(),
            _ => previous.workload_at_hand(),
        };
        let Some(before) = before.filter(|before| before.kind == now.kind) else {
            continue;
        };
        let mut changes = immutable_changes(before, now);
        if case.host_is_before(KubeVersion::REVISION_HISTORY_CHANGES) {
            changes.extend(history_change(before, now));
        }
        if let Some((path, _)) = case.saw("immutable fields", &changes).first() {
            let changes: Vec<&str> = changes.iter().map(|(_, change)| change.as_str()).collect();
            return Ok(Some(Found::new(part, *path, changes.join(", "))));
        }
    }
    Ok(None)
}

fn immutable_changes(before: &Workload, now: &Workload) -> Vec<(&'static str, String)> {
    let (old, new) = (&before.spec, &now.spec);
    let mut changes = Vec::new();
    if old.service_name != new.service_name {
        let change = format!(
            "serviceName changes from \"{}\" to \"{}\"",
            old.service_name, new.service_name
        );
        changes.push(("spec.serviceName", change));
    }
    let (from, to) = (
        or(&old.pod_management_policy, "OrderedReady"),
        or(&new.pod_management_policy, "OrderedReady"),
    );
    if from != to {
        changes.push((
            "spec.podManagementPolicy",
            format!("podManagementPolicy changes from {from} to {to}"),
        ));
    }
    if old.selector != new.selector {
        changes.push(("spec.selector", "the selector changes".into()));
    }
    let (old, new) = (&old.volume_claim_templates, &new.volume_claim_templates);
    if let Some(change) = templates_change(old, new) {
        changes.push(("spec.volumeClaimTemplates", change));
    }
    changes
}

fn history_change(before: &Workload, now: &Workload) -> Option<(&'static str, String)> {
    // The API server's default.
    let limit = |workload: &Workload| workload.spec.revision_history_limit.unwrap_or(10);
    let (from, to) = (limit(before), limit(now));
    let change = || format!("revisionHistoryLimit changes from {from} to {to}");
    (from != to).then(|| ("spec.revisionHistoryLimit", change()))
}

/// The API server's default for an empty field.
fn or<'s>(text: &'s str, default: &'s str) -> &'s str {
    if text.is_empty() { default } else { text }
}

fn templates_change(old: &[ClaimTemplate], new: &[ClaimTemplate]) -> Option<String> {
    if old.len() != new.len() {
        return Some(format!(
            "the number of volumeClaimTemplates changes from {} to {}",
            old.len(),
            new.len()
        ));
    }
    let (old, new) = old.iter().zip(new).find(|(old, new)| !is_same_template(old, new))?;
    let name = &new.metadata.name;
    let size = |template: &ClaimTemplate| {
        let size = template.spec.resources.pointer("/requests/storage")?;
        Some(size.as_str().map_or_else(|| format!("{size}"), String::from))
    };
    Some(match (size(old), size(new)) {
        (Some(from), Some(to)) if from != to => {
            format!("the claim template \"{name}\" asks for {to} instead of {from}")
        }
        _ => format!("the claim template \"{name}\" changes"),
    })
}

fn is_same_template(old: &ClaimTemplate, new: &ClaimTemplate) -> bool {
    let mode = |template: &ClaimTemplate| String::from(or(&template.spec.volume_mode, "Filesystem"));
    let requests = |template: &ClaimTemplate| template.spec.resources.get("requests").cloned();
    old.metadata.name == new.metadata.name
        && old.metadata.labels == new.metadata.labels
        && old.metadata.annotations == new.metadata.annotations
        && old.spec.access_modes == new.spec.access_modes
        && old.spec.storage_class_name == new.spec.storage_class_name
        && mode(old) == mode(new)
        && requests(old) == requests(new)
}

/// Pods that no rollout reaches.
pub const SS_ONDELETE: Rule = Rule {
    id: "ss-ondelete",
    title: "Rollouts that leave pods as they are",
    family: Family::Statefulset,
    severity: Severity::Warn,
    places: WORKLOADS,
    needs: &[],
    consequence: "vCluster renews its certificates by a change of the pod template; pods that nobody restarts run on the \
                  old ones until they expire, after a year",
    fix: "use updateStrategy RollingUpdate without a partition, or delete the pods by hand after each renewal",
    why: "vcluster: pkg/certs/watcher.go:303 patches the template of NAME and NAME-etcd and waits.",
    judge: ss_ondelete,
};

fn ss_ondelete(case: &Case<'_>) -> Judgement {
    for (part, workload) in stateful_sets(case) {
        let strategy = &workload.spec.update_strategy;
        let partition = strategy.rolling_update.partition.unwrap_or(0);
        let name = &workload.metadata.name;
        let (path, message) = match case.saw("spec.updateStrategy", (strategy.kind.as_str(), partition)) {
            ("OnDelete", _) => (
                "spec.updateStrategy.type",
                format!("{name} has the update strategy OnDelete"),
            ),
            (_, partition) if partition > 0 => (
                "spec.updateStrategy.rollingUpdate.partition",
                format!("rollouts of {name} leave out the pods below the partition {partition}"),
            ),
            _ => continue,
        };
        return Ok(Some(Found::new(part, path, message)));
    }
    Ok(None)
}

/// Pods that do not start at 0.
pub const SS_START_ORDINAL: Rule = Rule {
    id: "ss-start-ordinal",
    title: "First pod is not NAME-0",
    family: Family::Statefulset,
    severity: Severity::Deny,
    places: WORKLOADS,
    needs: &[],
    consequence: "there is no pod NAME-0 and no claim data-NAME-0: restores, snapshots and etcd members look for exactly \
                  these",
    fix: "remove spec.ordinals, or set its start to 0",
    why: "vcluster: pkg/cli/restore_helm.go and chart/templates/etcd-statefulset.yaml spell out the names. The field is \
          mutable: on a live vCluster it moves every pod to a new, empty claim.",
    judge: ss_start_ordinal,
};

fn ss_start_ordinal(case: &Case<'_>) -> Judgement {
    for (part, workload) in stateful_sets(case) {
        let start = case.saw("spec.ordinals.start", workload.spec.ordinals.start);
        if start != 0 {
            let name = &workload.metadata.name;
            let message = format!("the pods of {name} are numbered from {start}, so there is no {name}-0");
            return Ok(Some(Found::new(part, "spec.ordinals.start", message)));
        }
    }
    Ok(None)
}

/// Peers under a name that nothing resolves.
pub const SS_SERVICE_NAME: Rule = Rule {
    id: "ss-service-name",
    title: "serviceName is not the headless Service",
    family: Family::Statefulset,
    severity: Severity::Deny,
    places: WORKLOADS,
    needs: &[],
    consequence: "the names of the pods do not resolve, so members of an etcd never find each other",
    fix: "leave spec.serviceName as the chart renders it: NAME-headless, for etcd NAME-etcd-headless",
    why: "every chart since 0.15 renders these names, and vCluster and etcd address their peers by them (vcluster: \
          chart/templates/etcd-statefulset.yaml). The field is immutable: a change of it is ss-immutable's.",
    judge: ss_service_name,
};

fn ss_service_name(case: &Case<'_>) -> Judgement {
    for (part, workload) in stateful_sets(case) {
        let suffix = if part == Part::Etcd { ETCD_SUFFIX } else { "" };
        let wanted = format!("{}{suffix}-headless", case.release);
        let name = case.saw("spec.serviceName", workload.spec.service_name.as_str());
        if name == wanted {
            continue;
        }
        let message = format!("serviceName is \"{name}\" instead of \"{wanted}\"");
        let found = Found::new(part, "spec.serviceName", message);
        // The API server refuses each change of it, the right one included.
        return Ok(Some(if case.occasion == Occasion::Update {
            found.severity(Severity::Warn)
        } else {
            found
        }));
    }
    Ok(None)
}

/// The shortest time that every chart gives a control plane or an etcd to stop.
const GRACE_SECONDS: i64 = 10;

/// Killed in the middle of a write.
pub const SS_TERMINATION_GRACE: Rule = Rule {
    id: "ss-termination-grace",
    title: "Too little time to stop",
    family: Family::Statefulset,
    severity: Severity::Warn,
    places: WORKLOADS,
    needs: &[],
    consequence: "etcd or kine is killed in the middle of a write, and the lease is not handed over",
    fix: "give at least 10 seconds; the chart gives 15, and etcd 10",
    why: "vcluster: chart/templates/statefulset.yaml and etcd-statefulset.yaml; up to 0.19 both had 10.",
    judge: ss_termination_grace,
};

fn ss_termination_grace(case: &Case<'_>) -> Judgement {
    for (part, workload) in case.workloads() {
        let grace = workload.spec.template.spec.termination_grace_period_seconds;
        let Some(seconds) = case
            .saw("spec.template.spec.terminationGracePeriodSeconds", grace)
            .filter(|&s| s < GRACE_SECONDS)
        else {
            continue;
        };
        let message = format!(
            "the pods of {} are killed {} after they are asked to stop",
            workload.metadata.name,
            counted(seconds, "second")
        );
        let path = "spec.template.spec.terminationGracePeriodSeconds";
        return Ok(Some(Found::new(part, path, message)));
    }
    Ok(None)
}
