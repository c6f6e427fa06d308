//! One vCluster, as reports list it.

use serde::Serialize;
use vcluster_guard_core::carrier::workload::Workload;
use vcluster_guard_core::case::Subject;
use vcluster_guard_core::rule::Severity;
use vcluster_guard_core::store::Store;

/// What is known of a vCluster at a glance, and how many findings it has.
#[derive(Debug, Serialize)]
pub(crate) struct VCluster {
    pub(crate) namespace: String,
    pub(crate) release: String,
    /// Version of the chart, as its label says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) chart: Option<String>,
    /// `StatefulSet` or `Deployment`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) kind: Option<&'static str>,
    /// The backing store, in the words of `facts`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) store: Option<&'static str>,
    /// `spec.replicas` of the workload.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) replicas: Option<i64>,
    pub(crate) deny: usize,
    pub(crate) warn: usize,
    pub(crate) info: usize,
    /// How many rules lacked a fact.
    pub(crate) undecided: usize,
}

impl VCluster {
    pub(super) fn of(subject: &Subject) -> Self {
        let workload = subject.now.workload.known();
        let secret = subject.now.config.known();
        let chart = workload
            .and_then(Workload::chart_version)
            .or_else(|| secret?.chart_version());
        let config = secret.and_then(|secret| secret.config().ok());
        Self {
            namespace: subject.release.namespace.clone(),
            release: subject.release.name.clone(),
            chart: chart.map(|version| version.to_string()),
            kind: workload.map(|workload| workload.kind.as_str()),
            store: config.map(|config| Store::of(config).name()),
            replicas: workload.map(Workload::replicas),
            deny: 0,
            warn: 0,
            info: 0,
            undecided: 0,
        }
    }

    pub(super) fn count(&mut self, severity: Severity) {
        *match severity {
            Severity::Deny => &mut self.deny,
            Severity::Warn => &mut self.warn,
            Severity::Info => &mut self.info,
        } += 1;
    }
}
