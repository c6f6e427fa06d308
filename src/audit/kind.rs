//! The kinds that are listed: where the apiserver has them, how many at a time, and what right it takes.

use crate::scope::Scope;

/// Enough to need few requests, few enough to hold a page of each kind at once.
const PAGE: u32 = 500;
/// A config Secret has about 20 KB, a workload 10, and a node's status names every image on it.
const PAGE_OF_LARGE: u32 = 100;

/// A kind of object that is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    StatefulSet,
    Deployment,
    Budget,
    Autoscaler,
    Secret,
    Claim,
    Node,
    PriorityClass,
    Namespace,
    Volume,
    StorageClass,
    Validating,
    Mutating,
    /// Never listed: one is asked for by its name.
    Service,
}

/// The facts about a kind.
struct Row {
    /// As a manifest writes it: `apps/v1`, or `v1`.
    api_version: &'static str,
    name: &'static str,
    plural: &'static str,
    /// By labels; empty for all.
    selector: &'static str,
    page: u32,
    namespaced: bool,
}

impl Kind {
    /// Those whose objects are parts of vClusters or beside them, one namespace after the other.
    pub(super) const NAMESPACED: [Self; 6] = [
        Self::StatefulSet,
        Self::Deployment,
        Self::Budget,
        Self::Autoscaler,
        Self::Secret,
        Self::Claim,
    ];

    const fn row(self) -> Row {
        match self {
            // Labels can be changed at will, so workloads and what covers them are not selected by them.
            Self::StatefulSet => Row::apps("StatefulSet", "statefulsets"),
            Self::Deployment => Row::apps("Deployment", "deployments"),
            Self::Budget => Row::of("policy/v1", "PodDisruptionBudget", "poddisruptionbudgets"),
            Self::Autoscaler => Row::of("autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers"),
            // Any other is read by its name, once a workload says which it is.
            Self::Secret => Row {
                selector: "app=vcluster",
                page: PAGE_OF_LARGE,
                ..Row::of("v1", "Secret", "secrets")
            },
            // The StatefulSet controller gives its claims the labels of the selector.
            Self::Claim => Row {
                selector: "app in (vcluster,vcluster-etcd)",
                ..Row::of("v1", "PersistentVolumeClaim", "persistentvolumeclaims")
            },
            Self::Node => Row {
                page: PAGE_OF_LARGE,
                ..Row::of("v1", "Node", "nodes").everywhere()
            },
            Self::PriorityClass => Row::of("scheduling.k8s.io/v1", "PriorityClass", "priorityclasses").everywhere(),
            Self::Namespace => Row::of("v1", "Namespace", "namespaces").everywhere(),
            Self::Volume => Row::of("v1", "PersistentVolume", "persistentvolumes").everywhere(),
            Self::StorageClass => Row::of("storage.k8s.io/v1", "StorageClass", "storageclasses").everywhere(),
            Self::Validating => Row::webhooks("ValidatingWebhookConfiguration", "validatingwebhookconfigurations"),
            Self::Mutating => Row::webhooks("MutatingWebhookConfiguration", "mutatingwebhookconfigurations"),
            Self::Service => Row::of("v1", "Service", "services"),
        }
    }

    /// `StatefulSet`
    pub(super) const fn name(self) -> &'static str {
        self.row().name
    }

    /// As RBAC names it: `statefulsets.apps`, `secrets`.
    pub(super) fn resource(self) -> String {
        let row = self.row();
        match row.api_version.split_once('/') {
            Some((group, _)) => format!("{}.{group}", row.plural),
            None => row.plural.to_owned(),
        }
    }

    /// Path of one page of the list. `page` instead of the usual number of objects.
    pub(super) fn list(self, scope: &Scope, page: Option<u32>, resume: &str) -> String {
        let row = self.row();
        let path = row.collection(scope.named()) + "?";
        let start = path.len();
        let mut query = form_urlencoded::Serializer::for_suffix(path, start);
        query.append_pair("limit", &page.unwrap_or(row.page).min(row.page).to_string());
        let optional = [("labelSelector", row.selector), ("continue", resume)];
        query.extend_pairs(optional.into_iter().filter(|(_, value)| !value.is_empty()));
        query.finish()
    }

    /// Path of one object.
    pub(super) fn object(self, namespace: &str, name: &str) -> String {
        format!("{}/{name}", self.row().collection(Some(namespace)))
    }
}

impl Row {
    const fn of(api_version: &'static str, name: &'static str, plural: &'static str) -> Self {
        Self {
            api_version,
            name,
            plural,
            selector: "",
            page: PAGE,
            namespaced: true,
        }
    }

    /// Path of all objects, or of those in a namespace if they lie in any.
    fn collection(&self, namespace: Option<&str>) -> String {
        let Self {
            api_version, plural, ..
        } = self;
        // The core group is older than the others' path.
        let root = if api_version.contains('/') { "apis" } else { "api" };
        match namespace.filter(|_| self.namespaced) {
            Some(namespace) => format!("/{root}/{api_version}/namespaces/{namespace}/{plural}"),
            None => format!("/{root}/{api_version}/{plural}"),
        }
    }

    const fn apps(name: &'static str, plural: &'static str) -> Self {
        Self {
            page: PAGE_OF_LARGE,
            ..Self::of("apps/v1", name, plural)
        }
    }

    const fn webhooks(name: &'static str, plural: &'static str) -> Self {
        Self::of("admissionregistration.k8s.io/v1", name, plural).everywhere()
    }

    const fn everywhere(mut self) -> Self {
        self.namespaced = false;
        self
    }
}
