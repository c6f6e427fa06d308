//! Releases as a chart renders them: the config Secret with every value, the workload, and what stands around it.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::Context;
use serde_json::{Map, Value, json};
use vcluster_guard_core::carrier::values;

/// The objects beside the Secret; what is in capitals differs from release to release.
const OBJECTS: &str = include_str!("objects.yaml");

/// What a vCluster syncs, so that the Secret is as long as a real one.
const SYNCED: &str = "configmaps endpoints endpointslices events ingresses ingressclasses networkpolicies nodes \
                      persistentvolumeclaims persistentvolumes poddisruptionbudgets pods priorityclasses runtimeclasses \
                      secrets serviceaccounts services storageclasses volumesnapshots volumesnapshotclasses gateways \
                      httproutes grpcroutes tlsroutes csinodes csidrivers csistoragecapacities resourceclaims \
                      deviceclasses customresources";

/// Writes so many releases, a file each, no two of them alike.
pub(crate) fn write_all(directory: &Path, many: u32) -> anyhow::Result<()> {
    for number in 0..many {
        let path = directory.join(format!("{number:05}.yaml"));
        fs::write(&path, release(number)?).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

fn release(number: u32) -> anyhow::Result<String> {
    let name = format!("tenant-{number:05}");
    // One in ten has something that is denied, one in five something that is warned about.
    let (replicas, store) = match number % 10 {
        0 => (3, "database"),
        1 | 2 => (3, "etcd"),
        _ => (1, "database"),
    };
    let image = if number.is_multiple_of(5) {
        "loft-sh/vcluster"
    } else {
        "loft-sh/vcluster-pro"
    };
    let version = ["0.24.1", "0.30.2", "0.34.0", "0.36.1"][number as usize % 4];
    let values = json!({"controlPlane": {
        "backingStore": {"etcd": {"embedded": {"enabled": store == "etcd"}}},
        "statefulSet": {
            "highAvailability": {"replicas": replicas},
            "image": {"repository": image, "tag": version},
            "labels": {"team": format!("team-{}", number % 37)},
        },
    }});
    let carriers = values::read(&values, &name);
    let carrier = carriers
        .into_iter()
        .next()
        .and_then(Result::ok)
        .context("values of a vCluster")?;
    let mut config: Value = serde_json::from_slice(carrier.config_secret().text())?;
    let synced = SYNCED.split_whitespace().map(|kind| {
        let about = json!({"enabled": kind.len() % 2 == 0, "all": false, "patches": [], "selector": {"labels": {}}});
        (kind.to_owned(), about)
    });
    config["sync"] =
        json!({"toHost": synced.clone().collect::<Map<_, _>>(), "fromHost": synced.collect::<Map<_, _>>()});
    let mut text = String::new();
    yaml(&config, 2, &mut text);
    let objects = [
        ("NAMESPACE", format!("ns-{number:05}")),
        ("RELEASE", name),
        ("REPLICAS", replicas.to_string()),
        ("IMAGE", format!("ghcr.io/{image}:{version}")),
        ("VERSION", version.into()),
        ("CONFIG", text.trim_end().trim_start().into()),
    ];
    let filled = |text: String, (what, with): (&str, String)| text.replace(what, &with);
    Ok(objects.into_iter().fold(OBJECTS.to_owned(), filled))
}

/// Block style, as Helm's `toYaml` writes it.
fn yaml(value: &Value, depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth);
    for (key, value) in value.as_object().into_iter().flatten() {
        // Writing to a String cannot fail.
        let _ = match value {
            Value::Object(map) if !map.is_empty() => {
                let written = writeln!(out, "{indent}{key}:");
                yaml(value, depth + 1, out);
                written
            }
            scalar => writeln!(out, "{indent}{key}: {scalar}"),
        };
    }
}
