//! One vCluster, as reports list it.

use serde::Serialize;
use vcluster_guard_core::carrier::workload::Workload;
use vcluster_guard_core::case::{Places, Subject};
use vcluster_guard_core::object::{ObjectRef, Release};
use vcluster_guard_core::rule::{Part, Severity};
use vcluster_guard_core::store::Store;

/// What a vCluster consists of, whatever lies around it.
const OWN: Places = Places::CONFIG.and(Places::WORKLOAD).and(Places::ETCD);

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
    /// How many rules are on and found nothing.
    #[serde(skip)]
    pub(crate) passed: usize,
    /// Whether its config Secret or a workload of it may be there and could not be read.
    #[serde(skip)]
    pub(crate) partly_read: bool,
    /// What goes when the vCluster goes.
    #[serde(skip)]
    pub(crate) owner: Option<Owner>,
}

/// The live object that a vCluster stands and falls with: its workload, or its Secret where it has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Owner {
    pub(crate) object: ObjectRef,
    pub(crate) uid: String,
}

impl Owner {
    /// `None` for what was read from a file.
    fn of(subject: &Subject) -> Option<Self> {
        let workload = subject.now.workload.known().map(|workload| &workload.metadata);
        let secret = subject.now.config.known().map(|secret| &secret.metadata);
        let (part, metadata) = match (workload, secret) {
            (Some(workload), _) => (Part::Workload, workload),
            (None, Some(secret)) => (Part::Config, secret),
            (None, None) => return None,
        };
        (!metadata.uid.is_empty()).then(|| Self {
            // A name of its own: an owner that is not found by it counts as gone.
            object: ObjectRef {
                name: metadata.name.clone(),
                ..subject.object(part)
            },
            uid: metadata.uid.clone(),
        })
    }
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
            passed: 0,
            partly_read: subject.unread.meets(OWN),
            owner: Owner::of(subject),
        }
    }

    pub(super) fn count(&mut self, severity: Severity) {
        *match severity {
            Severity::Deny => &mut self.deny,
            Severity::Warn => &mut self.warn,
            Severity::Info => &mut self.info,
        } += 1;
    }

    /// `NAMESPACE/NAME`, or the name alone where the namespace is not known.
    pub(super) fn name(&self) -> String {
        name(&self.namespace, &self.release)
    }

    /// Whether it is of this name. Manifests need not repeat the namespace in every object.
    pub(super) fn is(&self, namespace: &str, release: &str) -> bool {
        self.release == release && (self.namespace == namespace || namespace.is_empty())
    }

    /// What is known of it at a glance: `chart 0.36.1`, `StatefulSet`, `embedded-etcd`, `3 replicas`.
    pub(super) fn facts(&self) -> Vec<String> {
        let chart = self.chart.as_ref().map(|chart| format!("chart {chart}"));
        let words = [self.kind, self.store].map(|word| word.map(str::to_owned));
        let replicas = self.replicas.map(|replicas| match replicas {
            1 => "1 replica".to_owned(),
            _ => format!("{replicas} replicas"),
        });
        [chart].into_iter().chain(words).chain([replicas]).flatten().collect()
    }
}

pub(super) fn name(namespace: &str, release: &str) -> String {
    Release::new(namespace, release).to_string()
}
