//! The workloads that a request, or a check, is about.

use crate::carrier::workload::Workload;
use crate::rule::Part;

use super::{Case, Places};

impl<'a> Case<'a> {
    /// The workloads at hand that are being judged; one that was merely looked up is not among them.
    pub fn workloads(&self) -> impl Iterator<Item = (Part, &'a Workload)> {
        let control_plane = self.workload_at_hand().filter(|_| self.places.meets(Places::WORKLOAD));
        let etcd = self.etcd_at_hand().filter(|_| self.places.meets(Places::ETCD));
        let control_plane = control_plane.map(|workload| (Part::Workload, workload));
        control_plane
            .into_iter()
            .chain(etcd.map(|workload| (Part::Etcd, workload)))
    }
}
