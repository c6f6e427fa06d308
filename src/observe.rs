//! What an audit tells besides the findings of rules. A topic is a file: it is given what was read, and gives
//! [`Observation`]s. The [`Observer`] asks each topic about each vCluster, and about all of them in the end.

pub(crate) mod coverage;
pub(crate) mod data;
pub(crate) mod enforcement;
pub(crate) mod exemptions;
mod images;
mod injection;
#[cfg(test)]
mod testing;

use std::collections::BTreeSet;

use vcluster_guard_core::carrier::claim::Claim;
use vcluster_guard_core::case::Subject;
use vcluster_guard_core::exemption::Now;
use vcluster_guard_core::join::Parts;
use vcluster_guard_core::object::{Release, Strings};
use vcluster_guard_core::policy::{Policy, Settings};
use vcluster_guard_core::recognise::Role;

use crate::report::{Observation, Report};
use coverage::{Configurations, Lookout};
use data::Storage;

/// What was read of the cluster for this purpose alone.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) configurations: Configurations,
    pub(crate) storage: Storage,
}

/// One run.
#[derive(Debug)]
pub(crate) struct Observer<'p> {
    policy: &'p Policy,
    now: Now,
    storage: Storage,
    lookout: Lookout,
    tally: images::Tally,
    /// The vClusters that the policy exempts by name and that are there.
    exempted: BTreeSet<Release>,
    observations: Vec<Observation>,
}

/// One vCluster, with what is around it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sight<'a> {
    pub(crate) subject: &'a Subject,
    pub(crate) parts: &'a Parts,
    /// Those that its workloads have made.
    pub(crate) claims: &'a [(Role, &'a Claim)],
    pub(crate) settings: &'a Settings<'a>,
    /// Those of its namespace, if they are known.
    pub(crate) labels: Option<&'a Strings>,
}

impl<'p> Observer<'p> {
    pub(crate) fn new(seen: Seen, policy: &'p Policy, now: Now) -> Self {
        Self {
            policy,
            now,
            observations: seen.configurations.gaps(now),
            lookout: Lookout::new(&seen.configurations),
            storage: seen.storage,
            tally: images::Tally::default(),
            exempted: BTreeSet::new(),
        }
    }

    /// Whether labels of namespaces decide over what it has to tell.
    pub(crate) fn wants_labels(&self) -> bool {
        self.lookout.asks_for_labels()
    }

    /// Looks at one vCluster.
    pub(crate) fn look(&mut self, sight: Sight<'_>) {
        let release = &sight.subject.release;
        if self
            .policy
            .exemptions
            .list
            .iter()
            .any(|entry| entry.release() == *release)
        {
            self.exempted.insert(release.clone());
        }
        let told = &mut self.observations;
        told.extend(self.lookout.of_vcluster(release, sight.labels));
        told.extend(data::of_vcluster(sight.subject, sight.claims, &self.storage, self.now));
        told.extend(images::of_vcluster(sight.subject, &self.policy.images, &mut self.tally));
        told.extend(injection::of_vcluster(release, sight.parts, sight.settings));
    }

    /// Ends the run. Only who has seen all vClusters can say of one that it is not there: `saw_all` says of which
    /// namespace that holds.
    pub(crate) fn end(mut self, report: &mut Report, saw_all: impl Fn(&str) -> bool) {
        let nobody = exemptions::of_nobody(self.policy, &self.exempted);
        self.observations.extend(nobody.filter(|told| saw_all(&told.namespace)));
        self.observations.extend(self.tally.observations());
        let fleet = enforcement::of_fleet(report.observations.iter(), report.summary().vclusters);
        report.observations.extend(self.observations);
        report.observations.extend(fleet);
        report.observations.sort_by(Observation::order);
        report.incomplete.extend(self.lookout.incomplete());
    }
}
