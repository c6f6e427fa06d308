//! A vCluster as it stands in a live cluster: what was listed and is not there is absent, what could not be read is
//! unknown.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::carrier::node::Node;
use crate::carrier::workload::Workload;
use crate::case::{Occasion, Places, State, Subject};
use crate::fact::Fact;
use crate::host::KubeVersion;
use crate::object::Release;
use crate::recognise::Identity;
use crate::surroundings::Surroundings;

use super::Parts;

/// Vclusters by a digest of the external database that they use.
pub type Databases = BTreeMap<[u8; 32], Vec<Release>>;

/// What was read of the whole cluster.
#[derive(Debug, Clone, Default)]
pub struct Fleet {
    /// The version of its API server.
    pub host: Fact<KubeVersion>,
    /// Its nodes.
    pub nodes: Fact<Arc<[Node]>>,
    /// Its priority classes, by name.
    pub priority_classes: Fact<Arc<[String]>>,
    /// Who uses which external database.
    pub databases: Fact<Databases>,
}

/// What of a namespace could not be read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unread {
    /// Places where a part of a vCluster may be that nobody has seen.
    pub places: Places,
    /// Whether claims are among it.
    pub claims: bool,
    /// Whether nobody has asked for the key to vCluster Platform.
    pub platform_key: bool,
}

impl Default for Unread {
    fn default() -> Self {
        Self {
            places: Places::NONE,
            claims: false,
            platform_key: false,
        }
    }
}

impl Parts {
    /// The subject that this release is in an audit. `None` when nothing but a budget bears its name: that is no
    /// vCluster, or one that is being made just now.
    #[must_use]
    pub fn standing(&self, release: &Release, unread: Places) -> Option<Subject> {
        let places = self.places();
        if !places.meets(Places::CONFIG.and(Places::WORKLOAD).and(Places::ETCD)) {
            return None;
        }
        Some(Subject {
            release: release.clone(),
            occasion: Occasion::Standing,
            places,
            unread: unread.without(places),
            sure: self.is_sure(),
            now: self.stands(unread),
            before: None,
        })
    }

    fn stands(&self, unread: Places) -> State {
        let workload = |part: &Option<(Workload, Identity)>| part.as_ref().map(|(workload, _)| workload.clone());
        State {
            config: fact(self.config.clone(), unread.meets(Places::CONFIG)),
            workload: fact(workload(&self.workload), unread.meets(Places::WORKLOAD)),
            etcd: fact(workload(&self.etcd), unread.meets(Places::ETCD)),
            budget: fact(self.budget.clone(), unread.meets(Places::BUDGET)),
            etcd_budget: fact(self.etcd_budget.clone(), unread.meets(Places::BUDGET)),
            scaled: None,
            around: Surroundings::default(),
        }
    }
}

fn fact<T>(part: Option<T>, unread: bool) -> Fact<T> {
    match part {
        None if unread => Fact::Unknown,
        part => Fact::from(part),
    }
}
