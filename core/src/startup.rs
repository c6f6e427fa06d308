//! TEMPORARY until the config reader lands.
/// timings
#[derive(Debug, Clone, Copy)]
#[expect(missing_docs)]
pub struct LeaderTimings {
    pub lease_duration: i64,
    pub renew_deadline: i64,
    pub retry_period: i64,
}
/// e
#[derive(Debug, thiserror::Error)]
#[error("leaseDuration {l}, renewDeadline {d} and retryPeriod {r} do not fit together")]
#[expect(missing_docs)]
pub struct TimingError {
    l: i64,
    d: i64,
    r: i64,
}
/// check
pub fn leader_timings(t: LeaderTimings) -> Result<(), TimingError> {
    let ok = t.lease_duration > t.renew_deadline && t.renew_deadline * 10 > 12 * t.retry_period && t.retry_period >= 1;
    if ok {
        Ok(())
    } else {
        Err(TimingError {
            l: t.lease_duration,
            d: t.renew_deadline,
            r: t.retry_period,
        })
    }
}
