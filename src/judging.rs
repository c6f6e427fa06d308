//! What check and audit share: one vCluster judged under the policy, and put into the report.

use vcluster_guard_core::case::{Occasion, Subject};
use vcluster_guard_core::exemption::{Exemptions, Now};
use vcluster_guard_core::judge::judge;
use vcluster_guard_core::object::ObjectRef;
use vcluster_guard_core::policy::{Policy, Settings};
use vcluster_guard_core::rule::Rule;
use vcluster_guard_core::verdict;

use crate::explain;
use crate::observe;
use crate::report::{Report, Source};

/// Judges for one run: under one policy, at one moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Judging<'p> {
    pub(crate) policy: &'p Policy,
    pub(crate) now: Now,
    /// An exemption that ends within so many seconds ends soon.
    pub(crate) soon: i64,
    /// The rules that are to be explained.
    pub(crate) explain: &'p [&'static Rule],
}

impl Judging<'_> {
    /// Judges one vCluster. `source` tells where a path of an object was read.
    pub(crate) fn judge(
        &self,
        report: &mut Report,
        subject: &Subject,
        settings: &Settings<'_>,
        source: impl Fn(&ObjectRef, &str) -> Option<Source>,
    ) {
        let mut judged = judge(subject, &self.policy.images);
        let exemptions = Exemptions::of(subject, self.policy, self.now);
        exemptions.apply(&mut judged);
        let accounts = exemptions.accounts(subject, settings, self.soon);
        report
            .observations
            .extend(observe::exemptions::of_vcluster(&accounts, &subject.release));
        let verdict = verdict::decide(judged, subject, settings);
        if subject.occasion == Occasion::Standing {
            let refused = observe::enforcement::of_vcluster(&subject.release, &verdict);
            report.observations.extend(refused);
        }
        let explained = explain::explain(self.explain, subject, &verdict, settings);
        report.explained.extend(explained);
        let passed = verdict.passed(settings);
        report.add(subject, verdict, passed, source);
    }
}
