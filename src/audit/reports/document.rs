//! One vCluster's report as the object that the cluster keeps. Pure: the clock is the caller's.
//!
//! What a rule found, left open or exempts is listed; what passed is counted only: 10,000 vClusters with 80 passed rules
//! each would be most of an etcd.

use std::collections::BTreeMap;

use serde::Serialize;
use sha2::{Digest, Sha256};
use vcluster_guard_core::object::ObjectRef;

use super::form::Form;
use super::outcome::{Outcome, SOURCE, Status, Timestamp};
use crate::report::{Group, Owner, VCluster};

/// Of one report; what is over is counted and left out, least bad first.
const MOST_RESULTS: usize = 200;
/// Of the results of one report in JSON. etcd takes 1.5 MB.
const MOST_BYTES: usize = 200 << 10;

/// Of any object.
const LONGEST_NAME: usize = 253;
/// Of the value of a label.
const LONGEST_LABEL: usize = 63;

/// Says what a report holds, so that one that would say the same is not written again.
pub(super) const HASH: &str = "vcluster-guard.dev/report-hash";
/// How many results did not find room.
const OMITTED: &str = "vcluster-guard.dev/omitted-results";
pub(super) const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
const RELEASE: &str = "vcluster-guard.dev/release";

/// A report, ready to be written.
#[derive(Debug)]
pub(super) struct Document<'r> {
    pub(super) hash: String,
    /// How many results did not find room.
    pub(super) omitted: usize,
    object: Object<'r>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Object<'r> {
    api_version: &'static str,
    kind: &'static str,
    metadata: Metadata<'r>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<Scope<'r>>,
    summary: Summary,
    results: Vec<Outcome<'r>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Metadata<'r> {
    name: String,
    namespace: &'r str,
    labels: BTreeMap<&'static str, &'r str>,
    annotations: BTreeMap<&'static str, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    owner_references: Vec<OwnerReference<'r>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct OwnerReference<'r> {
    api_version: &'r str,
    kind: &'r str,
    name: &'r str,
    uid: &'r str,
}

#[derive(Debug, Serialize)]
struct Scope<'r> {
    #[serde(flatten)]
    object: &'r ObjectRef,
    uid: &'r str,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
struct Summary {
    pass: usize,
    fail: usize,
    warn: usize,
    error: usize,
    skip: usize,
}

/// The name of the report of a vCluster. Not the bare uid of the workload, which is what other engines take.
pub(super) fn name(release: &str) -> String {
    let name = format!("{SOURCE}-{release}");
    // A label, which is all the name that a hand-made release has, may hold what no name may.
    if name.len() <= LONGEST_NAME && name.split('.').all(is_label) {
        name
    } else {
        format!("{SOURCE}-{:.16x}", Sha256::digest(release))
    }
}

/// What may stand between two dots of a name.
fn is_label(part: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    part.bytes().all(|byte| is_plain(byte) || byte == b'-')
        && part.bytes().next().is_some_and(is_plain)
        && part.bytes().last().is_some_and(is_plain)
}

impl<'r> Document<'r> {
    pub(super) fn of(group: &Group<'r>, form: Form) -> Self {
        let mut results = outcomes(group);
        let summary = Summary::of(group.vcluster.passed, &results);
        let omitted = bound(&mut results);
        let mut object = Object {
            api_version: form.api_version(),
            kind: form.kind(),
            metadata: Metadata::of(group.vcluster),
            source: form.names_its_source().then_some(SOURCE),
            scope: group.vcluster.owner.as_ref().map(Scope::of),
            summary,
            results,
        };
        let annotations = &mut object.metadata.annotations;
        if omitted > 0 {
            annotations.insert(OMITTED, omitted.to_string());
        }
        let hash = format!("{:x}", Sha256::digest(json(&object)));
        object.metadata.annotations.insert(HASH, hash.clone());
        Self { hash, omitted, object }
    }

    /// The text to send, dated `seconds` after 1970.
    pub(super) fn dated(mut self, seconds: i64) -> Vec<u8> {
        for outcome in &mut self.object.results {
            outcome.timestamp = Some(Timestamp { seconds, nanos: 0 });
        }
        json(&self.object)
    }
}

fn outcomes<'r>(group: &Group<'r>) -> Vec<Outcome<'r>> {
    let findings = group.findings.iter().map(|finding| Outcome::of_finding(finding));
    let undecided = group.undecided.iter().map(|undecided| Outcome::of_undecided(undecided));
    let observations = group
        .observations
        .iter()
        .map(|observation| Outcome::of_observation(observation));
    let mut outcomes: Vec<_> = findings.chain(undecided).chain(observations).collect();
    outcomes.sort_by_cached_key(|outcome| (outcome.rank(), json(outcome)));
    outcomes
}

/// Cuts the results to what a report may hold; says how many went.
fn bound(results: &mut Vec<Outcome<'_>>) -> usize {
    let all = results.len();
    let mut bytes = 0;
    let mut kept = 0;
    for outcome in results.iter().take(MOST_RESULTS) {
        bytes += json(outcome).len();
        if bytes > MOST_BYTES {
            break;
        }
        kept += 1;
    }
    results.truncate(kept);
    all - kept
}

/// Of strings, numbers and maps by string, which cannot fail.
fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}

impl<'r> Metadata<'r> {
    fn of(vcluster: &'r VCluster) -> Self {
        let mut labels = BTreeMap::from([(MANAGED_BY, SOURCE), ("app.kubernetes.io/name", SOURCE)]);
        if vcluster.release.len() <= LONGEST_LABEL {
            labels.insert(RELEASE, vcluster.release.as_str());
        }
        Self {
            name: name(&vcluster.release),
            namespace: &vcluster.namespace,
            labels,
            annotations: BTreeMap::new(),
            owner_references: vcluster.owner.iter().map(OwnerReference::of).collect(),
        }
    }
}

impl<'r> OwnerReference<'r> {
    /// Without `blockOwnerDeletion`, which would take rights on the owner.
    fn of(owner: &'r Owner) -> Self {
        Self {
            api_version: &owner.object.api_version,
            kind: &owner.object.kind,
            name: &owner.object.name,
            uid: &owner.uid,
        }
    }
}

impl<'r> Scope<'r> {
    fn of(owner: &'r Owner) -> Self {
        Self {
            object: &owner.object,
            uid: &owner.uid,
        }
    }
}

impl Summary {
    /// Counts what finds no room, too.
    fn of(pass: usize, results: &[Outcome<'_>]) -> Self {
        let count = |status: Status| results.iter().filter(|outcome| outcome.status == status).count();
        Self {
            pass,
            fail: count(Status::Fail),
            warn: count(Status::Warn),
            error: count(Status::Error),
            skip: count(Status::Skip),
        }
    }
}

#[cfg(test)]
#[path = "document_tests.rs"]
mod tests;
