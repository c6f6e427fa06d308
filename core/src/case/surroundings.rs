//! What is around the vCluster, where somebody has listed it.

use alloc::string::String;

use crate::carrier::autoscaler::Autoscaler;
use crate::carrier::claim::Claim;
use crate::carrier::node::Node;
use crate::host::KubeVersion;
use crate::rule::Need;
use crate::surroundings::Neighbour;

use super::Case;

/// A rule remembers what it makes of these lists, not the lists: another node must not revive an old finding.
impl<'a> Case<'a> {
    /// The version of the host cluster, where anybody has told it. Not to have it is no lack: rules then speak of every
    /// version that is supported.
    #[must_use]
    pub fn host(&self) -> Option<KubeVersion> {
        self.note("kube-version");
        self.state.around.host.known().copied()
    }

    /// Whether the host cluster is known to be older than what a finding rests on.
    #[must_use]
    pub fn host_is_before(&self, version: KubeVersion) -> bool {
        self.host().is_some_and(|host| host < version)
    }

    /// The nodes of the host cluster.
    pub fn nodes(&self) -> Result<&'a [Node], Need> {
        self.note(Need::Nodes.as_str());
        self.state.around.nodes.known().map(AsRef::as_ref).ok_or(Need::Nodes)
    }

    /// The names of the host cluster's priority classes.
    pub fn priority_classes(&self) -> Result<&'a [String], Need> {
        self.note(Need::PriorityClasses.as_str());
        let classes = self.state.around.priority_classes.known();
        classes.map(AsRef::as_ref).ok_or(Need::PriorityClasses)
    }

    /// The claims of the namespace.
    pub fn claims(&self) -> Result<&'a [Claim], Need> {
        self.note(Need::Claims.as_str());
        let claims = self.state.around.claims.known();
        claims.map(AsRef::as_ref).ok_or(Need::Claims)
    }

    /// The other vClusters of the namespace.
    pub fn neighbours(&self) -> Result<&'a [Neighbour], Need> {
        self.note(Need::Neighbours.as_str());
        let neighbours = self.state.around.neighbours.known();
        neighbours.map(AsRef::as_ref).ok_or(Need::Neighbours)
    }

    /// The vClusters whose external database is the same.
    pub fn sharing_database(&self) -> Result<&'a [String], Need> {
        self.note(Need::Fleet.as_str());
        let sharing = self.state.around.sharing_database.known();
        sharing.map(AsRef::as_ref).ok_or(Need::Fleet)
    }

    /// Whether the namespace has the key to vCluster Platform.
    pub fn has_platform_key(&self) -> Result<bool, Need> {
        self.note(Need::PlatformKey.as_str());
        self.state.around.platform_key.known().copied().ok_or(Need::PlatformKey)
    }

    /// The autoscalers that target the vCluster, as far as any are at hand.
    #[must_use]
    pub fn autoscalers(&self) -> &'a [Autoscaler] {
        self.note("autoscalers");
        &self.state.around.autoscalers
    }
}
