//! What admission would make of the workloads of a vCluster.

use vcluster_guard_core::carrier::workload::Workload;
use vcluster_guard_core::defaults;
use vcluster_guard_core::join::Parts;
use vcluster_guard_core::object::ObjectRef;
use vcluster_guard_core::patch;
use vcluster_guard_core::policy::Settings;
use vcluster_guard_core::recognise::Identity;
use vcluster_guard_core::rule::Part;

use crate::report::ObjectPatch;

/// The workloads of a vCluster, with the part that each is.
pub(crate) fn workloads(parts: &Parts) -> impl Iterator<Item = (Part, &(Workload, Identity))> {
    let workloads = [(Part::Workload, &parts.workload), (Part::Etcd, &parts.etcd)];
    workloads
        .into_iter()
        .filter_map(|(part, workload)| Some((part, workload.as_ref()?)))
}

/// The patch that admission would make of a workload, were its pod template new.
pub(crate) fn mend(
    object: ObjectRef,
    (workload, identity): &(Workload, Identity),
    settings: &Settings<'_>,
) -> Option<ObjectPatch> {
    let mend = defaults::mend(workload, identity, settings);
    let patch = serde_json::to_value(patch::prove(workload, &mend.edits).ok()??).ok()?;
    let release = identity.release.clone();
    Some(ObjectPatch { release, object, patch })
}
