//! What was mended in a run, what was not, and the proof of it.

use std::collections::BTreeMap;

use anyhow::bail;
use serde::Serialize;
use vcluster_guard_core::object::ObjectRef;
use vcluster_guard_core::remedy::Change;
use vcluster_guard_core::rule::Severity;

use super::draft::Failed;
use crate::report::{Finding, Report, Source};

/// One thing that was mended.
#[derive(Debug, Serialize)]
pub(super) struct Mended {
    /// None for what the guard adds to a workload without a rule that asks for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rule: Option<&'static str>,
    pub(super) namespace: String,
    pub(super) release: String,
    pub(super) object: ObjectRef,
    /// Of the finding; of a workload, what was made of it.
    pub(super) message: String,
    /// In words, in the order in which they were made.
    pub(super) changes: Vec<String>,
    /// What to know before a release that runs is upgraded to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) caution: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) source: Option<Source>,
}

/// What tells one finding from another.
#[derive(Debug, PartialEq, Eq)]
struct Key {
    rule: &'static str,
    namespace: String,
    release: String,
    object: ObjectRef,
    /// Two files may hold a vCluster of one name each: those of two clusters.
    file: Option<String>,
    path: String,
    message: String,
}

impl Key {
    fn of(finding: &Finding) -> Self {
        Self {
            rule: finding.rule,
            namespace: finding.namespace.clone(),
            release: finding.release.clone(),
            object: finding.object.clone(),
            file: file(finding).cloned(),
            path: finding.path.clone().into_owned(),
            message: finding.message.clone(),
        }
    }
}

fn file(finding: &Finding) -> Option<&String> {
    finding.source.as_ref().map(|source| &source.file)
}

/// The workloads that cannot have their mends, and why.
pub(super) type Unfit = BTreeMap<ObjectRef, String>;

/// The account of a run.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    pub(super) mended: Vec<Mended>,
    gone: Vec<Key>,
    /// With the release that each is of.
    patched: Vec<(ObjectRef, String)>,
    refused: Vec<(Key, String)>,
    /// Workloads that could not be mended, and why.
    pub(super) unmended: Vec<String>,
}

impl Ledger {
    /// A finding in values is mended by these changes: its remedy, and that of what it uncovered.
    pub(super) fn mend(&mut self, finding: &Finding, changes: &[Change]) {
        self.gone.push(Key::of(finding));
        self.mended.push(Mended {
            rule: Some(finding.rule),
            namespace: finding.namespace.clone(),
            release: finding.release.clone(),
            object: finding.object.clone(),
            message: finding.message.clone(),
            changes: changes.iter().map(Change::to_string).collect(),
            caution: finding.remedy.caution,
            source: finding.source.clone(),
        });
    }

    /// A workload has got the patch that admission would make of it.
    pub(super) fn patch(&mut self, mended: Mended) {
        self.patched.push((mended.object.clone(), mended.release.clone()));
        self.mended.push(mended);
    }

    /// A finding has a remedy that cannot be made here.
    pub(super) fn refuse(&mut self, finding: &Finding, why: String) {
        self.refused.push((Key::of(finding), why));
    }

    /// Why the remedy of a finding was not made.
    pub(super) fn refusal(&self, finding: &Finding) -> Option<&str> {
        let key = Key::of(finding);
        let refused = self.refused.iter().find(|(refused, _)| *refused == key);
        refused.map(|(_, why)| why.as_str())
    }

    fn has_patched(&self, object: &ObjectRef) -> bool {
        self.patched.iter().any(|(patched, _)| patched == object)
    }

    /// The workloads of those vClusters for which the mend of one would bring a new finding.
    pub(super) fn unfit(&self, first: &Report, last: &Report) -> Unfit {
        let mut unfit = Unfit::new();
        for new in worse(first, last) {
            let is_of = |(object, release): &&(ObjectRef, String)| {
                *release == new.release && (object.namespace == new.namespace || object.namespace.is_empty())
            };
            for (object, _) in self.patched.iter().filter(is_of) {
                let why = || format!("it would bring another finding, {}: {}", new.rule, new.message);
                unfit.entry(object.clone()).or_insert_with(why);
            }
        }
        unfit
    }

    /// Files that could not be written: nothing of them is mended.
    pub(super) fn lose(&mut self, failed: &[Failed]) {
        let is_lost = |source: &Source| failed.iter().any(|(file, _)| *file == source.file);
        self.mended
            .retain(|mended| !mended.source.as_ref().is_some_and(is_lost));
        let told = failed.iter().map(|(file, why)| format!("{file}: {why:#}"));
        self.unmended.extend(told);
    }

    /// Holds what was judged before against what is judged now.
    pub(super) fn prove(&self, first: &Report, last: &Report) -> anyhow::Result<()> {
        if let Some(new) = worse(first, last).next() {
            bail!(
                "nothing is changed, since the mended text would have a new finding, {}: {}. Please report this",
                new.rule,
                new.message
            );
        }
        let still = last
            .findings
            .iter()
            .find(|finding| self.gone.contains(&Key::of(finding)));
        if let Some(still) = still {
            bail!(
                "nothing is changed, since {} would still be found: {}. Please report this",
                still.rule,
                still.message
            );
        }
        if let Some(patch) = last.patches.iter().find(|patch| self.has_patched(&patch.object)) {
            let ObjectRef { kind, name, .. } = &patch.object;
            bail!(
                "nothing is changed, since {kind} {name} would still not be as the guard wants it. Please report this"
            );
        }
        Ok(())
    }
}

/// Whether it is the same finding, of the same vCluster.
pub(super) fn is_same(one: &Finding, other: &Finding) -> bool {
    Key::of(one) == Key::of(other)
}

/// The findings that were not there before, or are worse than they were. The words of one may change with a mend.
pub(super) fn worse<'r>(first: &'r Report, last: &'r Report) -> impl Iterator<Item = &'r Finding> {
    let knew = |new: &Finding| {
        let same = |old: &&Finding| {
            (old.rule, &old.release, &old.namespace, &old.object, file(old))
                == (new.rule, &new.release, &new.namespace, &new.object, file(new))
        };
        first
            .findings
            .iter()
            .filter(same)
            .any(|old| old.severity >= new.severity)
    };
    let told = last.findings.iter().filter(|new| new.severity > Severity::Info);
    told.filter(move |new| !knew(new))
}
