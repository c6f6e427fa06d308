//! Charts up to 0.19, which have no config Secret: everything stands in the workload's command lines.

use alloc::borrow::ToOwned;
use alloc::format;

use crate::case::legacy::{ARGS, Legacy};
use crate::case::{Case, Places};
use crate::rule::{Family, Found, Judgement, Need, Part, Rule, Severity};

const PLACES: Places = Places::WORKLOAD.and(Places::SCALE);
const REPLICAS: &str = "spec.replicas";

/// A control plane of such a chart that is to have more than one replica, and how many.
fn several<'a>(case: &Case<'a>) -> Result<Option<(Legacy<'a>, i64)>, Need> {
    let Some(replicas) = case.running_replicas().filter(|&replicas| replicas > 1) else {
        return Ok(None);
    };
    Ok(case.legacy()?.map(|legacy| (legacy, replicas)))
}

/// Several replicas, each with a database of its own.
pub const HA_EMBEDDED_DB_LEGACY: Rule = Rule {
    id: "ha-embedded-db-legacy",
    title: "Several replicas without a shared datastore (charts up to 0.19)",
    family: Family::Replicas,
    severity: Severity::Deny,
    places: PLACES,
    needs: &[Need::Workload],
    consequence: "every replica has an SQLite database and certificates of its own behind one Service",
    fix: "run one replica, or give all of them K3S_DATASTORE_ENDPOINT (or --datastore-endpoint), or embedded etcd (Pro)",
    why: "vcluster issue 1466. vcluster@v0.19.7: charts/k3s/templates/syncer.yaml. An external datastore was legitimate in \
          these charts; it may also come through envFrom, which nobody sees here, so that is a warning.",
    judge: ha_embedded_db_legacy,
};

fn ha_embedded_db_legacy(case: &Case<'_>) -> Judgement {
    let Some((legacy, replicas)) = several(case)? else {
        return Ok(None);
    };
    let store = (
        legacy.is_single_binary(),
        legacy.embeds_etcd() || legacy.names_datastore(),
        legacy.has_unseen_env(),
    );
    let (true, false, unseen) = case.saw("datastore of the charts up to 0.19", store) else {
        return Ok(None);
    };
    let message = format!("{replicas} replicas, and no datastore that they share");
    let found = Found::new(Part::Workload, REPLICAS, message);
    Ok(Some(if unseen {
        found
            .severity(Severity::Warn)
            .consequence("unless envFrom brings K3S_DATASTORE_ENDPOINT, every replica has a database of its own")
    } else {
        found
    }))
}

/// Several syncers, and no leader.
pub const LG_LEADER_ELECT_FALSE: Rule = Rule {
    id: "lg-leader-elect-false",
    title: "Several replicas without leader election (charts up to 0.19)",
    family: Family::Legacy,
    severity: Severity::Deny,
    places: PLACES,
    needs: &[Need::Workload],
    consequence: "every replica's syncer writes to the host cluster at the same time",
    fix: "set the replicas in the values (k3s 0.17 to 0.19: replicas; k8s, eks and older k3s: enableHA: true as well) and \
          upgrade the release, instead of scaling the workload",
    why: "vcluster@v0.18.1: charts/k8s/templates/syncer-deployment.yaml sets --leader-elect from enableHA, \
          charts/k3s/templates/syncer.yaml from 0.17 on from the replicas. enableHA left off is the same mistake.",
    judge: lg_leader_elect_false,
};

fn lg_leader_elect_false(case: &Case<'_>) -> Judgement {
    let Some((legacy, replicas)) = several(case)? else {
        return Ok(None);
    };
    if case.saw("--leader-elect", legacy.syncer.flag("--leader-elect")) != Some("false") {
        return Ok(None);
    }
    let message = format!("{replicas} replicas are to run with --leader-elect=false");
    Ok(Some(Found::new(Part::Workload, REPLICAS, message)))
}

/// More or fewer members than etcd is told.
pub const LG_ETCD_REPLICAS_MISMATCH: Rule = Rule {
    id: "lg-etcd-replicas-mismatch",
    title: "Replicas against --etcd-replicas (charts up to 0.19)",
    family: Family::Legacy,
    severity: Severity::Deny,
    places: PLACES,
    needs: &[Need::Workload],
    consequence: "the embedded etcd counts on members that do not run, or leaves out some that do",
    fix: "set the replicas in the values and upgrade the release, instead of scaling the workload",
    why: "vcluster@v0.19.7: charts/k3s/templates/syncer.yaml renders spec.replicas and --etcd-replicas from one value.",
    judge: lg_etcd_replicas_mismatch,
};

fn lg_etcd_replicas_mismatch(case: &Case<'_>) -> Judgement {
    let Some(legacy) = case.legacy()? else {
        return Ok(None);
    };
    let told = legacy
        .syncer
        .flag("--etcd-replicas")
        .and_then(|count| count.parse::<i64>().ok());
    let Some(told) = case.saw("--etcd-replicas", told) else {
        return Ok(None);
    };
    let Some(replicas) = case
        .running_replicas()
        .filter(|&replicas| replicas != 0 && replicas != told)
    else {
        return Ok(None);
    };
    let message = format!("{replicas} replicas are to run with --etcd-replicas={told}");
    Ok(Some(Found::new(Part::Workload, REPLICAS, message)))
}

/// An etcd that nobody starts.
pub const LG_EMBEDDED_ETCD_WITHOUT_PRO: Rule = Rule {
    id: "lg-embedded-etcd-without-pro",
    title: "Embedded etcd without Pro (chart 0.19 k8s and eks)",
    family: Family::Legacy,
    severity: Severity::Deny,
    places: Places::WORKLOAD,
    needs: &[],
    consequence: "the API server dials 127.0.0.1:2379, where no etcd ever runs, and never becomes ready",
    fix: "set pro: true with a licence, or embeddedEtcd.enabled: false",
    why: "vcluster@v0.19.7: charts/k8s/templates/syncer.yaml:249-253 passes --etcd-embedded only with pro, and line 382 \
          points the API server at it without asking for pro.",
    judge: lg_embedded_etcd_without_pro,
};

fn lg_embedded_etcd_without_pro(case: &Case<'_>) -> Judgement {
    let Some(legacy) = case.legacy()? else {
        return Ok(None);
    };
    let dials_own = legacy.syncer.env.iter().any(|env| env.hints.own_etcd);
    if !case.saw("which etcd the API server dials", dials_own && !legacy.embeds_etcd()) {
        return Ok(None);
    }
    let message = "the API server is to find etcd in its own pod, but --etcd-embedded is not set";
    Ok(Some(Found::new(Part::Workload, ARGS, message)))
}

/// Too old.
pub const LG_EOL: Rule = Rule {
    id: "lg-eol",
    title: "Chart 0.19 or older",
    family: Family::Legacy,
    severity: Severity::Warn,
    places: Places::WORKLOAD,
    needs: &[],
    consequence: "it gets no more fixes, its image has no successor under another name, and without a config Secret most \
                  rules have nothing to read",
    fix: "upgrade to 0.20 with the vendor's migration of the values, and on from there",
    why: "docs: vCluster's support life cycle. loft-sh/vcluster-oss begins with 0.20.0-alpha.4, the Secret vc-config-NAME \
          with 0.20.",
    judge: lg_eol,
};

fn lg_eol(case: &Case<'_>) -> Judgement {
    let Some(legacy) = case.legacy()? else {
        return Ok(None);
    };
    let version = legacy.workload.chart_version().map(|version| format!("{version}"));
    let version = case.saw("chart", version).unwrap_or_else(|| "up to 0.19".to_owned());
    let message = format!("chart version {version} is past its end of life");
    Ok(Some(Found::new(Part::Workload, "metadata.labels.chart", message)))
}
