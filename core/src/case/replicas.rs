//! How many of what run, or will.

use crate::carrier::workload::Workload;
use crate::config::key;
use crate::recognise::Role;
use crate::rule::Need;

use super::{Case, Occasion};

/// vCluster keeps the count to resume to here (vcluster: pkg/lifecycle/lifecycle.go).
pub const PAUSED_REPLICAS: &str = "loft.sh/paused-replicas";

/// How many will run once a pause is over, or do.
pub(crate) fn resumes_to(workload: &Workload) -> i64 {
    let paused = || workload.metadata.annotations.get(PAUSED_REPLICAS)?.parse().ok();
    match workload.replicas() {
        0 => paused().unwrap_or(0),
        replicas => replicas,
    }
}

impl Case<'_> {
    /// Replicas of the control plane that the values ask for.
    pub fn configured_replicas(&self) -> Result<i64, Need> {
        self.int(key::REPLICAS)
    }

    /// Replicas that the Scale or the workload asks for; 0 while paused. `None` where neither is at hand.
    #[must_use]
    pub fn running_replicas(&self) -> Option<i64> {
        let running = self.running(Role::ControlPlane)?;
        Some(self.saw("spec.replicas", running))
    }

    /// Members of the deployed etcd that the Scale or the `StatefulSet` asks for.
    #[must_use]
    pub fn running_etcd_members(&self) -> Option<i64> {
        let running = self.running(Role::Etcd)?;
        Some(self.saw("NAME-etcd spec.replicas", running))
    }

    fn running(&self, role: Role) -> Option<i64> {
        if let Some(scaled) = self.scaled().filter(|scaled| scaled.role == role) {
            return Some(scaled.replicas);
        }
        let workload = match role {
            Role::ControlPlane => self.workload_at_hand(),
            Role::Etcd => self.etcd_at_hand(),
        }?;
        // On both sides of a change: to resume is then never a new violation, and to raise the count that a paused workload
        // will resume to is one.
        Some(if self.occasion == Occasion::Update {
            resumes_to(workload)
        } else {
            workload.replicas()
        })
    }

    /// Replicas that will run, by what is nearest: Scale, workload, values.
    pub fn replicas(&self) -> Result<i64, Need> {
        self.running_replicas().map_or_else(|| self.configured_replicas(), Ok)
    }

    /// Members of the deployed etcd, by what is nearest: Scale, `StatefulSet`, values.
    pub fn etcd_members(&self) -> Result<i64, Need> {
        self.running_etcd_members()
            .map_or_else(|| self.int(key::DEPLOYED_ETCD_REPLICAS), Ok)
    }
}
