//! Leader election: its timings, in the values or, in charts up to 0.19, in flags.

use alloc::format;
use alloc::vec::Vec;

use crate::case::legacy::{ARGS, Legacy};
use crate::case::{Case, Places};
use crate::config::key::{self, Int, Key};
use crate::remedy::Change;
use crate::rule::{Family, Found, Judgement, Need, Part, Rule, Severity};
use crate::startup;

/// Lease timings that client-go refuses.
pub const HA_LEADER_TIMINGS: Rule = Rule {
    id: "ha-leader-timings",
    title: "Leader-election timings that do not fit together",
    family: Family::Replicas,
    severity: Severity::Deny,
    places: Places::CONFIG.and(Places::WORKLOAD),
    needs: &[],
    consequence: "client-go refuses to start the leader election and every replica exits",
    fix: "keep leaseDuration > renewDeadline > 1.2 x retryPeriod and retryPeriod at least 1 (defaults 60, 40, 15)",
    why: "client-go: tools/leaderelection/leaderelection.go NewLeaderElector; vcluster: \
          pkg/leaderelection/leaderelection.go:67. Exactly 1.2 x is refused too; with one replica nothing is elected.",
    judge: ha_leader_timings,
};

/// Lease duration, renew deadline and retry period: the key, the flag of charts up to 0.19, and every chart's default.
const TIMINGS: [(Key<Int>, &str, i64); 3] = [
    (key::LEASE_DURATION, "--lease-duration", 60),
    (key::RENEW_DEADLINE, "--renew-deadline", 40),
    (key::RETRY_PERIOD, "--retry-period", 15),
];

/// Above this many seconds a takeover takes unreasonably long: nobody releases the lease on exit.
const LONG_LEASE_SECONDS: i64 = 300;

/// How leaders are elected.
struct Election {
    /// Lease duration, renew deadline and retry period, in seconds.
    timings: [i64; 3],
    takes_place: bool,
    part: Part,
    /// Where all three are set, and where the first is.
    paths: [&'static str; 2],
}

impl Election {
    fn of_values(case: &Case<'_>) -> Result<Self, Need> {
        Ok(Self {
            timings: [
                case.int(key::LEASE_DURATION)?,
                case.int(key::RENEW_DEADLINE)?,
                case.int(key::RETRY_PERIOD)?,
            ],
            takes_place: case.configured_replicas()? > 1,
            part: Part::Config,
            paths: ["controlPlane.statefulSet.highAvailability", key::LEASE_DURATION.path],
        })
    }

    /// The flags of the charts up to 0.19, the last of which says whether a leader is elected at all.
    fn of_flags(case: &Case<'_>, legacy: &Legacy<'_>) -> Self {
        const ELECT: &str = "--leader-elect";
        let syncer = legacy.syncer;
        let elects = syncer.has_flag(ELECT) && syncer.flag(ELECT) != Some("false");
        Self {
            timings: TIMINGS.map(|(_, flag, default)| {
                let set = syncer.flag(flag).and_then(|seconds| seconds.parse().ok());
                case.saw(flag, set.unwrap_or(default))
            }),
            takes_place: case.saw(ELECT, elects),
            part: Part::Workload,
            paths: [ARGS, ARGS],
        }
    }

    /// The chart's own timings, where others are set.
    fn defaults(&self) -> Vec<Change> {
        let others = TIMINGS
            .into_iter()
            .zip(self.timings)
            .filter(|((_, _, default), set)| self.part == Part::Config && default != set);
        others
            .map(|((key, _, default), _)| Change::set(key.path, default))
            .collect()
    }
}

fn ha_leader_timings(case: &Case<'_>) -> Judgement {
    let election = if case.places.meets(Places::CONFIG) {
        Election::of_values(case)?
    } else {
        // Charts from 0.20 on say it in the values, and are told there.
        let Some(legacy) = case.legacy_at_hand() else {
            return Ok(None);
        };
        Election::of_flags(case, &legacy)
    };
    let [lease, renew, retry] = election.timings;
    let [all, first] = election.paths;
    if let Err(error) = startup::leader_timings(lease, renew, retry) {
        let message = format!("{error}, but they are {lease}, {renew} and {retry}");
        let found = Found::new(election.part, all, message).remedy(election.defaults());
        return Ok(Some(if election.takes_place {
            found
        } else {
            found
                .severity(Severity::Warn)
                .consequence("nothing with one replica; with more, every replica exits")
        }));
    }
    if lease <= LONG_LEASE_SECONDS {
        return Ok(None);
    }
    let message = format!("leaseDuration is {lease} seconds");
    let found = Found::new(election.part, first, message).severity(Severity::Warn);
    Ok(Some(
        found
            .consequence("after the leader is lost, the next one waits for a whole lease")
            .fix("choose a leaseDuration of at most 300 (default 60)"),
    ))
}
