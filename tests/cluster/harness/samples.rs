//! vClusters as objects, built from one small manifest with a few things changed.

use serde_json::{Value, json};

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

    /// The Secret with all values of the release.
    pub(crate) fn config(&self, config_yaml: &str) -> Value {
        json!({
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": self.metadata(&format!("vc-config-{}", self.name)),
            "type": "Opaque",
            "stringData": {"config.yaml": config_yaml},
        })
    }

    /// The control plane: one container, its configuration, and a claim a pod.
    pub(crate) fn workload(&self, replicas: u32, image: &str) -> Value {
        let selector = json!({"app": "vcluster", "release": self.name});
        json!({
            "apiVersion": "apps/v1",
            "kind": "StatefulSet",
            "metadata": self.metadata(&self.name),
            "spec": {
                "replicas": replicas,
                "serviceName": format!("{}-headless", self.name),
                "podManagementPolicy": "Parallel",
                "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain"},
                "selector": {"matchLabels": selector},
                "template": {
                    "metadata": {"labels": selector},
                    "spec": {
                        "terminationGracePeriodSeconds": 15,
                        "containers": [{
                            "name": "syncer",
                            "image": image,
                            "env": [{"name": "VCLUSTER_NAME", "value": self.name}],
                            "volumeMounts": [
                                {"name": "data", "mountPath": "/data"},
                                {"name": "vcluster-config", "mountPath": "/var/lib/vcluster"},
                            ],
                        }],
                        "volumes": [{
                            "name": "vcluster-config",
                            "secret": {"secretName": format!("vc-config-{}", self.name)},
                        }],
                    },
                },
                "volumeClaimTemplates": [{
                    "metadata": {"name": "data"},
                    "spec": {
                        "accessModes": ["ReadWriteOnce"],
                        "resources": {"requests": {"storage": "5Gi"}},
                    },
                }],
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
