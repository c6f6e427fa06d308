//! Control planes of charts up to 0.19, which have no config Secret: everything stands in the workload's command lines.

use crate::carrier::env::{DATASTORE_FLAG, Env};
use crate::carrier::workload::{Container, Workload};
use crate::recognise::{Role, SYNCER};
use crate::rule::Need;
use crate::store::Store;

use super::Case;

/// Where most of them are.
pub const ARGS: &str = "spec.template.spec.containers[syncer].args";

/// A control plane of a chart up to 0.19.
pub struct Legacy<'a> {
    /// Its `StatefulSet` or Deployment.
    pub workload: &'a Workload,
    /// Its container of that name.
    pub syncer: &'a Container,
}

impl<'a> Legacy<'a> {
    /// `None` where it is a later chart.
    fn of_workload(workload: &'a Workload) -> Option<Self> {
        let syncer = workload.container(SYNCER)?;
        let is_legacy = workload.config_secret().is_none() && syncer.has_flag("--name");
        is_legacy.then_some(Self { workload, syncer })
    }

    /// k3s and k0s, whose store is `SQLite` in the pod; k8s and eks have etcd. Their image runs as `vcluster`:
    /// beside `syncer` in the older charts, as an init container in the later ones.
    #[must_use]
    pub fn is_single_binary(&self) -> bool {
        self.workload
            .all_containers()
            .any(|container| container.name == "vcluster")
    }

    /// Whether the replicas are members of an etcd.
    #[must_use]
    pub fn embeds_etcd(&self) -> bool {
        self.workload
            .all_containers()
            .any(|container| container.has_flag("--etcd-embedded"))
    }

    /// Whether a datastore that the replicas share is named: in the environment, or in a command line, which in
    /// the older charts is one shell word.
    #[must_use]
    pub fn names_datastore(&self) -> bool {
        let named = |container: &Container| {
            let mut words = container.command.iter().chain(&container.args);
            let in_env = |env: &Env| env.name == "K3S_DATASTORE_ENDPOINT" || env.hints.datastore;
            container.env.iter().any(in_env) || words.any(|word| word.contains(DATASTORE_FLAG))
        };
        self.workload.all_containers().any(named)
    }

    /// Variables that come from elsewhere, the datastore's perhaps among them.
    #[must_use]
    pub fn has_unseen_env(&self) -> bool {
        self.workload
            .all_containers()
            .any(|container| !container.env_from.is_empty())
    }

    /// The store, where the pods tell it. Those of the k8s and eks charts do not tell whose etcd they use.
    #[must_use]
    pub fn store(&self) -> Option<Store> {
        if self.embeds_etcd() {
            Some(Store::EmbeddedEtcd)
        } else if !self.is_single_binary() {
            None
        } else if self.names_datastore() {
            Some(Store::ExternalDatabase)
        } else {
            (!self.has_unseen_env()).then_some(Store::EmbeddedDatabase)
        }
    }
}

impl<'a> Case<'a> {
    /// The control plane, where its workload is at hand and of a chart up to 0.19.
    #[must_use]
    pub fn legacy_at_hand(&self) -> Option<Legacy<'a>> {
        let legacy = self.workload_at_hand().and_then(Legacy::of_workload);
        self.saw("whether the chart is 0.19 or older", legacy.is_some());
        legacy
    }

    /// The control plane, where its chart is 0.19 or older. A Scale shows no command line, so there the workload is
    /// looked up.
    pub fn legacy(&self) -> Result<Option<Legacy<'a>>, Need> {
        if self.scaled().is_some_and(|scaled| scaled.role == Role::Etcd) {
            return Ok(None);
        }
        if self.workload_at_hand().is_some() {
            return Ok(self.legacy_at_hand());
        }
        match self.config_secret() {
            Ok(_) => Ok(None),
            Err(_) if self.lacks_config_secret() => Err(Need::Workload),
            Err(need) => Err(need),
        }
    }
}
