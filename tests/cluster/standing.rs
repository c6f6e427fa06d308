//! vClusters that stood before the guard came: broken ones, which must stay operable.

use serde_json::json;

use crate::harness::{ControlPlane, Samples};

/// Where they stand.
pub(crate) const NAMESPACE: &str = "standing";

/// Three replicas that each keep their own SQLite file: what no one could create any more.
const BROKEN: &str = "controlPlane: {statefulSet: {highAvailability: {replicas: 3}}}";
const IMAGE: &str = "ghcr.io/loft-sh/vcluster-pro:0.36.1";

/// The releases, one for each test that changes one.
pub(crate) const RELEASES: [&str; 4] = ["annotated", "finalized", "foreground", "mended"];

/// Creates them; to be called before the guard is installed.
pub(crate) fn create(cluster: &ControlPlane) -> anyhow::Result<()> {
    cluster.kubectl(&["create", "namespace", NAMESPACE], "")?.success()?;
    let items: Vec<_> = RELEASES
        .iter()
        .map(|name| Samples::new(NAMESPACE, name))
        .flat_map(|release| [release.config(BROKEN), release.workload(3, IMAGE)])
        .collect();
    let list = json!({"apiVersion": "v1", "kind": "List", "items": items});
    cluster.kubectl(&["create", "-f", "-"], &list.to_string())?.success()?;
    Ok(())
}
