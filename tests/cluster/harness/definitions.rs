//! The kinds that reports are written as, as custom resources of the cluster.

use std::time::Duration;

use anyhow::Context;
use serde_json::{Value, json};

use super::control_plane::ControlPlane;
use super::programs::checkout;
use super::wait::until;

const LIMIT: Duration = Duration::from_secs(30);

/// `Report` of `openreports.io`, as its authors define it.
pub(crate) fn open_reports(cluster: &ControlPlane) -> anyhow::Result<Value> {
    let file = checkout().join(".cache/definitions/reports.openreports.io.yaml");
    let file = file.to_str().context("the path of the checkout is no text")?;
    let convert = ["create", "--dry-run=client", "-o", "json", "-f", file];
    let converted = cluster.kubectl(&convert, "")?.success();
    converted
        .context("run tests/tools/build.sh, or `make test`, which does")?
        .json()
}

/// `PolicyReport` of `wgpolicyk8s.io`, which the other was made from: the same but for its names and for two fields that
/// it lacks.
pub(crate) fn policy_report(cluster: &ControlPlane) -> anyhow::Result<Value> {
    let mut definition = open_reports(cluster)?;
    let names = json!({
        "kind": "PolicyReport",
        "listKind": "PolicyReportList",
        "plural": "policyreports",
        "singular": "policyreport",
        "shortNames": ["polr"],
    });
    let spec = &mut definition["spec"];
    spec["group"] = "wgpolicyk8s.io".into();
    spec["names"] = names;
    let version = &mut spec["versions"][0];
    version["name"] = "v1alpha2".into();
    let fields = version.pointer_mut("/schema/openAPIV3Schema/properties");
    let fields = fields
        .and_then(Value::as_object_mut)
        .context("the definition has no schema")?;
    fields.retain(|field, _| !["configuration", "source"].contains(&field.as_str()));
    definition["metadata"] = json!({"name": "policyreports.wgpolicyk8s.io"});
    Ok(definition)
}

/// Installs a definition, and returns when the API server serves it.
pub(crate) fn install(cluster: &ControlPlane, definition: &Value) -> anyhow::Result<()> {
    cluster
        .kubectl(&["create", "-f", "-"], &definition.to_string())?
        .success()?;
    let spec = &definition["spec"];
    let [group, plural] = [&spec["group"], &spec["names"]["plural"]].map(|text| text.as_str().unwrap_or_default());
    let version = spec["versions"][0]["name"].as_str().unwrap_or_default();
    let path = format!("/apis/{group}/{version}/{plural}");
    until("a new kind", LIMIT, || {
        let served = cluster.kubectl(&["get", "--raw", &path], "")?;
        Ok(served.ok.then_some(()))
    })
}
