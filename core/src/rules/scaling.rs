//! The number of pods against what else counts them.

use alloc::format;

use super::counted;
use crate::carrier::workload::Container;
use crate::case::{Case, Places};
use crate::recognise::Role;
use crate::rule::{Family, Found, Judgement, Need, Part, Rule, Severity};
use crate::store::Store;

/// The container of etcd in NAME-etcd.
const ETCD: &str = "etcd";

/// More or fewer etcd pods than their command line names.
pub const ETCD_DEPLOY_ARGS_MISMATCH: Rule = Rule {
    id: "etcd-deploy-args-mismatch",
    title: "Replicas of etcd against its --initial-cluster",
    family: Family::Statefulset,
    severity: Severity::Deny,
    places: Places::ETCD.and(Places::SCALE),
    needs: &[Need::Etcd],
    consequence: "a member that the list lacks exits (\"couldn't find local name\"), and one that is listed and never runs \
                  is a failure from the start",
    fix: "set controlPlane.backingStore.etcd.deploy.statefulSet.highAvailability.replicas in the values instead of patching \
          the replicas, and only when the vCluster is created",
    why: "vcluster: chart/templates/etcd-statefulset.yaml:147-149 renders one entry a replica; membership is static. Measured \
          with etcd 3.7.",
    judge: etcd_deploy_args_mismatch,
};

fn etcd_deploy_args_mismatch(case: &Case<'_>) -> Judgement {
    if let Some(scaled) = case.scaled() {
        // From one count to another is etcd-deploy-scale's to tell; back from a pause, only the list knows the count.
        let paused = case.previous().and_then(|previous| previous.running_etcd_members()) == Some(0);
        if scaled.role != Role::Etcd || !paused {
            return Ok(None);
        }
        if case.etcd_at_hand().is_none() {
            return Err(Need::Etcd);
        }
    }
    let Some(container) = case.etcd_at_hand().and_then(|etcd| etcd.container(ETCD)) else {
        return Ok(None);
    };
    let Some(listed) = case.saw("--initial-cluster", listed_members(container)) else {
        return Ok(None);
    };
    let Some(replicas) = case.running_etcd_members().filter(|&replicas| replicas != 0) else {
        return Ok(None);
    };
    if i64::try_from(listed) == Ok(replicas) {
        return Ok(None);
    }
    let replicas = counted(replicas, "replica");
    let message = format!("etcd is to run with {replicas}, --initial-cluster lists {listed}");
    Ok(Some(Found::new(Part::Etcd, "spec.replicas", message)))
}

/// How many members `--initial-cluster` lists, written as one word or as two. `None` without it.
fn listed_members(container: &Container) -> Option<usize> {
    let words = || container.command.iter().chain(&container.args);
    let list = container.flag("--initial-cluster").or_else(|| {
        let mut words = words().skip_while(|word| *word != "--initial-cluster");
        words.nth(1).map(alloc::string::String::as_str)
    })?;
    Some(list.split(',').filter(|member| !member.trim().is_empty()).count())
}

/// Fewer members of an embedded etcd.
pub const ETCD_EMBEDDED_SCALE: Rule = Rule {
    id: "etcd-embedded-scale",
    title: "Scaling an embedded etcd down",
    family: Family::Statefulset,
    severity: Severity::Warn,
    places: Places::WORKLOAD.and(Places::SCALE),
    needs: &[Need::Config],
    consequence: "the members that are left have to take the others out of the cluster, and writes stop when they cannot",
    fix: "take a snapshot first, wait until every pod is ready, and scale down one step at a time",
    why: "docs: backing-store/etcd/embedded: scaling is supported, and the recovery procedure itself scales to 1 and to 0, so \
          this is never a denial. Going up is ha-no-leader-election's.",
    judge: etcd_embedded_scale,
};

fn etcd_embedded_scale(case: &Case<'_>) -> Judgement {
    if case.scaled().is_some_and(|scaled| scaled.role == Role::Etcd) {
        return Ok(None);
    }
    let Some(previous) = case.previous() else {
        return Ok(None);
    };
    let (Some(before), Some(now)) = (previous.running_replicas(), case.running_replicas()) else {
        return Ok(None);
    };
    // To 0 is a pause, from 0 a resume.
    if now == 0 || now >= before {
        return Ok(None);
    }
    let template_changes = template_changes(case, &previous);
    if now > 1 && !template_changes {
        return Ok(None);
    }
    if case.store()? != Store::EmbeddedEtcd {
        return Ok(None);
    }
    let also = if template_changes {
        " while the pod template changes"
    } else {
        ""
    };
    let message = format!("embedded etcd goes from {before} to {now} members{also}");
    let found = Found::new(Part::Workload, "spec.replicas", message);
    Ok(Some(found.consequence(if now == 1 {
        "the cluster is rebuilt from one member, and from then on tolerates no failure"
    } else {
        "members restart while others leave, so quorum may be lost for a while"
    })))
}

fn template_changes(case: &Case<'_>, previous: &Case<'_>) -> bool {
    let (now, before) = (case.workload_at_hand(), previous.workload_at_hand());
    now.zip(before)
        .is_some_and(|(now, before)| now.spec.template != before.spec.template)
}

#[cfg(test)]
mod tests {
    use alloc::string::String;
    use alloc::vec::Vec;

    use super::*;

    fn container(command: &[&str], args: &[&str]) -> Container {
        let words = |words: &[&str]| words.iter().map(|word| String::from(*word)).collect::<Vec<_>>();
        Container {
            command: words(command),
            args: words(args),
            ..Container::default()
        }
    }

    #[test]
    fn members_are_counted_in_command_and_in_args() {
        let list = "--initial-cluster=a=https://a:2380,b=https://b:2380";
        assert_eq!(listed_members(&container(&["etcd", list], &[])), Some(2));
        assert_eq!(listed_members(&container(&["etcd"], &[list])), Some(2));
        let words = ["--initial-cluster", "a=https://a:2380"];
        assert_eq!(listed_members(&container(&["etcd"], &words)), Some(1));
    }

    #[test]
    fn other_flags_that_begin_alike_are_no_list() {
        let flags = ["--initial-cluster-token=x", "--initial-cluster-state=new"];
        assert_eq!(listed_members(&container(&["etcd"], &flags)), None);
    }
}
