//! The series of a long-running audit: what its last run found, and how its runs go.

use std::collections::BTreeMap;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use vcluster_guard_core::rule::Severity;
use vcluster_guard_core::rules;

/// From a handful of vClusters to tens of thousands.
const RUN_SECONDS: [f64; 8] = [0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 180.0, 600.0];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Finding {
    rule: &'static str,
    severity: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Result {
    result: &'static str,
}

/// What a run came to.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) vclusters: usize,
    /// How many findings of each rule in each severity.
    pub(crate) findings: BTreeMap<(&'static str, &'static str), usize>,
    /// How many times a rule lacked a fact.
    pub(crate) undecided: usize,
    /// How many things could not be read.
    pub(crate) incomplete: usize,
}

/// The series of the audit.
#[derive(Debug)]
pub(crate) struct Audit {
    findings: Family<Finding, Gauge>,
    vclusters: Gauge,
    undecided: Gauge,
    incomplete: Gauge,
    last_run: Gauge,
    last_complete_run: Gauge,
    durations: Histogram,
    runs: Family<Result, Counter>,
    reports: Family<Result, Counter>,
}

impl Audit {
    /// Fresh series in `registry`.
    pub(super) fn register(registry: &mut Registry) -> Self {
        let audit = Self {
            findings: Family::default(),
            vclusters: Gauge::default(),
            undecided: Gauge::default(),
            incomplete: Gauge::default(),
            last_run: Gauge::default(),
            last_complete_run: Gauge::default(),
            durations: Histogram::new(RUN_SECONDS),
            runs: Family::default(),
            reports: Family::default(),
        };
        audit.register_state(registry);
        registry.register_with_unit(
            "audit_last_run_timestamp",
            "When the last run ended, whatever it came to; 0 before the first",
            Unit::Seconds,
            audit.last_run.clone(),
        );
        registry.register_with_unit(
            "audit_last_complete_run_timestamp",
            "When the last run ended that read everything; 0 before the first",
            Unit::Seconds,
            audit.last_complete_run.clone(),
        );
        registry.register_with_unit(
            "audit_duration",
            "Time from the start of a run to its end, reports included",
            Unit::Seconds,
            audit.durations.clone(),
        );
        registry.register("audit_runs", "Runs by what they came to", audit.runs.clone());
        registry.register(
            "audit_reports",
            "Reports in the cluster by what became of them in a run",
            audit.reports.clone(),
        );
        audit
    }

    fn register_state(&self, registry: &mut Registry) {
        registry.register(
            "audit_findings",
            "Findings of the last run by rule",
            self.findings.clone(),
        );
        registry.register(
            "audit_vclusters",
            "vClusters that the last run judged",
            self.vclusters.clone(),
        );
        registry.register(
            "audit_undecided",
            "Rules that lacked a fact in the last run, once a vCluster",
            self.undecided.clone(),
        );
        registry.register(
            "audit_incomplete",
            "Things that the last run was to read and could not; above 0 the run is incomplete",
            self.incomplete.clone(),
        );
    }

    /// A run ended at `now` (Unix seconds). A series that was there stays, at 0.
    pub(crate) fn run(&self, run: &Run, took: Duration, now: i64) {
        for rule in rules::TABLE {
            for severity in [Severity::Deny, Severity::Warn, Severity::Info] {
                let severity = severity.as_str();
                let series = Finding {
                    rule: rule.id,
                    severity,
                };
                match run.findings.get(&(rule.id, severity)) {
                    Some(&count) => set(&self.findings.get_or_create(&series), count),
                    None => {
                        if let Some(gauge) = self.findings.get(&series) {
                            gauge.set(0);
                        }
                    }
                }
            }
        }
        set(&self.vclusters, run.vclusters);
        set(&self.undecided, run.undecided);
        set(&self.incomplete, run.incomplete);
        self.last_run.set(now);
        let complete = run.incomplete == 0;
        if complete {
            self.last_complete_run.set(now);
        }
        self.durations.observe(took.as_secs_f64());
        let result = if complete { "complete" } else { "incomplete" };
        self.runs.get_or_create(&Result { result }).inc();
    }

    /// So many reports were `written`, `unchanged`, `left`, `removed` or `failed` in a run.
    pub(crate) fn reports(&self, result: &'static str, count: usize) {
        self.reports
            .get_or_create(&Result { result })
            .inc_by(u64::try_from(count).unwrap_or(u64::MAX));
    }
}

fn set(gauge: &Gauge, count: usize) {
    gauge.set(i64::try_from(count).unwrap_or(i64::MAX));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Metrics;

    fn run(findings: &[((&'static str, &'static str), usize)], incomplete: usize) -> Run {
        Run {
            vclusters: 3,
            findings: findings.iter().copied().collect(),
            undecided: 1,
            incomplete,
        }
    }

    fn assert_lines(metrics: &Metrics, lines: &[&str]) {
        let text = metrics.text().unwrap();
        for line in lines {
            assert!(text.lines().any(|other| other == *line), "{line} is not in\n{text}");
        }
    }

    #[test]
    fn the_names_are_those_of_the_contract() {
        let (metrics, audit) = Metrics::with_audit();
        audit.run(
            &run(&[(("ha-embedded-db", "deny"), 2)], 0),
            Duration::from_millis(20),
            42,
        );
        audit.reports("written", 3);
        assert_lines(
            &metrics,
            &[
                r#"vcluster_guard_audit_findings{rule="ha-embedded-db",severity="deny"} 2"#,
                "vcluster_guard_audit_vclusters 3",
                "vcluster_guard_audit_undecided 1",
                "vcluster_guard_audit_incomplete 0",
                "vcluster_guard_audit_last_run_timestamp_seconds 42",
                "vcluster_guard_audit_last_complete_run_timestamp_seconds 42",
                "vcluster_guard_audit_duration_seconds_count 1",
                r#"vcluster_guard_audit_runs_total{result="complete"} 1"#,
                r#"vcluster_guard_audit_reports_total{result="written"} 3"#,
            ],
        );
    }

    #[test]
    fn an_incomplete_run_leaves_the_time_of_the_last_complete_one_and_mended_findings_go_to_zero() {
        let (metrics, audit) = Metrics::with_audit();
        let before = [(("ha-embedded-db", "deny"), 2), (("lg-eol", "warn"), 1)];
        audit.run(&run(&before, 0), Duration::from_millis(20), 42);
        audit.run(&run(&[(("lg-eol", "warn"), 4)], 2), Duration::from_millis(20), 60);
        assert_lines(
            &metrics,
            &[
                r#"vcluster_guard_audit_findings{rule="ha-embedded-db",severity="deny"} 0"#,
                r#"vcluster_guard_audit_findings{rule="lg-eol",severity="warn"} 4"#,
                "vcluster_guard_audit_incomplete 2",
                "vcluster_guard_audit_last_run_timestamp_seconds 60",
                "vcluster_guard_audit_last_complete_run_timestamp_seconds 42",
                r#"vcluster_guard_audit_runs_total{result="incomplete"} 1"#,
            ],
        );
    }

    #[test]
    fn the_server_has_none_of_them() {
        assert!(!Metrics::new().text().unwrap().contains("audit"));
    }
}
