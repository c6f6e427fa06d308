//! Objects that are no part of a vCluster and yet decide over it. Only audit and check know them: each takes a list.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::carrier::autoscaler::Autoscaler;
use crate::carrier::claim::Claim;
use crate::carrier::node::Node;
use crate::fact::Fact;
use crate::host::KubeVersion;

/// What is around one vCluster.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// The version of the host cluster.
    pub host: Fact<KubeVersion>,
    /// The nodes of the host cluster.
    pub nodes: Fact<Arc<[Node]>>,
    /// The priority classes of the host cluster, by name.
    pub priority_classes: Fact<Arc<[String]>>,
    /// The claims of its namespace, without those that a live workload of the vCluster itself has made.
    pub claims: Fact<Vec<Claim>>,
    /// The other vClusters of its namespace.
    pub neighbours: Fact<Vec<Neighbour>>,
    /// The vClusters, as NAMESPACE/NAME, whose external database is the same.
    pub sharing_database: Fact<Vec<String>>,
    /// Whether its namespace has the key to vCluster Platform where vCluster looks for it.
    pub platform_key: Fact<bool>,
    /// The autoscalers that target one of its workloads.
    pub autoscalers: Vec<Autoscaler>,
}

/// Another vCluster in the same namespace.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Neighbour {
    /// Its name.
    pub release: String,
    /// The version of its chart, where the label tells it.
    pub version: Option<semver::Version>,
    /// Whether it is known to say `experimental.reuseNamespace`.
    pub reuses_namespace: bool,
}
