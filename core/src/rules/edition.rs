//! Which build of vCluster runs which config: edition and version.

use alloc::format;

use semver::Version;

use crate::carrier::workload::Workload;
use crate::case::storage::is_empty;
use crate::case::{Case, Places};
use crate::config::key::{self, Any, Flag, Key};
use crate::image::Reference;
use crate::recognise::SYNCER;
use crate::rule::{Family, Found, Judgement, Need, Part, Rule, Severity};
use crate::store::Store;

use super::store::asks_for_something;

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
          IsProFeatureEnabled is not the whole list. Charts up to 0.19 ask for embedded etcd by --etcd-embedded.",
    judge: bs_image_oss_pro_feature,
};

/// Features without which the open-source build does not start.
const FATAL: [(Key<Flag>, &str); 8] = [
    (key::EMBEDDED_ETCD_ENABLED, "embedded etcd"),
    (key::EXTERNAL_DB_ENABLED, "an external database"),
    (key::COREDNS_EMBEDDED, "embedded CoreDNS"),
    (key::KUBE_VIP_ENABLED, "kube-vip"),
    (key::PRIVATE_NODES_ENABLED, "private nodes"),
    (key::SYNC_NAMESPACES_ENABLED, "namespace sync"),
    (key::HYBRID_SCHEDULING, "hybrid scheduling"),
    // Charts up to 0.27 (vcluster@v0.24.1: pkg/pro/remote.go).
    (key::ISOLATED_CONTROL_PLANE, "an isolated control plane"),
];

/// Features that the open-source build silently lacks.
const SILENT_FLAGS: [(Key<Flag>, &str); 4] = [
    (key::SYNC_RESOURCE_CLAIMS, "resource claim sync"),
    (key::SYNC_RESOURCE_CLAIM_TEMPLATES, "resource claim template sync"),
    (key::SYNC_DEVICE_CLASSES, "device class sync"),
    (key::HOST_PATH_MAPPER_CENTRAL, "the central host path mapper"),
];

const SILENT: [(Key<Any>, &str); 12] = [
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
    // Its place in charts up to 0.31.
    (key::EXTERNAL_PLATFORM, "the platform integration"),
    (key::DENY_PROXY_REQUESTS, "experimental.denyProxyRequests"),
];

fn bs_image_oss_pro_feature(case: &Case<'_>) -> Judgement {
    let images = case.images();
    let Some(image) = images.iter().find(|image| image.container == SYNCER) else {
        return Ok(None);
    };
    if !Reference::parse(&image.image).is_open_source() {
        return Ok(None);
    }
    // Charts up to 0.19 have no Secret to ask for a feature in; this is the one that a command line asks for.
    if case.legacy_at_hand().is_some() {
        let message = || format!("{} lacks embedded etcd, which --etcd-embedded asks for", image.image);
        let asked = case.embeds_etcd()?;
        return Ok(asked.then(|| Found::new(image.part, image.path(), message())));
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

/// Any non-empty `patches` one level below.
fn has_patches(sync: &serde_json::Value) -> bool {
    let resources = sync.as_object().into_iter().flat_map(serde_json::Map::values);
    resources
        .into_iter()
        .any(|resource| resource.get("patches").is_some_and(|patches| !is_empty(patches)))
}

/// A chart of one version with the image of another.
pub const BS_IMAGE_CHART_SKEW: Rule = Rule {
    id: "bs-image-chart-skew",
    title: "Image of another version than the chart",
    family: Family::Store,
    severity: Severity::Warn,
    places: Places::CONFIG.and(Places::WORKLOAD),
    needs: &[],
    consequence: "vCluster reads its config strictly: a key that its version does not know ends it at start",
    fix: "leave controlPlane.statefulSet.image.tag empty, so that the chart's own version runs",
    why: "vcluster: pkg/config/parse.go:50. Whether this config holds an unknown key cannot be told without the schema of \
          the image's version, so it is a warning.",
    judge: bs_image_chart_skew,
};

fn bs_image_chart_skew(case: &Case<'_>) -> Judgement {
    let images = case.images();
    let Some(image) = images.iter().find(|image| image.container == SYNCER) else {
        return Ok(None);
    };
    let chart = match image.part {
        Part::Config => case.config_secret()?.chart_version(),
        _ => case.workload()?.chart_version(),
    };
    let (Some(running), Some(chart)) = (Reference::parse(&image.image).version(), chart) else {
        return Ok(None);
    };
    if running == case.saw("chart", chart.clone()) {
        return Ok(None);
    }
    let message = format!("chart {chart} runs the image of version {running}");
    Ok(Some(Found::new(image.part, image.path(), message)))
}

/// An etcd that jumps over the release that mends its membership.
pub const BS_ETCD_35_36_JUMP: Rule = Rule {
    id: "bs-etcd-35-36-jump",
    title: "etcd 3.5 to 3.6 without the stop between",
    family: Family::Store,
    severity: Severity::Deny,
    places: Places::CONFIG.and(Places::WORKLOAD).and(Places::ETCD),
    needs: &[Need::Config],
    consequence: "etcd 3.6 may not accept the old members, which breaks the tenant cluster",
    fix: "upgrade to vCluster 0.26.5, 0.27.3 or 0.28.2 first (etcd 3.5.25), and only then further",
    why: "docs: backing-store/etcd/embedded, _fragments/safely-upgrade-etcd. etcd of the charts: 0.20 3.5.13, 0.24.0 3.5.17, \
          0.24.2 to 0.28 3.5.21, 0.29 3.6.4.",
    judge: bs_etcd_35_36_jump,
};

fn bs_etcd_35_36_jump(case: &Case<'_>) -> Judgement {
    let Some(previous) = case.previous() else {
        return Ok(None);
    };
    if let (Some(before), Some(now)) = (previous.etcd_at_hand(), case.etcd_at_hand()) {
        return Ok(etcd_jump(case, before, now));
    }
    let (Some(before), Some(now)) = (running(&previous), running(case)) else {
        return Ok(None);
    };
    let crosses = before < Version::new(0, 29, 0) && now >= Version::new(0, 29, 0);
    if !crosses || is_safe_stop(&before) || case.store()? != Store::EmbeddedEtcd {
        return Ok(None);
    }
    let part = if case.places.meets(Places::CONFIG) {
        Part::Config
    } else {
        Part::Workload
    };
    let path = if part == Part::Config {
        key::IMAGE.path
    } else {
        "spec.template.spec.containers[syncer].image"
    };
    let found = Found::new(
        part,
        path,
        format!("embedded etcd goes from vCluster {before} straight to {now}"),
    );
    Ok(Some(if before < Version::new(0, 24, 2) {
        found
    } else {
        found.severity(Severity::Warn)
    }))
}

/// The vCluster version that the image or the chart names.
fn running(case: &Case<'_>) -> Option<Version> {
    let images = case.images();
    let image = images.iter().find(|image| image.container == SYNCER)?;
    let chart = || match image.part {
        Part::Config => case.config_secret().ok()?.chart_version(),
        _ => case.workload_at_hand()?.chart_version(),
    };
    Reference::parse(&image.image).version().or_else(chart)
}

/// Releases with etcd 3.5.25, from which 3.6 is safe.
fn is_safe_stop(version: &Version) -> bool {
    let mended = match version.minor {
        26 => 5,
        27 => 3,
        28 => 2,
        _ => return false,
    };
    version.patch >= mended
}

fn etcd_jump(case: &Case<'_>, before: &Workload, now: &Workload) -> Option<Found> {
    let (before, now) = (etcd_version(before)?, etcd_version(now)?);
    case.saw("versions of etcd", (before, now));
    let severity = match (before, now) {
        ((3, 5, patch), (3, 6.., _)) if patch < 20 => Severity::Deny,
        ((3, 5, 20..=23), (3, 6.., _)) => Severity::Warn,
        _ => return None,
    };
    let message = format!(
        "etcd goes from {}.{}.{} to {}.{}.{}",
        before.0, before.1, before.2, now.0, now.1, now.2
    );
    let path = "spec.template.spec.containers[etcd].image";
    let fix = "run etcd 3.5.25 or later of 3.5 first, and only then 3.6";
    Some(Found::new(Part::Etcd, path, message).severity(severity).fix(fix))
}

/// `3.5.21-0` and `v3.5.21` are both seen.
fn etcd_version(workload: &Workload) -> Option<(u64, u64, u64)> {
    let image = &workload.container("etcd")?.image;
    let tag = Reference::parse(image).tag?;
    let version = Version::parse(tag.strip_prefix('v').unwrap_or(tag)).ok()?;
    Some((version.major, version.minor, version.patch))
}
