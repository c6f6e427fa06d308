//! Changes of a live vCluster that lose its data.

use alloc::format;
use alloc::string::String;

use crate::case::{Case, Places};
use crate::config::key;
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

fn had_data_source(previous: &Case<'_>) -> bool {
    previous
        .text(key::EXTERNAL_DB_DATA_SOURCE)
        .is_ok_and(|source| !source.is_empty())
}
