//! Exemptions: a rule that does not hold for one vCluster, for a stated reason and until a stated time.
//!
//! By annotation on any object of the release, or in the policy's list; either way for the whole release. One
//! that lacks a reason or an end, names an unknown rule, or has run out does not count, and says so.

mod account;
pub mod grant;

pub use account::{Account, SOON_SECONDS, State, unseen};
pub use grant::{EXEMPT, Entry, ExemptionError, Grant, Now, REASON, UNTIL};

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::case::Subject;
use crate::judge::Judged;
use crate::object::{ObjectRef, Strings};
use crate::policy::Policy;
use crate::rule::Part;
use crate::subject;

/// Where an exemption is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// On these objects of the release, in the same words; Helm writes them on all of them.
    Annotations(Vec<ObjectRef>),
    /// At this place of `exemptions.list` of the policy, counted from 0.
    Policy(usize),
}

/// One exemption as it is written, and whether it counts.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Claim {
    source: Source,
    rules: Vec<String>,
    reason: String,
    until: String,
    grant: Result<Grant, ExemptionError>,
}

/// What is said of exemptions: those that count, and why others do not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exemptions {
    claims: Vec<Claim>,
    now: Now,
}

impl Exemptions {
    /// All exemptions of one vCluster that are at hand. Annotations are taken at their word: that only those write
    /// them who may is seen to when they are written ([`writes_annotations`]).
    #[must_use]
    pub fn of(subject: &Subject, policy: &Policy, now: Now) -> Self {
        let mut all = Self {
            claims: Vec::new(),
            now,
        };
        for (place, entry) in policy.exemptions.list.iter().enumerate() {
            if entry.release() == subject.release {
                let rules = entry.rules.iter().map(String::as_str).collect();
                all.add(Source::Policy(place), rules, &entry.reason, &entry.until);
            }
        }
        if policy.exemptions.annotations {
            for (part, annotations) in annotations(&subject.now) {
                all.annotated(subject.object(part), annotations);
            }
        }
        all
    }

    fn annotated(&mut self, object: ObjectRef, annotations: &Strings) {
        let Some(rules) = annotations.get(EXEMPT) else { return };
        let rules: Vec<&str> = rules.split(',').map(str::trim).filter(|id| !id.is_empty()).collect();
        let text = |key: &str| annotations.get(key).map(String::as_str).unwrap_or_default();
        let (reason, until) = (text(REASON), text(UNTIL));
        let mut same = self.claims.iter_mut().filter_map(|claim| match &mut claim.source {
            Source::Annotations(objects) => {
                (claim.rules == rules && claim.reason == reason && claim.until == until).then_some(objects)
            }
            Source::Policy(_) => None,
        });
        match same.next() {
            Some(objects) => objects.push(object),
            None => self.add(Source::Annotations([object].into()), rules, reason, until),
        }
    }

    fn add(&mut self, source: Source, rules: Vec<&str>, reason: &str, until: &str) {
        self.claims.push(Claim {
            source,
            grant: Grant::new(&rules, reason, until, self.now),
            rules: rules.into_iter().map(String::from).collect(),
            reason: reason.trim().into(),
            until: until.trim().into(),
        });
    }

    /// Why one was not honoured, one line each.
    #[must_use]
    pub fn refused(&self) -> Vec<String> {
        let line = |claim: &Claim| {
            let source = match claim.source {
                Source::Policy(_) => "the policy",
                Source::Annotations(_) => "an annotation",
            };
            let error = claim.grant.as_ref().err()?;
            Some(format!("the exemption by {source} does not count: {error}"))
        };
        self.claims.iter().filter_map(line).collect()
    }

    fn grant(&self, rule: &str) -> Option<&Grant> {
        let mut grants = self.claims.iter().filter_map(|claim| claim.grant.as_ref().ok());
        grants.find(|grant| grant.covers(rule))
    }

    /// Marks the findings that are exempt, and takes away undecided rules that are.
    pub fn apply(&self, judged: &mut Judged) {
        for finding in &mut judged.findings {
            finding.exempt = self.grant(finding.rule.id).cloned();
        }
        judged
            .undecided
            .retain(|undecided| self.grant(undecided.rule.id).is_none());
    }
}

/// Whether a request writes an exemption, or changes one. To remove one is everybody's right. To be asked before
/// anything is looked up, while the subject holds the request's own object alone.
#[must_use]
pub fn writes_annotations(subject: &Subject) -> bool {
    let before: Vec<&Strings> = subject
        .before
        .iter()
        .flat_map(annotations)
        .map(|(_, written)| written)
        .collect();
    let was = |key: &str| before.iter().find_map(|annotations| annotations.get(key));
    let writes = |annotations: &Strings| {
        let written = [EXEMPT, REASON, UNTIL]
            .into_iter()
            .filter_map(|key| Some((key, annotations.get(key)?)));
        written.into_iter().any(|(key, value)| was(key) != Some(value))
    };
    annotations(&subject.now).any(|(_, written)| writes(written))
}

/// The annotations of every object of the release that is at hand.
fn annotations(state: &subject::State) -> impl Iterator<Item = (Part, &Strings)> {
    let parts = [
        (Part::Config, state.config.known().map(|secret| &secret.metadata)),
        (
            Part::Workload,
            state.workload.known().map(|workload| &workload.metadata),
        ),
        (Part::Etcd, state.etcd.known().map(|etcd| &etcd.metadata)),
        (Part::Budget, state.budget.known().map(|budget| &budget.metadata)),
        (
            Part::EtcdBudget,
            state.etcd_budget.known().map(|budget| &budget.metadata),
        ),
    ];
    parts
        .into_iter()
        .filter_map(|(part, metadata)| Some((part, &metadata?.annotations)))
}
