//! Configuration of the backing store.

use alloc::format;
use alloc::vec::Vec;

use crate::case::storage::is_empty;
use crate::case::{Case, Places};
use crate::config::key::{self, Any, Flag, Key};
use crate::image::Reference;
use crate::recognise::SYNCER;
use crate::rule::{Family, Found, Judgement, Need, Part, Rule, Severity};
use crate::store::Store;

/// More than one store.
pub const BS_MULTIPLE: Rule = Rule {
    id: "bs-multiple",
    title: "More than one backing store",
    family: Family::Store,
    severity: Severity::Deny,
    places: Places::CONFIG,
    needs: &[],
    consequence: "parts of vCluster pick different ones: data goes to one store, snapshots and validation look at another",
    fix: "enable exactly one of them",
    why: "the chart checks this only while volumeClaim.enabled is auto (vcluster: chart/templates/_persistence.tpl); \
          pkg/k8s/k8s.go:324 prefers the external database, config/config.go:1029 etcd.",
    judge: bs_multiple,
};

fn bs_multiple(case: &Case<'_>) -> Judgement {
    let mut enabled = Vec::new();
    for (store, key) in Store::ALL {
        if case.flag(key)? {
            enabled.push(store.in_words());
        }
    }
    let all = match enabled.len() {
        0 | 1 => return Ok(None),
        2 => "both",
        _ => "all",
    };
    let message = format!("{} are {all} enabled", enabled.join(" and "));
    Ok(Some(Found::new(Part::Config, "controlPlane.backingStore", message)))
}

/// An external database that is nowhere.
pub const BS_EXTERNAL_DB_NO_SOURCE: Rule = Rule {
    id: "bs-external-db-no-source",
    title: "External database without a data source",
    family: Family::Store,
    severity: Severity::Deny,
    places: Places::CONFIG,
    needs: &[],
    consequence: "the pod exits with \"external datasource cannot be empty\"",
    fix: "set dataSource, or connector when vCluster Platform provides the database",
    why: "vcluster: pkg/k8s/k8s.go:328.",
    judge: bs_external_db_no_source,
};

fn bs_external_db_no_source(case: &Case<'_>) -> Judgement {
    let enabled = case.flag(key::EXTERNAL_DB_ENABLED)?;
    if !enabled
        || !case.text(key::EXTERNAL_DB_DATA_SOURCE)?.is_empty()
        || !case.text(key::EXTERNAL_DB_CONNECTOR)?.is_empty()
    {
        return Ok(None);
    }
    let message = "the external database is enabled with neither dataSource nor connector";
    Ok(Some(Found::new(
        Part::Config,
        key::EXTERNAL_DB_DATA_SOURCE.path,
        message,
    )))
}

/// Pro features in the open-source image.
pub const BS_IMAGE_OSS_PRO_FEATURE: Rule = Rule {
    id: "bs-image-oss-pro-feature",
    title: "Pro feature in the open-source image",
    family: Family::Store,
    severity: Severity::Deny,
    places: Places::CONFIG.and(Places::WORKLOAD),
    needs: &[Need::Config],
    consequence: "the open-source build does not contain it and exits at start",
    fix: "use the repository loft-sh/vcluster-pro with a licence, or drop the feature",
    why: "vcluster: pkg/pro/embedded_etcd.go, external_database.go and the stubs beside them; config/config.go \
          IsProFeatureEnabled is not the whole list.",
    judge: bs_image_oss_pro_feature,
};

/// Features without which the open-source build does not start.
const FATAL: [(Key<Flag>, &str); 7] = [
    (key::EMBEDDED_ETCD_ENABLED, "embedded etcd"),
    (key::EXTERNAL_DB_ENABLED, "an external database"),
    (key::COREDNS_EMBEDDED, "embedded CoreDNS"),
    (key::KUBE_VIP_ENABLED, "kube-vip"),
    (key::PRIVATE_NODES_ENABLED, "private nodes"),
    (key::SYNC_NAMESPACES_ENABLED, "namespace sync"),
    (key::HYBRID_SCHEDULING, "hybrid scheduling"),
];

/// Features that the open-source build silently lacks.
const SILENT_FLAGS: [(Key<Flag>, &str); 4] = [
    (key::SYNC_RESOURCE_CLAIMS, "resource claim sync"),
    (key::SYNC_RESOURCE_CLAIM_TEMPLATES, "resource claim template sync"),
    (key::SYNC_DEVICE_CLASSES, "device class sync"),
    (key::HOST_PATH_MAPPER_CENTRAL, "the central host path mapper"),
];

const SILENT: [(Key<Any>, &str); 10] = [
    (key::SYNC_CUSTOM_RESOURCES_TO_HOST, "custom resource sync to the host"),
    (
        key::SYNC_CUSTOM_RESOURCES_FROM_HOST,
        "custom resource sync from the host",
    ),
    (key::RESOLVE_DNS, "networking.resolveDNS"),
    (key::CENTRAL_MUTATING_WEBHOOKS, "central admission control"),
    (key::CENTRAL_VALIDATING_WEBHOOKS, "central admission control"),
    (key::SLEEP, "sleep mode"),
    (key::SLEEP_MODE, "sleep mode"),
    (key::SNAPSHOTS, "scheduled snapshots"),
    (key::DELETION, "automatic deletion"),
    (key::PLATFORM, "the platform integration"),
];

fn bs_image_oss_pro_feature(case: &Case<'_>) -> Judgement {
    let images = case.images();
    let Some(image) = images.iter().find(|image| image.container == SYNCER) else {
        return Ok(None);
    };
    if !Reference::parse(&image.image).is_open_source() {
        return Ok(None);
    }
    let fatal = fatal_feature(case)?;
    let Some(feature) = fatal.map_or_else(|| silent_feature(case), |name| Ok(Some(name)))? else {
        return Ok(None);
    };
    let found = Found::new(
        image.part,
        image.path(),
        format!("{} lacks {feature}, which the config asks for", image.image),
    );
    Ok(Some(if fatal.is_some() {
        found
    } else {
        found
            .severity(Severity::Warn)
            .consequence("the feature is silently absent")
    }))
}

fn fatal_feature(case: &Case<'_>) -> Result<Option<&'static str>, Need> {
    for (key, name) in FATAL {
        if case.flag(key)? {
            return Ok(Some(name));
        }
    }
    // This step fails even where every entry is disabled.
    let proxied = !is_empty(case.any(key::PROXY_CUSTOM_RESOURCES)?);
    Ok(proxied.then_some("experimental.proxy.customResources"))
}

fn silent_feature(case: &Case<'_>) -> Result<Option<&'static str>, Need> {
    for (key, name) in SILENT_FLAGS {
        if case.flag(key)? {
            return Ok(Some(name));
        }
    }
    for (key, name) in SILENT {
        if asks_for_something(case.any(key)?) {
            return Ok(Some(name));
        }
    }
    let patched = has_patches(case.any(key::SYNC_TO_HOST)?) || has_patches(case.any(key::SYNC_FROM_HOST)?);
    Ok(patched.then_some("sync patches"))
}

/// Whether a block says more than its zero values: something enabled, named or counted.
fn asks_for_something(value: &serde_json::Value) -> bool {
    use serde_json::Value;
    match value {
        Value::Null => false,
        Value::Bool(flag) => *flag,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        // A block that can be switched off, and is.
        Value::Object(map) if map.get("enabled") == Some(&Value::Bool(false)) => false,
        Value::Object(map) => map.values().any(asks_for_something),
    }
}

/// Any non-empty `patches` one level below.
fn has_patches(sync: &serde_json::Value) -> bool {
    let resources = sync.as_object().into_iter().flat_map(serde_json::Map::values);
    resources
        .into_iter()
        .any(|resource| resource.get("patches").is_some_and(|patches| !is_empty(patches)))
}
