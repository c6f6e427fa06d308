//! A values file: it says neither what it is nor for which release.

use alloc::string::String;

use serde_json::{Map, Value};

use super::super::VALUES_KIND;
use super::{CHART, Sketch, Source};

/// Top-level keys of the chart's values (vcluster: config/config.go `Config`, v0.20.0 to v0.37.0-rc.1).
const TOP: &[&str] = &[
    "backup",
    "controlPlane",
    "deletion",
    "deploy",
    "experimental",
    "exportKubeConfig",
    "external",
    "global",
    "integrations",
    "logging",
    "networking",
    "platform",
    "plugin",
    "plugins",
    "policies",
    "privateNodes",
    "pro",
    "rbac",
    "serviceCIDR",
    "sleep",
    "sleepMode",
    "snapshots",
    "sync",
    "telemetry",
];

/// Keys of `controlPlane`; other charts have a `controlPlane` too.
const CONTROL_PLANE: &[&str] = &[
    "advanced",
    "backingStore",
    "coredns",
    "distro",
    "endpoint",
    "hostPathMapper",
    "ingress",
    "proxy",
    "service",
    "serviceMonitor",
    "standalone",
    "statefulSet",
];

/// What no other chart has. The top-level names alone are everybody's words: `deploy`, `rbac`, `logging`.
const MARKS: &[&str] = &[
    "/exportKubeConfig",
    "/networking/replicateServices",
    "/networking/resolveDNS",
    "/policies/centralAdmission",
    "/privateNodes",
    "/sync/fromHost",
    "/sync/toHost",
];

/// A values file, or the values of a chart that has ours as its subchart.
pub(super) fn values(object: &Value, file: &str) -> Option<Sketch> {
    let map = object.as_object()?;
    if map.contains_key("apiVersion") || map.contains_key("kind") {
        return None;
    }
    let inside = if is_ours(object) {
        ""
    } else if is_ours(map.get(CHART)?) {
        "/vcluster"
    } else {
        return None;
    };
    let mut sketch = Sketch::of(object, "", release_of(file));
    sketch.object.kind = VALUES_KIND.into();
    sketch.object.name = file.into();
    sketch.sources.push(Source {
        inside,
        ..Source::values("")
    });
    Some(sketch)
}

/// Unmistakable by what `controlPlane` holds; else by a mark, and by no key that is not ours. A key in another case is
/// somebody's slip, and vCluster reads it all the same.
fn is_ours(values: &Value) -> bool {
    let is_of = |key: &str, known: &[&str]| known.iter().any(|known| known.eq_ignore_ascii_case(key));
    let ours = |map: &Map<String, Value>, known: &[&str]| map.keys().filter(|key| is_of(key, known)).count();
    let Some(map) = values.as_object() else { return false };
    let control_plane = map.iter().find(|(key, _)| key.eq_ignore_ascii_case("controlPlane"));
    match control_plane.and_then(|(_, value)| value.as_object()) {
        Some(control_plane) => ours(control_plane, CONTROL_PLANE) > 0,
        None => ours(map, TOP) == map.len() && MARKS.iter().any(|mark| values.pointer(mark).is_some()),
    }
}

/// A values file does not say which release it is for. Its name does, unless it is one of the usual ones.
fn release_of(file: &str) -> &str {
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    match stem {
        "" | "-" | "values" => CHART,
        stem => stem,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_values_file_is_known_by_its_keys() {
        let is = |object: &Value| values(object, "x.yaml").is_some();
        assert!(is(&json!({"controlPlane": {"statefulSet": {}}, "somethingNewer": 1})));
        assert!(is(&json!({"controlplane": {"statefulset": {}}})));
        assert!(is(&json!({"sync": {"toHost": {}}, "rbac": {}})));
        assert!(is(&json!({"redis": {}, "vcluster": {"controlPlane": {"distro": {}}}})));
        for other in [
            json!({}),
            json!([]),
            json!("controlPlane"),
            json!({"rbac": {"create": true}, "image": {}}),
            json!({"deploy": {"stage": "x"}, "logging": {}}),
            json!({"sync": {"toHost": {}}, "image": {}}),
            json!({"controlPlane": {"replicas": 3}}),
            json!({"vcluster": {"enabled": true}}),
            json!({"kind": "Thing", "controlPlane": {"distro": {}}}),
        ] {
            assert!(!is(&other), "{other}");
        }
    }

    #[test]
    fn its_name_is_the_release_unless_it_is_a_usual_one() {
        for (file, release) in [
            ("a/demo.yaml", "demo"),
            ("values.yaml", "vcluster"),
            ("a/vcluster.yml", "vcluster"),
            ("-", "vcluster"),
            ("team.a.yaml", "team.a"),
        ] {
            assert_eq!(release_of(file), release, "{file}");
        }
    }
}
