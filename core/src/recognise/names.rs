//! The names and labels by which the charts have it.

/// Name prefix of the Secret that holds a vCluster's config.
pub const CONFIG_SECRET_PREFIX: &str = "vc-config-";
/// The label value of control planes, on selector and pods.
pub const APP_CONTROL_PLANE: &str = "vcluster";
/// The label value of etcd deployed by the chart.
pub const APP_ETCD: &str = "vcluster-etcd";
/// Name suffix of that etcd's `StatefulSet`.
pub const ETCD_SUFFIX: &str = "-etcd";
/// The Secret by which a vCluster reaches vCluster Platform, unless its values name another (vcluster:
/// pkg/platform/secret.go).
pub const PLATFORM_KEY: &str = "vcluster-platform-api-key";
/// The container that makes a pod a vCluster (vcluster: pkg/cli/find/find.go).
pub const SYNCER: &str = "syncer";

/// Name of the vCluster whose config Secret has this name.
#[must_use]
pub fn config_secret(name: &str) -> Option<&str> {
    name.strip_prefix(CONFIG_SECRET_PREFIX)
        .filter(|release| !release.is_empty())
}
