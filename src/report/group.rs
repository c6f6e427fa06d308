//! The findings of a report by vCluster, in the order in which people read them: the worst first.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::{Explained, Finding, ObjectPatch, Observation, Report, Undecided, VCluster};

/// Everything that a report says of one vCluster.
#[derive(Debug)]
pub(crate) struct Group<'r> {
    pub(crate) vcluster: &'r VCluster,
    /// Worst first, exempted ones last.
    pub(crate) findings: Vec<&'r Finding>,
    pub(crate) undecided: Vec<&'r Undecided>,
    pub(crate) patches: Vec<&'r ObjectPatch>,
    pub(crate) observations: Vec<&'r Observation>,
    pub(crate) explained: Vec<&'r Explained>,
}

impl<'r> Group<'r> {
    fn of(vcluster: &'r VCluster) -> Self {
        Self {
            vcluster,
            findings: Vec::new(),
            undecided: Vec::new(),
            patches: Vec::new(),
            observations: Vec::new(),
            explained: Vec::new(),
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
pub(crate) fn groups(report: &Report) -> Vec<Group<'_>> {
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
    let names = Names::of(report);
    for patch in &report.patches {
        let at = names.find(&patch.object.namespace, &patch.release);
        if let Some(group) = at.and_then(|at| groups.get_mut(at)) {
            group.patches.push(patch);
        }
    }
    for observation in &report.observations {
        let at = names.find(&observation.namespace, &observation.release);
        if let Some(group) = at.and_then(|at| groups.get_mut(at)) {
            group.observations.push(observation);
        }
    }
    for explained in &report.explained {
        let at = names.find(&explained.namespace, &explained.release);
        if let Some(group) = at.and_then(|at| groups.get_mut(at)) {
            group.explained.push(explained);
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
    let names = Names::of(report);
    let told = report.observations.iter();
    told.filter(move |told| names.find(&told.namespace, &told.release).is_none())
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

/// Finds a vCluster by its name among ten thousand.
struct Names<'r> {
    all: &'r [VCluster],
    by_name: BTreeMap<(&'r str, &'r str), usize>,
}

impl<'r> Names<'r> {
    fn of(report: &'r Report) -> Self {
        let all = &report.vclusters;
        let numbered = all.iter().enumerate().rev();
        // The first one of a name stays: what was rendered comes before the values that it was rendered from.
        let by_name = numbered.map(|(at, row)| ((row.namespace.as_str(), row.release.as_str()), at));
        Self {
            all,
            by_name: by_name.collect(),
        }
    }

    /// Where in the report it is.
    fn find(&self, namespace: &str, release: &str) -> Option<usize> {
        let exact = self.by_name.get(&(namespace, release)).copied();
        // A manifest may leave the namespace out.
        let nameless = || {
            let mut all = self.all.iter();
            namespace
                .is_empty()
                .then(|| all.position(|row| row.is(namespace, release)))?
        };
        if release.is_empty() {
            None
        } else {
            exact.or_else(nameless)
        }
    }
}
