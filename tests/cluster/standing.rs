//! vClusters that stood before the guard came: broken ones, which must stay operable. Each has three replicas
//! that keep a `SQLite` file of their own, which no one can create any more.

use serde_json::json;

use crate::harness::{ControlPlane, DEPRECATED, PRO, Samples, definitions, sqlite};

/// Where they stand.
pub(crate) const NAMESPACE: &str = "standing";

/// The broken releases, one for each test that changes one.
const RELEASES: [&str; 8] = [
    "annotated",
    "finalized",
    "foreground",
    "mended",
    "abandoned",
    "paused",
    "restarted",
    "rotated",
];

/// Creates them; to be called before the guard is installed.
pub(crate) fn create(cluster: &ControlPlane) -> anyhow::Result<()> {
    // The garbage collector takes half a minute to notice a new kind.
    definitions::install(cluster, &definitions::policy_report(cluster)?)?;
    cluster.kubectl(&["create", "namespace", NAMESPACE], "")?.success()?;
    let unmended = Samples::new(NAMESPACE, "unmended").workload(1, DEPRECATED);
    let broken = RELEASES
        .iter()
        .map(|name| Samples::new(NAMESPACE, name))
        .flat_map(|release| [release.config(3, &sqlite()), release.workload(3, PRO)]);
    let items: Vec<_> = broken.chain([unmended]).collect();
    let list = json!({"apiVersion": "v1", "kind": "List", "items": items});
    cluster.kubectl(&["create", "-f", "-"], &list.to_string())?.success()?;
    Ok(())
}
