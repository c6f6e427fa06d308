//! What the chart gives where values say nothing, as far as rules read it.
//!
//! Taken from chart/values.yaml of vcluster at every release from v0.20.0 to v0.36.1 and v0.37.0-rc.1. A key that is
//! not here has Go's zero value in every one of them. The etcd image goes back and forth because patch releases of
//! older charts got the newer etcd first.

use alloc::string::String;

use semver::Version;
use serde_json::{Map, Value};

/// The first chart whose values are vCluster's config; before it the values were others, and there was no Secret.
pub(super) const FIRST: Since = (0, 20, 0);

/// The newest release whose values were read.
const NEWEST: &str = "0.36.1";

/// Major, minor, patch.
pub(super) type Since = (u64, u64, u64);

/// Dotted path, the first chart version with that default, and the default as JSON. Of several rows for one path the
/// last that is not newer than the chart counts.
const ROWS: &[(&str, Since, &str)] = &[
    ("controlPlane.statefulSet.highAvailability.replicas", FIRST, "1"),
    ("controlPlane.statefulSet.highAvailability.leaseDuration", FIRST, "60"),
    ("controlPlane.statefulSet.highAvailability.renewDeadline", FIRST, "40"),
    ("controlPlane.statefulSet.highAvailability.retryPeriod", FIRST, "15"),
    ("controlPlane.statefulSet.image.registry", FIRST, "\"ghcr.io\""),
    (
        "controlPlane.statefulSet.image.repository",
        FIRST,
        "\"loft-sh/vcluster-pro\"",
    ),
    ("controlPlane.statefulSet.image.tag", FIRST, "\"\""),
    ("controlPlane.statefulSet.probes.readinessProbe.enabled", FIRST, "true"),
    (
        "controlPlane.statefulSet.scheduling.podManagementPolicy",
        FIRST,
        "\"Parallel\"",
    ),
    (
        "controlPlane.statefulSet.persistence.volumeClaim.enabled",
        FIRST,
        "\"auto\"",
    ),
    (
        "controlPlane.statefulSet.persistence.volumeClaim.size",
        FIRST,
        "\"5Gi\"",
    ),
    (
        "controlPlane.statefulSet.persistence.volumeClaim.accessModes",
        FIRST,
        "[\"ReadWriteOnce\"]",
    ),
    (
        "controlPlane.statefulSet.persistence.volumeClaim.retentionPolicy",
        FIRST,
        "\"Retain\"",
    ),
    (
        "controlPlane.backingStore.etcd.deploy.statefulSet.enabled",
        FIRST,
        "true",
    ),
    (
        "controlPlane.backingStore.etcd.deploy.statefulSet.highAvailability.replicas",
        FIRST,
        "1",
    ),
    (
        "controlPlane.backingStore.etcd.deploy.statefulSet.scheduling.podManagementPolicy",
        FIRST,
        "\"Parallel\"",
    ),
    (
        "controlPlane.backingStore.etcd.deploy.statefulSet.persistence.volumeClaim.enabled",
        FIRST,
        "true",
    ),
    (
        "controlPlane.backingStore.etcd.deploy.statefulSet.persistence.volumeClaim.size",
        FIRST,
        "\"5Gi\"",
    ),
    (
        "controlPlane.backingStore.etcd.deploy.statefulSet.persistence.volumeClaim.accessModes",
        FIRST,
        "[\"ReadWriteOnce\"]",
    ),
    (
        "controlPlane.backingStore.etcd.deploy.statefulSet.persistence.volumeClaim.retentionPolicy",
        FIRST,
        "\"Retain\"",
    ),
    (ETCD_TAG, FIRST, "\"3.5.13-0\""),
    (ETCD_TAG, (0, 21, 0), "\"3.5.15-0\""),
    (ETCD_TAG, (0, 22, 5), "\"3.5.17-0\""),
    (ETCD_TAG, (0, 24, 2), "\"3.5.21-0\""),
    (ETCD_TAG, (0, 26, 5), "\"3.5.25-0\""),
    (ETCD_TAG, (0, 27, 0), "\"3.5.21-0\""),
    (ETCD_TAG, (0, 27, 3), "\"3.5.25-0\""),
    (ETCD_TAG, (0, 28, 0), "\"3.5.21-0\""),
    (ETCD_TAG, (0, 28, 2), "\"3.5.25-0\""),
    (ETCD_TAG, (0, 29, 0), "\"3.6.4-0\""),
    (ETCD_TAG, (0, 35, 0), "\"3.6.8-0\""),
];

const ETCD_TAG: &str = "controlPlane.backingStore.etcd.deploy.statefulSet.image.tag";

/// The defaults of a chart; of the newest where no version is named.
pub(super) fn of(chart: Option<&Version>) -> Value {
    let mut defaults = Value::Object(Map::new());
    let chart = chart.map(|version| (version.major, version.minor, version.patch));
    for (path, since, json) in ROWS {
        if chart.is_none_or(|chart| *since <= chart) {
            set(&mut defaults, path, serde_json::from_str(json).unwrap_or_default());
        }
    }
    defaults
}

/// The chart gives its own version for a tag that is left empty. Where none is named, the newest stands for it, since a
/// reference without a tag would be something else.
pub(super) fn complete_tag(values: &mut Value, chart: Option<&Version>) {
    let Some(tag) = values.pointer_mut("/controlPlane/statefulSet/image/tag") else {
        return;
    };
    if tag.as_str() == Some("") {
        // A range has no patch to name.
        let within = chart.map(|version| alloc::format!("{}.{}.0", version.major, version.minor));
        *tag = Value::String(within.unwrap_or_else(|| String::from(NEWEST)));
    }
}

/// Puts `value` at a dotted path, making maps on the way.
fn set(into: &mut Value, path: &str, value: Value) {
    let mut place = into;
    for name in path.split('.') {
        if !place.is_object() {
            *place = Value::Object(Map::new());
        }
        let Value::Object(map) = place else { return };
        place = map.entry(String::from(name)).or_insert(Value::Null);
    }
    *place = value;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::key;

    fn etcd_tag(chart: &str) -> Value {
        let defaults = of(Version::parse(chart).ok().as_ref());
        let pointer = alloc::format!("/{}", ETCD_TAG.replace('.', "/"));
        defaults.pointer(&pointer).cloned().unwrap()
    }

    #[test]
    fn every_row_is_json_of_a_key_that_is_read() {
        for (path, _, json) in ROWS {
            assert!(serde_json::from_str::<Value>(json).is_ok(), "{path}");
            let is_read = |(key, _): &(&str, _)| *key == *path || path.starts_with(&alloc::format!("{key}."));
            assert!(key::ALL.iter().any(is_read), "{path}");
        }
    }

    #[test]
    fn the_version_decides() {
        assert_eq!(etcd_tag("0.20.0"), "3.5.13-0");
        assert_eq!(etcd_tag("0.26.6"), "3.5.25-0");
        assert_eq!(etcd_tag("0.27.1"), "3.5.21-0");
        assert_eq!(etcd_tag("0.36.1"), "3.6.8-0");
        assert_eq!(of(None), of(Version::parse("99.0.0").ok().as_ref()));
    }
}
