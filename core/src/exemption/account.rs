//! What becomes of exemptions: which are used, which cover nothing, which soon end, and which never counted.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::judge::{Say, say};
use crate::object::{ObjectRef, Release};
use crate::policy::{Policy, Settings};
use crate::rule::Severity;
use crate::rules;
use crate::subject::Subject;

use super::{Claim, Entry, ExemptionError, Exemptions, Grant, Source};

/// An exemption that ends within two weeks ends soon, where nobody says otherwise.
pub const SOON_SECONDS: i64 = 14 * 24 * 60 * 60;

/// One exemption of one vCluster, and what it does at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Where it is written.
    pub source: Source,
    /// The ids of its rules, as written.
    pub rules: Vec<String>,
    /// Why; empty where none is given.
    pub reason: String,
    /// Until when, as written.
    pub until: String,
    /// What it does.
    pub state: State,
}

/// What an exemption does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It covers at least one finding.
    Used,
    /// Each of its rules was asked and finds nothing.
    Unused,
    /// It covers no finding, but a rule of it lacks a fact, or how it was before: it may be needed yet.
    Untold,
    /// It counts and is not unused, and ends in so many seconds.
    Expiring(i64),
    /// It counted, until its end.
    Expired,
    /// It never counted.
    Invalid(ExemptionError),
}

impl State {
    /// For programs: `used`, `unused`, `untold`, `expiring`, `expired` or `invalid`.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Used => "used",
            Self::Unused => "unused",
            Self::Untold => "untold",
            Self::Expiring(_) => "expiring",
            Self::Expired => "expired",
            Self::Invalid(_) => "invalid",
        }
    }

    /// What to do about it; empty where nothing is to be done.
    #[must_use]
    pub fn fix(&self) -> &'static str {
        match self {
            Self::Used | Self::Untold => "",
            Self::Unused => "remove it, unless it is for something to come",
            Self::Expiring(_) => "mend what it covers before that, or give it a later end",
            Self::Expired => "remove it, or give it a later end",
            Self::Invalid(_) => "correct it, or remove it",
        }
    }

    /// Whether somebody should do something about it.
    #[must_use]
    pub fn is_worth_a_note(&self) -> bool {
        !matches!(self, Self::Used | Self::Untold)
    }
}

impl Exemptions {
    /// What each exemption does, in the order of the policy and then of the objects. `settings` are those of the
    /// vCluster's namespace: a rule that is off there finds nothing to cover. `soon` is in seconds.
    #[must_use]
    pub fn accounts(&self, subject: &Subject, settings: &Settings<'_>, soon: i64) -> Vec<Account> {
        let account = |claim: &Claim| Account {
            source: claim.source.clone(),
            rules: claim.rules.clone(),
            reason: claim.reason.clone(),
            until: claim.until.clone(),
            state: match &claim.grant {
                Ok(grant) => self.state(grant, subject, settings, soon),
                Err(ExemptionError::Ended(_)) => State::Expired,
                Err(error) => State::Invalid(error.clone()),
            },
        };
        self.claims.iter().map(account).collect()
    }

    fn state(&self, grant: &Grant, subject: &Subject, settings: &Settings<'_>, soon: i64) -> State {
        let left = grant.end.0.saturating_sub(self.now.0);
        let said: Vec<Say> = grant.rules.iter().map(|id| said(id, subject, settings)).collect();
        if said.iter().all(|say| *say == Say::Clears) {
            State::Unused
        } else if left <= soon {
            State::Expiring(left)
        } else if said.contains(&Say::Finds) {
            State::Used
        } else {
            State::Untold
        }
    }
}

fn said(id: &str, subject: &Subject, settings: &Settings<'_>) -> Say {
    match rules::by_id(id) {
        Some(rule) if settings.severity(rule, Severity::Deny).is_some() => say(rule, subject, &settings.policy.images),
        _ => Say::Clears,
    }
}

/// `the exemption of RULES by the policy (exemptions.list[0]) …`
impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { source, until, .. } = self;
        // A terminal shows this, and anybody may have written it.
        let rules = self.rules.join(", ");
        write!(f, "the exemption of {} by {source} ", rules.escape_debug())?;
        match &self.state {
            State::Used => write!(f, "is used, until {until}"),
            State::Unused => write!(f, "covers nothing now"),
            State::Untold => write!(f, "covers nothing that can be seen here, until {until}"),
            State::Expiring(left) => write!(f, "ends in {} at {until}", days(*left)),
            State::Expired => write!(f, "does not count: it ended at {until}"),
            State::Invalid(error) => write!(f, "does not count: {error}"),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Policy(place) => write!(f, "the policy (exemptions.list[{place}])"),
            Self::Annotations(objects) => {
                let named = |object: &ObjectRef| format!("{} {}", object.kind, object.name);
                let objects: Vec<String> = objects.iter().map(named).collect();
                write!(f, "annotation on {}", objects.join(", "))
            }
        }
    }
}

/// Rounded down; what is less than a day is told in hours.
fn days(seconds: i64) -> String {
    const HOUR: i64 = 60 * 60;
    match seconds / HOUR {
        0 => "less than an hour".into(),
        hours @ 1..48 => rules::counted(hours, "hour"),
        hours => rules::counted(hours / 24, "day"),
    }
}

/// The entries of the policy's list, with their places, that are for a vCluster that was not seen at all: misspelt,
/// or long deleted. `seen` are all vClusters; whoever saw some namespaces alone leaves out the others' entries.
pub fn unseen<'a>(policy: &'a Policy, seen: &'a BTreeSet<Release>) -> impl Iterator<Item = (usize, &'a Entry)> {
    let entries = policy.exemptions.list.iter().enumerate();
    entries.filter(|(_, entry)| !seen.contains(&entry.release()))
}

#[cfg(test)]
mod tests;
