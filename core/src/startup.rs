//! What ends a vCluster's process at its start, as far as the config alone decides it.

use crate::{
    config::{Config, key},
    store::Store,
};

/// Why the process exits before it starts anything (vcluster: pkg/config/validation.go).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StartupError {
    /// Every replica would have a database of its own.
    #[error("the embedded database is not supported with {replicas} replicas")]
    EmbeddedDatabaseReplicas {
        /// As configured.
        replicas: i64,
    },
    /// Kubernetes takes one of the two.
    #[error("minAvailable and maxUnavailable cannot be used together in a podDisruptionBudget")]
    BothBudgets,
}

/// Why leader election refuses its timings (client-go: tools/leaderelection/leaderelection.go `NewLeaderElector`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TimingError {
    /// The lease would run out while it is still being renewed.
    #[error("leaseDuration must be greater than renewDeadline")]
    LeaseNotAboveRenew,
    /// Not even one retry would fit.
    #[error("renewDeadline must be greater than 1.2 times retryPeriod")]
    RenewNotAboveRetry,
    /// Zero or less.
    #[error("leaseDuration, renewDeadline and retryPeriod must each be at least 1")]
    NotPositive,
}

/// What a start of this config stops at.
pub fn validate(config: &Config) -> Result<(), StartupError> {
    let replicas = config.int(key::REPLICAS);
    if Store::of(config) == Store::EmbeddedDatabase && replicas > 1 {
        return Err(StartupError::EmbeddedDatabaseReplicas { replicas });
    }
    let set = |key| !config.any(key).is_null();
    // Any value counts as set, also 0, false and "", but only of a budget that is enabled.
    if config.flag(key::PDB_ENABLED) && set(key::PDB_MIN_AVAILABLE) && set(key::PDB_MAX_UNAVAILABLE) {
        return Err(StartupError::BothBudgets);
    }
    Ok(())
}

/// Lease duration, renew deadline and retry period of a config, in seconds.
#[must_use]
pub fn lease(config: &Config) -> [i64; 3] {
    [key::LEASE_DURATION, key::RENEW_DEADLINE, key::RETRY_PERIOD].map(|key| config.int(key))
}

/// Whether leader election would start with these seconds. It only matters with more than one replica.
pub fn leader_timings(lease: i64, renew: i64, retry: i64) -> Result<(), TimingError> {
    /// client-go's `JitterFactor`
    const JITTER: f64 = 1.2;
    let [lease, renew, retry] = [lease, renew, retry].map(nanoseconds);
    if lease <= renew {
        return Err(TimingError::LeaseNotAboveRenew);
    }
    // Go multiplies floats and cuts the fraction off; exactly 1.2 times is refused too.
    #[expect(clippy::cast_precision_loss, reason = "as in Go")]
    let bound = truncated(JITTER * retry as f64);
    if renew <= bound {
        return Err(TimingError::RenewNotAboveRetry);
    }
    if lease < 1 || renew < 1 || retry < 1 {
        return Err(TimingError::NotPositive);
    }
    Ok(())
}

/// Go's conversion on amd64: what does not fit becomes the smallest integer.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "the range is checked"
)]
fn truncated(value: f64) -> i64 {
    if value.abs() < i64::MAX as f64 {
        value as i64
    } else {
        i64::MIN
    }
}

/// Go's `time.Duration(seconds) * time.Second`, which wraps around.
fn nanoseconds(seconds: i64) -> i64 {
    seconds.wrapping_mul(1_000_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(text: &str) -> Result<(), StartupError> {
        validate(&Config::parse(text.as_bytes()).unwrap())
    }

    #[test]
    fn one_sqlite_has_one_replica() {
        let replicas = "controlPlane: {statefulSet: {highAvailability: {replicas: 3}}";
        assert_eq!(
            start(&alloc::format!("{replicas}}}")),
            Err(StartupError::EmbeddedDatabaseReplicas { replicas: 3 })
        );
        let etcd = ", backingStore: {etcd: {embedded: {enabled: true}}}}";
        assert_eq!(start(&alloc::format!("{replicas}{etcd}")), Ok(()));
    }

    #[test]
    fn any_value_of_an_enabled_budget_counts() {
        let both = |enabled: bool, max: &str| {
            start(&alloc::format!(
                "controlPlane: {{advanced: {{podDisruptionBudget: {{enabled: {enabled}, minAvailable: 0, maxUnavailable: {max}}}}}}}"
            ))
        };
        assert_eq!(both(true, "1"), Err(StartupError::BothBudgets));
        assert_eq!(both(true, "''"), Err(StartupError::BothBudgets));
        assert_eq!(both(true, "null"), Ok(()));
        assert_eq!(both(false, "1"), Ok(()));
    }

    #[test]
    fn the_defaults_elect_a_leader() {
        assert_eq!(leader_timings(60, 40, 15), Ok(()));
    }

    #[test]
    fn exactly_one_point_two_is_refused() {
        assert_eq!(leader_timings(60, 18, 15), Err(TimingError::RenewNotAboveRetry));
        assert_eq!(leader_timings(60, 19, 15), Ok(()));
    }

    #[test]
    fn a_lease_must_outlive_its_renewal() {
        assert_eq!(leader_timings(40, 40, 15), Err(TimingError::LeaseNotAboveRenew));
        assert_eq!(leader_timings(0, 0, 0), Err(TimingError::LeaseNotAboveRenew));
        assert_eq!(leader_timings(2, 1, 0), Err(TimingError::NotPositive));
    }

    #[test]
    fn seconds_that_overflow_are_refused() {
        assert_eq!(
            leader_timings(9_223_372_037, 40, 15),
            Err(TimingError::LeaseNotAboveRenew)
        );
    }
}
