//! Changes of a live vCluster that lose its data.

use alloc::format;
use alloc::string::String;

use crate::case::{Case, Places};
use crate::config::key;
use crate::image::Reference;
use crate::recognise::SYNCER;
use crate::rule::{Family, Found, Judgement, Need, Part, Rule, Severity};
use crate::store::Store;

/// Where vCluster up to 0.32 wrote the store that it first ran with (vcluster: pkg/setup/config/config.go).
const STORE_ANNOTATION: &str = "vcluster.loft.sh/store";

/// Another backing store than before.
pub const TR_STORE_CHANGE: Rule = Rule {
    id: "tr-store-change",
    title: "Backing store switched on a live vCluster",
    family: Family::Transition,
    severity: Severity::Deny,
    places: Places::CONFIG,
    needs: &[],
    consequence: "vCluster starts on an empty store, and the syncer deletes every tenant workload it once synced",
    fix: "go back to the old store; the one supported move is deployed etcd to embedded etcd with \
          etcd.embedded.migrateFromDeployedEtcd: true. Anything else is a new vCluster and a restore",
    why: "vcluster: config/config.go:1090 (what Go refuses); its start-up guard reads an annotation that nothing writes \
          since 0.33 (4f7095003). docs: manage/migrate-etcd-backing-store. The syncer deletes host objects whose virtual \
          object is gone (pkg/controllers/resources/pods/syncer.go:433).",
    judge: tr_store_change,
};

fn tr_store_change(case: &Case<'_>) -> Judgement {
    let Some(previous) = case.previous() else {
        return Ok(None);
    };
    let now = case.store()?;
    let Some(before) = store_before(&previous)? else {
        return Ok(None);
    };
    if before == now {
        return Ok(None);
    }
    let change = format!("the store changes from {} to {}", before.in_words(), now.in_words());
    let found = Found::new(Part::Config, "controlPlane.backingStore", change);
    Ok(match (before, now) {
        (Store::DeployedEtcd, Store::EmbeddedEtcd) if case.flag(key::EMBEDDED_ETCD_MIGRATE)? => None,
        (Store::DeployedEtcd, Store::EmbeddedEtcd) => {
            let message = format!("{} without migrateFromDeployedEtcd", found.message);
            let fix = "set controlPlane.backingStore.etcd.embedded.migrateFromDeployedEtcd to true in the same upgrade";
            Some(Found { message, ..found }.fix(fix))
        }
        (Store::EmbeddedDatabase, Store::EmbeddedEtcd) => Some(
            found
                .severity(Severity::Warn)
                .consequence("vCluster 0.26 to 0.34 migrate by themselves; later documentation calls it unsupported")
                .fix("take a snapshot first, and check the tenant's objects after the upgrade"),
        ),
        // dataSource was set all along and only the switch was missing: the data is where it was not.
        (Store::EmbeddedDatabase, Store::ExternalDatabase) if had_data_source(&previous) => Some(
            found
                .severity(Severity::Warn)
                .consequence(
                    "until now vCluster ran on SQLite although a dataSource was set; that state is left behind",
                )
                .fix("take a snapshot first, and restore it into the external database"),
        ),
        _ => Some(found),
    })
}

/// By the old config, else by the annotation that older versions kept.
fn store_before(previous: &Case<'_>) -> Result<Option<Store>, Need> {
    let secret = previous.config_secret()?;
    Ok(match secret.config() {
        Ok(config) => Some(Store::of(config)),
        Err(_) => secret
            .metadata
            .annotations
            .get(STORE_ANNOTATION)
            .and_then(|name: &String| Store::from_name(name)),
    })
}

/// The external database was described and, for want of the switch, not used. One that was left off on purpose, with
/// the embedded database switched on beside it, is no such mistake.
fn had_data_source(previous: &Case<'_>) -> bool {
    !previous.flag(key::EMBEDDED_DB_ENABLED).unwrap_or(true)
        && previous
            .text(key::EXTERNAL_DB_DATA_SOURCE)
            .is_ok_and(|source| !source.is_empty())
}

/// The flag that copies the data, gone before the copy is known to be made.
pub const TR_MIGRATE_FLAG_EARLY: Rule = Rule {
    id: "tr-migrate-flag-early",
    title: "Migration flag removed",
    family: Family::Transition,
    severity: Severity::Warn,
    places: Places::CONFIG,
    needs: &[],
    consequence: "if the copy has not run, the data stays behind in the deployed etcd, whose StatefulSet is now deleted \
                  (its claims stay)",
    fix: "confirm \"Successfully migrated etcd database\" in the logs of the control plane first",
    why: "docs: manage/migrate-etcd-backing-store. The chart renders NAME-etcd only while the flag is set (vcluster: \
          chart/templates/etcd-statefulset.yaml).",
    judge: tr_migrate_flag_early,
};

fn tr_migrate_flag_early(case: &Case<'_>) -> Judgement {
    let Some(previous) = case.previous() else {
        return Ok(None);
    };
    let migrated = previous.store()? == Store::EmbeddedEtcd && previous.flag(key::EMBEDDED_ETCD_MIGRATE)?;
    if !migrated || case.store()? != Store::EmbeddedEtcd || case.flag(key::EMBEDDED_ETCD_MIGRATE)? {
        return Ok(None);
    }
    let message = "migrateFromDeployedEtcd is removed";
    Ok(Some(Found::new(Part::Config, key::EMBEDDED_ETCD_MIGRATE.path, message)))
}

/// Persistence taken away from a store that lives in it.
pub const TR_PERSISTENCE_OFF: Rule = Rule {
    id: "tr-persistence-off",
    title: "Persistence switched off under an embedded store",
    family: Family::Transition,
    severity: Severity::Deny,
    places: Places::CONFIG,
    needs: &[],
    consequence: "Helm replaces the StatefulSet by an empty Deployment, and the syncer deletes every tenant workload; the \
                  claims stay behind",
    fix: "leave controlPlane.statefulSet.persistence.volumeClaim.enabled as it was",
    why: "vcluster: chart/templates/_persistence.tpl. Seen on a real cluster: Secret updated, Deployment created, \
          StatefulSet deleted.",
    judge: tr_persistence_off,
};

fn tr_persistence_off(case: &Case<'_>) -> Judgement {
    let Some(previous) = case.previous() else {
        return Ok(None);
    };
    let had = previous.makes_claims()? && previous.stores_in_data()?;
    if !had || case.makes_claims()? || !case.stores_in_data()? {
        return Ok(None);
    }
    let message = format!("the {} loses its persistent volume", case.store()?.in_words());
    Ok(Some(Found::new(Part::Config, key::CLAIM_ENABLED.path, message)))
}

/// StatefulSet to Deployment, or back.
pub const TR_KIND_SWITCH: Rule = Rule {
    id: "tr-kind-switch",
    title: "Workload changes between StatefulSet and Deployment",
    family: Family::Transition,
    severity: Severity::Warn,
    places: Places::CONFIG.and(Places::WORKLOAD),
    needs: &[],
    consequence: "both run during the upgrade behind one Service, with one selector, and without common leader election \
                  where the config says one replica",
    fix: "scale the old workload to 0 before the upgrade",
    why: "Helm creates the new kind before it deletes the old one (seen on a real cluster); expected in the migration \
          from deployed to embedded etcd.",
    judge: tr_kind_switch,
};

fn tr_kind_switch(case: &Case<'_>) -> Judgement {
    let Some(previous) = case.previous() else {
        return Ok(None);
    };
    let (before, now) = (previous.storage()?.kind, case.storage()?.kind);
    if before == now {
        return Ok(None);
    }
    let (part, path) = case.point(key::CLAIM_ENABLED.path, "kind");
    let message = format!("the workload changes from {} to {}", before.as_str(), now.as_str());
    Ok(Some(Found::new(part, path, message)))
}

/// Another Kubernetes distribution inside.
pub const TR_DISTRO: Rule = Rule {
    id: "tr-distro",
    title: "Distro changed, or removed from vCluster",
    family: Family::Transition,
    severity: Severity::Warn,
    places: Places::CONFIG,
    needs: &[],
    consequence: "the new distro does not read the old one's state, and vCluster 0.33 and later refuse a config that names \
                  k3s or k0s",
    fix: "stay with the distro; to change it, make a new vCluster and restore a snapshot into it",
    why: "k3s and k0s were removed in 0.33: the strict parse (vcluster: pkg/config/parse.go:50) then ends the process.",
    judge: tr_distro,
};

const DISTROS: [(key::Key<key::Flag>, &str); 4] = [
    (key::DISTRO_K8S_ENABLED, "k8s"),
    (key::DISTRO_K3S_ENABLED, "k3s"),
    (key::DISTRO_K0S_ENABLED, "k0s"),
    (key::DISTRO_EKS_ENABLED, "eks"),
];

/// Whether what runs knows k8s alone: the image decides, and the chart where the image's tag is no version.
fn lacks_other_distros(case: &Case<'_>) -> Result<bool, Need> {
    let removed = semver::Version::new(0, 33, 0);
    let images = case.images();
    let syncer = images.iter().find(|image| image.container == SYNCER);
    let running = syncer.and_then(|image| Reference::parse(&image.image).version());
    let version = running.or(case.config_secret()?.chart_version());
    Ok(version.is_some_and(|version| version >= removed))
}

/// k8s where none is enabled, as vCluster has it.
fn distro(case: &Case<'_>) -> Result<&'static str, Need> {
    for (key, name) in DISTROS {
        if case.flag(key)? {
            return Ok(name);
        }
    }
    Ok("k8s")
}

fn tr_distro(case: &Case<'_>) -> Judgement {
    let now = distro(case)?;
    if matches!(now, "k3s" | "k0s") && lacks_other_distros(case)? {
        let message = format!("the distro {now} was removed in vCluster 0.33");
        return Ok(Some(Found::new(Part::Config, "controlPlane.distro", message)));
    }
    let Some(previous) = case.previous() else {
        return Ok(None);
    };
    let before = distro(&previous)?;
    if before == now {
        return Ok(None);
    }
    Ok(Some(Found::new(
        Part::Config,
        "controlPlane.distro",
        format!("the distro changes from {before} to {now}"),
    )))
}
