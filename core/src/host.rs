//! The version of the host cluster's Kubernetes, for what one version does and another does not.

use alloc::format;
use alloc::string::String;
use core::fmt;
use core::str::FromStr;

/// A version of Kubernetes. Patch releases and what vendors add behind them decide nothing here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct KubeVersion {
    major: u32,
    minor: u32,
}

/// A text that is no version of Kubernetes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("it is no version of Kubernetes, which looks like 1.30, v1.36.3 or 1.29.4-eks-a1b2c3d")]
pub struct NoVersion;

impl KubeVersion {
    /// A `StatefulSet` may have its claims deleted (k8s: `StatefulSetAutoDeletePVC`, on since); before, the API server drops
    /// the field, and the chart renders none.
    pub const CLAIM_RETENTION: Self = Self::new(1, 27);
    /// Budgets may let unhealthy pods go (k8s: `PDBUnhealthyPodEvictionPolicy`, on since).
    pub const UNHEALTHY_POD_EVICTION: Self = Self::new(1, 27);
    /// Spread constraints may have matchLabelKeys (k8s: `MatchLabelKeysInPodTopologySpread`, on since).
    pub const SPREAD_MATCH_LABEL_KEYS: Self = Self::new(1, 27);
    /// `spec.revisionHistoryLimit` of a `StatefulSet` may change (k8s: `pkg/apis/apps/validation/validation.go`: 1.33.5 has
    /// it in its list; issue 130263 has the refusals of 1.31 and 1.32).
    pub const REVISION_HISTORY_CHANGES: Self = Self::new(1, 33);
    /// The pod template of a `StatefulSet` is validated (k8s: pull request 131790; 1.33.5 does not, 1.34.1 does).
    pub const TEMPLATES_VALIDATED: Self = Self::new(1, 34);

    const fn new(major: u32, minor: u32) -> Self {
        Self { major, minor }
    }
}

impl FromStr for KubeVersion {
    type Err = NoVersion;

    /// As leniently as Helm takes it: `v` before it or not, with or without a patch release.
    fn from_str(text: &str) -> Result<Self, NoVersion> {
        let version = text.strip_prefix('v').unwrap_or(text);
        // `1.30+` is how some vendors' API servers tell their minor version.
        let end = version.find(['-', '+']).unwrap_or(version.len());
        let (numbers, _) = version.split_at_checked(end).ok_or(NoVersion)?;
        let mut parts = numbers.split('.').map(number);
        let (major, minor) = (parts.next().ok_or(NoVersion)??, parts.next().ok_or(NoVersion)??);
        let patch = parts.next().transpose()?;
        match (patch, parts.next()) {
            (None | Some(_), None) => Ok(Self { major, minor }),
            _ => Err(NoVersion),
        }
    }
}

fn number(text: &str) -> Result<u32, NoVersion> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits).ok_or(NoVersion)
}

impl fmt::Display for KubeVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// What becomes of a `StatefulSet` (`Deployment`s have always been refused) whose pods the API server would refuse.
/// Nothing where the version is not known: then the row of a rule has words for both.
#[must_use]
pub fn refusal(host: Option<KubeVersion>, is_stateful_set: bool) -> Option<String> {
    let host = host?;
    Some(if !is_stateful_set {
        String::from("the API server refuses the Deployment")
    } else if host >= KubeVersion::TEMPLATES_VALIDATED {
        format!("Kubernetes {host} refuses the StatefulSet")
    } else {
        format!("Kubernetes {host} accepts the StatefulSet, and then refuses every pod of it (FailedCreate)")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("1.30", 1, 30)]
    #[case("v1.36.3", 1, 36)]
    #[case("1.29.4-eks-a1b2c3d", 1, 29)]
    #[case("v1.30.2-gke.1587003", 1, 30)]
    #[case("1.31.1+k3s1", 1, 31)]
    #[case("1.30+", 1, 30)]
    fn versions_are_read_as_helm_reads_them(#[case] text: &str, #[case] major: u32, #[case] minor: u32) {
        assert_eq!(text.parse(), Ok(KubeVersion::new(major, minor)));
    }

    #[rstest]
    #[case("")]
    #[case("1")]
    #[case("v")]
    #[case("latest")]
    #[case("1.x")]
    #[case("1.30.")]
    #[case("1.30.1.2")]
    #[case("1.+30")]
    #[case("-1.30")]
    #[case("1.99999999999")]
    fn what_is_no_version_is_refused(#[case] text: &str) {
        assert_eq!(text.parse::<KubeVersion>(), Err(NoVersion));
    }

    #[test]
    fn versions_are_compared_by_their_numbers() {
        assert!(KubeVersion::new(1, 9) < KubeVersion::new(1, 30));
    }
}
