//! The findings of a report by vCluster, in the order in which people read them: the worst first.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::{Finding, ObjectPatch, Observation, Report, Undecided, VCluster};

/// Everything that a report says of one vCluster.
pub(super) struct Group<'r> {
    pub(super) vcluster: &'r VCluster,
    /// Worst first, exempted ones last.
    pub(super) findings: Vec<&'r Finding>,
    pub(super) undecided: Vec<&'r Undecided>,
    pub(super) patches: Vec<&'r ObjectPatch>,
    pub(super) observations: Vec<&'r Observation>,
}

impl<'r> Group<'r> {
    fn of(vcluster: &'r VCluster) -> Self {
        Self {
            vcluster,
            findings: Vec::new(),
            undecided: Vec::new(),
            patches: Vec::new(),
            observations: Vec::new(),
        }
    }

    /// No finding: all that was asked was answered with no.
    pub(super) fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }

    /// Whether there is more to say than that it was judged.
    pub(super) fn speaks(&self) -> bool {
        !(self.findings.is_empty() && self.patches.is_empty() && self.observations.is_empty())
    }
}

/// Every vCluster with what was said of it. The worst come first; the order depends on nothing but the report.
pub(super) fn groups(report: &Report) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = report.vclusters.iter().map(Group::of).collect();
    for finding in &report.findings {
        if let Some(group) = groups.get_mut(finding.vcluster) {
            group.findings.push(finding);
        }
    }
    for undecided in &report.undecided {
        if let Some(group) = groups.get_mut(undecided.vcluster) {
            group.undecided.push(undecided);
        }
    }
    for patch in &report.patches {
        if let Some(group) = named(&mut groups, &patch.object.namespace, &patch.release) {
            group.patches.push(patch);
        }
    }
    for observation in &report.observations {
        if let Some(group) = named(&mut groups, &observation.namespace, &observation.release) {
            group.observations.push(observation);
        }
    }
    for group in &mut groups {
        group
            .findings
            .sort_by_key(|finding| (Reverse(finding.severity), finding.exemption.is_some()));
    }
    groups.sort_by_key(|group| {
        let VCluster {
            deny,
            warn,
            info,
            namespace,
            release,
            ..
        } = group.vcluster;
        (Reverse((*deny, *warn, *info)), namespace, release)
    });
    groups
}

/// What was observed and belongs to no vCluster of the report.
pub(super) fn unattached(report: &Report) -> impl Iterator<Item = &Observation> {
    report.observations.iter().filter(|observation| {
        let is_of = |vcluster: &VCluster| vcluster.is(&observation.namespace, &observation.release);
        !report.vclusters.iter().any(is_of)
    })
}

/// What was observed of vClusters of the report, by kind.
pub(super) fn kinds<'r>(groups: &[Group<'r>]) -> Vec<(&'static str, Vec<&'r Observation>)> {
    let mut kinds: BTreeMap<_, Vec<&Observation>> = BTreeMap::new();
    for observation in groups.iter().flat_map(|group| &group.observations) {
        let Observation { topic, kind, title, .. } = observation;
        kinds.entry((topic, kind, *title)).or_default().push(observation);
    }
    kinds.into_iter().map(|((.., title), all)| (title, all)).collect()
}

/// The first one of that name: what was rendered comes before the values that it was rendered from.
fn named<'g, 'r>(groups: &'g mut [Group<'r>], namespace: &str, release: &str) -> Option<&'g mut Group<'r>> {
    groups.iter_mut().find(|group| group.vcluster.is(namespace, release))
}
