//! Look-ups at admission: GETs by name, never a list, and only what the judgement asks for.
//!
//! At most eight at once, a 404 kept for five seconds, one deadline. Whatever goes wrong is [`Lookup::Unknown`]
//! with a reason, and the judgement says what it could not decide. Nothing of a Secret is logged.

mod absences;
mod cluster;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::Deserialize;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};
use vcluster_guard_core::carrier::secret::ConfigSecret;
use vcluster_guard_core::object::Meta;

use crate::metrics::Metrics;
use absences::Absences;
pub(crate) use cluster::{Access, Cluster, connect};

const MOST_AT_ONCE: usize = 8;

/// With the apiserver gone every call would log a failed look-up; the metric counts them all.
const BETWEEN_WARNINGS: Duration = Duration::from_secs(30);

/// What a look-up brought.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Lookup<T> {
    Found(T),
    /// The apiserver says that there is none.
    Absent,
    /// Nobody can say, because of this.
    Unknown(Cow<'static, str>),
}

/// Kinds of workload a control plane runs as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Workload {
    StatefulSet,
    Deployment,
}

/// What is asked for: the resource's plural is its metric label, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Resource {
    Secrets,
    StatefulSets,
    Deployments,
    Namespaces,
}

impl Resource {
    const fn plural(self) -> &'static str {
        match self {
            Self::Secrets => "secrets",
            Self::StatefulSets => "statefulsets",
            Self::Deployments => "deployments",
            Self::Namespaces => "namespaces",
        }
    }

    fn path(self, namespace: &str, name: &str) -> String {
        match self {
            Self::Secrets => format!("/api/v1/namespaces/{namespace}/secrets/{name}"),
            Self::StatefulSets => format!("/apis/apps/v1/namespaces/{namespace}/statefulsets/{name}"),
            Self::Deployments => format!("/apis/apps/v1/namespaces/{namespace}/deployments/{name}"),
            Self::Namespaces => format!("/api/v1/namespaces/{name}"),
        }
    }
}

tokio::task_local! {
    static CALLER_DEADLINE: Instant;
}

/// Runs `work`; look-ups inside it end at `deadline` at the latest, as the caller waits no longer.
pub(crate) async fn until<F: Future>(deadline: Instant, work: F) -> F::Output {
    CALLER_DEADLINE.scope(deadline, work).await
}

/// Answers questions about objects that the request does not show.
#[derive(Debug)]
pub(crate) struct Gather {
    access: Access,
    deadline: Duration,
    at_once: Semaphore,
    absences: Absences,
    warned: Mutex<Option<Instant>>,
    metrics: Arc<Metrics>,
}

impl Gather {
    pub(crate) fn new(access: Access, deadline: Duration, metrics: Arc<Metrics>) -> Self {
        Self {
            access,
            deadline,
            at_once: Semaphore::new(MOST_AT_ONCE),
            absences: Absences::default(),
            warned: Mutex::default(),
            metrics,
        }
    }

    /// When look-ups that start now have to be done: pass it to each look-up of one request.
    pub(crate) fn deadline(&self) -> Instant {
        let own = Instant::now() + self.deadline;
        CALLER_DEADLINE.try_with(|caller| own.min(*caller)).unwrap_or(own)
    }

    /// The Secret `vc-config-RELEASE`. One without a config is as good as none.
    pub(crate) async fn config_secret(
        &self,
        namespace: &str,
        release: &str,
        deadline: Instant,
    ) -> Lookup<ConfigSecret> {
        let name = config_secret_name(release);
        self.get(Resource::Secrets, namespace, &name, deadline)
            .await
            .and_then(|text| match ConfigSecret::from_json(&text) {
                Ok(Some(secret)) => Lookup::Found(secret),
                Ok(None) => Lookup::Absent,
                // serde's error would quote the Secret.
                Err(_) => Lookup::Unknown(Cow::Borrowed("the Secret could not be read")),
            })
    }

    /// Forgets that there was no such Secret: it is being written just now. Helm creates the disruption budget before
    /// it, and the workload within the seconds that an absence is kept.
    pub(crate) fn expect_config_secret(&self, namespace: &str, release: &str) {
        self.absences
            .forget(&Resource::Secrets.path(namespace, &config_secret_name(release)));
    }

    /// A workload, as the JSON text the apiserver gave.
    pub(crate) async fn workload(
        &self,
        workload: Workload,
        namespace: &str,
        name: &str,
        deadline: Instant,
    ) -> Lookup<String> {
        let resource = match workload {
            Workload::StatefulSet => Resource::StatefulSets,
            Workload::Deployment => Resource::Deployments,
        };
        self.get(resource, namespace, name, deadline).await
    }

    /// The labels of a Namespace.
    pub(crate) async fn namespace_labels(
        &self,
        namespace: &str,
        deadline: Instant,
    ) -> Lookup<BTreeMap<String, String>> {
        self.get(Resource::Namespaces, "", namespace, deadline)
            .await
            .and_then(|text| match serde_json::from_str::<Namespace>(&text) {
                Ok(namespace) => Lookup::Found(namespace.metadata.labels),
                Err(_) => Lookup::Unknown(Cow::Borrowed("the Namespace could not be read")),
            })
    }

    async fn get(&self, resource: Resource, namespace: &str, name: &str, deadline: Instant) -> Lookup<String> {
        let cluster = match &self.access {
            Access::Cluster(cluster) => cluster,
            Access::None(reason) => return Lookup::Unknown(reason.clone()),
        };
        let has_namespace = resource != Resource::Namespaces;
        if !is_name(name) || (has_namespace && !is_name(namespace)) {
            return Lookup::Unknown(Cow::Borrowed("not a name an object can have"));
        }
        let path = resource.path(namespace, name);
        if self.absences.holds(&path) {
            return Lookup::Absent;
        }
        let start = Instant::now();
        let found = timeout_at(deadline, self.ask(cluster, &path))
            .await
            .unwrap_or(Lookup::Unknown(Cow::Borrowed("the apiserver did not answer in time")));
        self.metrics.lookup(resource.plural(), found.label(), start.elapsed());
        match &found {
            Lookup::Absent => self.absences.keep(path),
            Lookup::Unknown(reason) if self.may_warn() => {
                tracing::warn!(resource = resource.plural(), namespace, name, %reason, "look-ups fail");
            }
            Lookup::Unknown(_) | Lookup::Found(_) => {}
        }
        found
    }

    fn may_warn(&self) -> bool {
        let mut warned = self.warned.lock().unwrap_or_else(PoisonError::into_inner);
        let may = warned.is_none_or(|last| last.elapsed() >= BETWEEN_WARNINGS);
        if may {
            *warned = Some(Instant::now());
        }
        may
    }

    async fn ask(&self, cluster: &Cluster, path: &str) -> Lookup<String> {
        match self.at_once.acquire().await {
            Ok(_permit) => cluster.get(path).await,
            Err(_) => Lookup::Unknown(Cow::Borrowed("the server is stopping")),
        }
    }
}

impl<T> Lookup<T> {
    fn and_then<U>(self, read: impl FnOnce(T) -> Lookup<U>) -> Lookup<U> {
        match self {
            Self::Found(found) => read(found),
            Self::Absent => Lookup::Absent,
            Self::Unknown(reason) => Lookup::Unknown(reason),
        }
    }

    const fn label(&self) -> &'static str {
        match self {
            Self::Found(_) => "found",
            Self::Absent => "absent",
            Self::Unknown(_) => "unknown",
        }
    }
}

#[derive(Deserialize)]
struct Namespace {
    metadata: Meta,
}

fn config_secret_name(release: &str) -> String {
    format!("{}{release}", vcluster_guard_core::recognise::CONFIG_SECRET_PREFIX)
}

/// Names become part of a URL, and anyone on the pod network can post them: only what Kubernetes itself would take.
fn is_name(name: &str) -> bool {
    (1..=253).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte))
        && name.bytes().any(|byte| byte != b'.')
}

#[cfg(test)]
#[path = "gather/tests.rs"]
mod tests;
