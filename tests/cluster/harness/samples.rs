//! vClusters as objects, built from one small manifest with a few things changed.

use serde_json::{Value, json};

/// Embedded etcd: what several replicas need.
pub(crate) fn embedded_etcd() -> Value {
    json!({"etcd": {"embedded": {"enabled": true}}})
}

/// Etcd in a workload of its own, beside the control plane.
pub(crate) fn deployed_etcd(members: u32) -> Value {
    let stateful_set = json!({
        "highAvailability": {"replicas": members},
        "persistence": {"volumeClaim": {"enabled": true}},
    });
    json!({"etcd": {"deploy": {"enabled": true, "statefulSet": stateful_set}}})
}

/// Nothing chosen, which means `SQLite`.
pub(crate) fn sqlite() -> Value {
    json!({})
}

/// The image that the chart installs.
pub(crate) const PRO: &str = "ghcr.io/loft-sh/vcluster-pro:0.36.1";

/// An image that is no longer built.
pub(crate) const DEPRECATED: &str = "ghcr.io/loft-sh/vcluster:0.24.1";

/// The objects of one vCluster as a test wants them.
#[derive(Debug, Clone)]
pub(crate) struct Samples {
    namespace: String,
    name: String,
}

impl Samples {
    pub(crate) fn new(namespace: &str, name: &str) -> Self {
        Self {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
        }
    }

    /// The Secret with the values of the release, those that the chart fills in included. `store` is
    /// `controlPlane.backingStore`; the text is JSON, which is YAML too.
    pub(crate) fn config(&self, replicas: u32, store: &Value) -> Value {
        let values = json!({"controlPlane": {
            "backingStore": store,
            "statefulSet": {
                "highAvailability": {
                    "replicas": replicas,
                    "leaseDuration": 60,
                    "renewDeadline": 40,
                    "retryPeriod": 15,
                },
                "persistence": {"volumeClaim": {"enabled": "auto", "retentionPolicy": "Retain"}},
            },
        }});
        json!({
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": self.metadata(&format!("vc-config-{}", self.name)),
            "type": "Opaque",
            "stringData": {"config.yaml": values.to_string()},
        })
    }

    /// The control plane: one container, its configuration, and a claim a pod.
    pub(crate) fn workload(&self, replicas: u32, image: &str) -> Value {
        let syncer = json!({
            "name": "syncer",
            "image": image,
            "env": [{"name": "VCLUSTER_NAME", "value": self.name}],
            "readinessProbe": {"httpGet": {"path": "/readyz", "port": 8443, "scheme": "HTTPS"}},
            "volumeMounts": [
                {"name": "data", "mountPath": "/data"},
                {"name": "vcluster-config", "mountPath": "/var/lib/vcluster"},
            ],
        });
        let config = json!({"name": "vcluster-config", "secret": {"secretName": format!("vc-config-{}", self.name)}});
        let pod = json!({"containers": [syncer], "volumes": [config]});
        let mut workload = self.stateful_set(&self.name, "vcluster", replicas, &pod);
        // A chart installs the image of its own version.
        let version = image.rsplit(':').next().unwrap_or_default();
        workload["metadata"]["labels"]["chart"] = format!("vcluster-{version}").into();
        workload
    }

    /// The etcd beside the control plane, each member knowing all of them from the start.
    pub(crate) fn etcd(&self, members: u32) -> Value {
        let name = format!("{}-etcd", self.name);
        let peer = |index| format!("{name}-{index}=https://{name}-{index}.{name}-headless:2380");
        let peers: Vec<String> = (0..members).map(peer).collect();
        let etcd = json!({
            "name": "etcd",
            "image": "registry.k8s.io/etcd:3.6.8-0",
            "command": ["etcd", format!("--initial-cluster={}", peers.join(","))],
            "volumeMounts": [{"name": "data", "mountPath": "/var/lib/etcd"}],
        });
        self.stateful_set(&name, "vcluster-etcd", members, &json!({"containers": [etcd]}))
    }

    fn stateful_set(&self, name: &str, app: &str, replicas: u32, pod: &Value) -> Value {
        let selector = json!({"app": app, "release": self.name});
        let claim = json!({"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "5Gi"}}});
        let mut metadata = self.metadata(name);
        metadata["labels"]["app"] = app.into();
        json!({
            "apiVersion": "apps/v1",
            "kind": "StatefulSet",
            "metadata": metadata,
            "spec": {
                "replicas": replicas,
                "serviceName": format!("{name}-headless"),
                "podManagementPolicy": "Parallel",
                "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain"},
                "selector": {"matchLabels": selector},
                "template": {"metadata": {"labels": selector}, "spec": pod},
                "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": claim}],
            },
        })
    }

    /// A disruption budget over the control plane's pods; `numbers` holds what it allows.
    pub(crate) fn budget(&self, numbers: &Value) -> Value {
        let mut spec = json!({"selector": {"matchLabels": {"app": "vcluster", "release": self.name}}});
        if let (Some(spec), Some(numbers)) = (spec.as_object_mut(), numbers.as_object()) {
            spec.extend(numbers.clone());
        }
        json!({
            "apiVersion": "policy/v1",
            "kind": "PodDisruptionBudget",
            // The real chart gives its budget no labels either.
            "metadata": {"name": self.name, "namespace": self.namespace},
            "spec": spec,
        })
    }

    fn metadata(&self, name: &str) -> Value {
        json!({
            "name": name,
            "namespace": self.namespace,
            "labels": {
                "app": "vcluster",
                "chart": "vcluster-0.36.1",
                "release": self.name,
                "heritage": "Helm",
            },
        })
    }
}
