//! Counters and gauges for operators. No object names as labels: the number of series is bounded by this program.

mod audit;

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

pub(crate) use audit::{Audit, Run};

/// From a tenth of a millisecond (an 8 KB review) to the deadline of a call.
const ADMISSION_SECONDS: [f64; 10] = [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.01, 0.05, 0.25, 1.0, 5.0];
const LOOKUP_SECONDS: [f64; 7] = [0.001, 0.002_5, 0.005, 0.01, 0.05, 0.25, 1.0];

/// What one admission call was and how it ended.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Admission {
    /// `/validate` or `/mutate`.
    pub(crate) path: &'static str,
    /// One of the kinds we judge, or `other`: see [`kind`].
    pub(crate) kind: &'static str,
    pub(crate) operation: &'static str,
    pub(crate) verdict: &'static str,
    pub(crate) dry_run: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Door {
    path: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Finding {
    rule: &'static str,
    severity: &'static str,
    verdict: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Rule {
    rule: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Lookup {
    resource: &'static str,
    result: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Which {
    which: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Reload {
    result: &'static str,
}

/// All series of this process.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    admissions: Family<Admission, Counter>,
    durations: Family<Door, Histogram, fn() -> Histogram>,
    findings: Family<Finding, Counter>,
    undecided: Family<Rule, Counter>,
    lookups: Family<Lookup, Histogram, fn() -> Histogram>,
    certificates: Family<Which, Gauge>,
    certificate_reloads: Family<Reload, Counter>,
    config_reloads: Family<Reload, Counter>,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("vcluster_guard"),
            admissions: Family::default(),
            durations: Family::new_with_constructor(|| Histogram::new(ADMISSION_SECONDS)),
            findings: Family::default(),
            undecided: Family::default(),
            lookups: Family::new_with_constructor(|| Histogram::new(LOOKUP_SECONDS)),
            certificates: Family::default(),
            certificate_reloads: Family::default(),
            config_reloads: Family::default(),
        };
        metrics.register();
        metrics
    }

    /// Those of a long-running audit, too.
    pub(crate) fn with_audit() -> (Self, Audit) {
        let mut metrics = Self::new();
        let audit = Audit::register(&mut metrics.registry);
        (metrics, audit)
    }

    fn register(&mut self) {
        let registry = &mut self.registry;
        registry.register(
            "admission_requests",
            "Admission calls by how they ended",
            self.admissions.clone(),
        );
        registry.register_with_unit(
            "admission_duration",
            "Time from the head of an admission call to its answer",
            Unit::Seconds,
            self.durations.clone(),
        );
        registry.register(
            "findings",
            "Findings by rule and what came of them",
            self.findings.clone(),
        );
        registry.register("undecided", "Rules that lacked a fact", self.undecided.clone());
        registry.register_with_unit(
            "lookup_duration",
            "Time of one look-up at the apiserver",
            Unit::Seconds,
            self.lookups.clone(),
        );
        registry.register_with_unit(
            "certificate_not_after_timestamp",
            "When the certificate that is served expires",
            Unit::Seconds,
            self.certificates.clone(),
        );
        registry.register(
            "certificate_reload",
            "Changes of the certificate files",
            self.certificate_reloads.clone(),
        );
        registry.register(
            "config_reload",
            "Changes of the policy file",
            self.config_reloads.clone(),
        );
        let build = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "What is running", build);
    }

    /// One admission call ended.
    pub(crate) fn admission(&self, admission: &Admission, took: Duration) {
        self.admissions.get_or_create(admission).inc();
        self.durations
            .get_or_create(&Door { path: admission.path })
            .observe(took.as_secs_f64());
    }

    /// A rule found something in an admission call; `verdict` is what came of it.
    pub(crate) fn finding(&self, rule: &'static str, severity: &'static str, verdict: &'static str) {
        self.findings
            .get_or_create(&Finding {
                rule,
                severity,
                verdict,
            })
            .inc();
    }

    /// A rule lacked a fact.
    pub(crate) fn undecided(&self, rule: &'static str) {
        self.undecided.get_or_create(&Rule { rule }).inc();
    }

    /// One look-up ended: `found`, `absent` or `unknown`.
    pub(crate) fn lookup(&self, resource: &'static str, result: &'static str, took: Duration) {
        self.lookups
            .get_or_create(&Lookup { resource, result })
            .observe(took.as_secs_f64());
    }

    /// The certificate named `which` expires then (Unix seconds).
    pub(crate) fn certificate_not_after(&self, which: &'static str, unix_seconds: i64) {
        self.certificates.get_or_create(&Which { which }).set(unix_seconds);
    }

    /// The certificate files changed; `ok` when the new pair is served.
    pub(crate) fn certificate_reload(&self, ok: bool) {
        self.certificate_reloads
            .get_or_create(&Reload { result: result(ok) })
            .inc();
    }

    /// The policy file changed; `ok` when the new policy holds.
    pub(crate) fn config_reload(&self, ok: bool) {
        self.config_reloads.get_or_create(&Reload { result: result(ok) }).inc();
    }

    /// Everything in the text format of OpenMetrics.
    pub(crate) fn text(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

const fn result(ok: bool) -> &'static str {
    if ok { "success" } else { "failure" }
}

/// The kind as a label: only what can carry a vCluster, so that no caller can make series.
pub(crate) fn kind(kind: &str) -> &'static str {
    match kind {
        "StatefulSet" => "StatefulSet",
        "Deployment" => "Deployment",
        "Scale" => "Scale",
        "Secret" => "Secret",
        "PodDisruptionBudget" => "PodDisruptionBudget",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_those_of_the_contract() {
        let metrics = Metrics::new();
        let admission = Admission {
            path: "/validate",
            kind: kind("Secret"),
            operation: "CREATE",
            verdict: "denied",
            dry_run: "false",
        };
        metrics.admission(&admission, Duration::from_millis(1));
        metrics.finding("ha-embedded-db", "deny", "denied");
        metrics.undecided("etcd-deploy-scale");
        metrics.lookup("secrets", "found", Duration::from_millis(1));
        metrics.certificate_not_after("serving", 42);
        metrics.certificate_reload(true);
        metrics.config_reload(false);
        let text = metrics.text().unwrap();
        for line in [
            r#"vcluster_guard_admission_requests_total{path="/validate",kind="Secret",operation="CREATE",verdict="denied",dry_run="false"} 1"#,
            r#"vcluster_guard_admission_duration_seconds_count{path="/validate"} 1"#,
            r#"vcluster_guard_findings_total{rule="ha-embedded-db",severity="deny",verdict="denied"} 1"#,
            r#"vcluster_guard_undecided_total{rule="etcd-deploy-scale"} 1"#,
            r#"vcluster_guard_lookup_duration_seconds_count{resource="secrets",result="found"} 1"#,
            r#"vcluster_guard_certificate_not_after_timestamp_seconds{which="serving"} 42"#,
            r#"vcluster_guard_certificate_reload_total{result="success"} 1"#,
            r#"vcluster_guard_config_reload_total{result="failure"} 1"#,
            concat!(
                r#"vcluster_guard_build_info{version=""#,
                env!("CARGO_PKG_VERSION"),
                r#""} 1"#
            ),
        ] {
            assert!(text.contains(line), "{line} is not in\n{text}");
        }
    }

    #[test]
    fn a_foreign_kind_is_other() {
        assert_eq!(kind("Widget"), "other");
    }
}
