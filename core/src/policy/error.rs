//! Why a policy is refused, and where it says so.

use alloc::format;
use alloc::string::String;

use crate::exemption::grant::ExemptionError;

/// Why a policy is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum PolicyError {
    #[error("version is {0}; this program reads version 1")]
    Version(u32),
    #[error("{0}: there is no rule \"{1}\" (see `vcluster-guard rules`)")]
    UnknownRule(String, String),
    #[error("lookups.deadline is \"{0}\"; write a duration such as 1s or 500ms")]
    Deadline(String),
    #[error("scheduling.{0} is {1}; {2}")]
    Scheduling(&'static str, i64, &'static str),
    #[error("exemptions.list[{0}]: {1}")]
    Exemption(usize, ExemptionError),
    #[error("namespaces[{0}].match is empty; give names or labels")]
    EmptyMatch(usize),
}

impl PolicyError {
    /// Where it stands in the policy file, as a JSON pointer.
    #[must_use]
    pub fn pointer(&self) -> String {
        match self {
            Self::Version(_) => "/version".into(),
            Self::UnknownRule(place, id) => {
                format!("{}/{}", pointer(place), id.replace('~', "~0").replace('/', "~1"))
            }
            Self::Deadline(_) => "/lookups/deadline".into(),
            Self::Scheduling(key, ..) => format!("/scheduling{}", pointer(key)),
            Self::Exemption(index, _) => format!("/exemptions/list/{index}"),
            Self::EmptyMatch(index) => format!("/namespaces/{index}/match"),
        }
    }
}

/// `a[0].b` as a pointer. No key of the format holds a dot or a bracket.
fn pointer(path: &str) -> String {
    format!("/{}", path.replace(['.', '['], "/").replace(']', ""))
}
