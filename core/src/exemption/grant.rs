//! One exemption that counts, and why one does not.

use alloc::string::String;
use alloc::vec::Vec;

use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::object::Release;
use crate::rules;

/// The rules that do not hold, separated by commas.
pub const EXEMPT: &str = "vcluster-guard.dev/exempt";
/// Why; required.
pub const REASON: &str = "vcluster-guard.dev/exempt-reason";
/// Until when, RFC 3339; required.
pub const UNTIL: &str = "vcluster-guard.dev/exempt-until";

/// Seconds since 1970. The clock is the caller's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Now(pub i64);

/// One entry of `exemptions.list` of the policy.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Namespace of the vCluster.
    pub namespace: String,
    /// Its name.
    pub release: String,
    /// Rule ids.
    pub rules: Vec<String>,
    /// RFC 3339.
    pub until: String,
    /// Why.
    pub reason: String,
}

/// An exemption that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    pub(super) rules: Vec<String>,
    /// Why.
    pub reason: String,
    /// RFC 3339.
    pub until: String,
    pub(super) end: Now,
}

/// Why an exemption does not count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum ExemptionError {
    #[error("it gives no reason ({REASON})")]
    NoReason,
    #[error("it has no end ({UNTIL})")]
    NoEnd,
    #[error("its end is no RFC 3339 time such as 2030-01-31T00:00:00Z")]
    BadEnd,
    #[error("it ended at {0}")]
    Ended(String),
    #[error("there is no rule {0:?}")]
    UnknownRule(String),
}

impl Entry {
    /// The vCluster that it is for.
    #[must_use]
    pub fn release(&self) -> Release {
        Release::new(&self.namespace, &self.release)
    }
}

impl Grant {
    /// An exemption, if it counts at that time.
    pub fn new(rules: &[&str], reason: &str, until: &str, now: Now) -> Result<Self, ExemptionError> {
        if let Some(unknown) = rules.iter().find(|id| rules::by_id(id).is_none()) {
            return Err(ExemptionError::UnknownRule((*unknown).into()));
        }
        if reason.trim().is_empty() {
            return Err(ExemptionError::NoReason);
        }
        if until.trim().is_empty() {
            return Err(ExemptionError::NoEnd);
        }
        let end = OffsetDateTime::parse(until.trim(), &Rfc3339).map_err(|_| ExemptionError::BadEnd)?;
        let end = Now(end.unix_timestamp());
        if end <= now {
            return Err(ExemptionError::Ended(until.trim().into()));
        }
        let rules = rules.iter().map(|&id| id.into()).collect();
        Ok(Self {
            rules,
            reason: reason.trim().into(),
            until: until.trim().into(),
            end,
        })
    }

    /// Whether it is for this rule, too.
    pub(super) fn covers(&self, rule: &str) -> bool {
        self.rules.iter().any(|id| id == rule)
    }
}
