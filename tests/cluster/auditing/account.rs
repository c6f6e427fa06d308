//! Service accounts that audit.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::space::Space;

/// What an auditor reads; docs/audit.md says the same.
const RESOURCES: [(&str, &str); 14] = [
    ("apps", "statefulsets"),
    ("apps", "deployments"),
    ("policy", "poddisruptionbudgets"),
    ("autoscaling", "horizontalpodautoscalers"),
    ("", "secrets"),
    ("", "persistentvolumeclaims"),
    ("", "nodes"),
    ("", "namespaces"),
    ("scheduling.k8s.io", "priorityclasses"),
    ("", "persistentvolumes"),
    ("", "services"),
    ("storage.k8s.io", "storageclasses"),
    ("admissionregistration.k8s.io", "validatingwebhookconfigurations"),
    ("admissionregistration.k8s.io", "mutatingwebhookconfigurations"),
];

/// The kubeconfig of an account that may read everything but these.
pub(super) fn create(space: &Space, name: &str, but: &[&str]) -> PathBuf {
    let granted = RESOURCES.iter().filter(|(_, resource)| !but.contains(resource));
    let grants: Vec<Value> = granted
        .map(|(group, resource)| json!({"apiGroups": [group], "resources": [resource], "verbs": ["get", "list"]}))
        .collect();
    let api = "rbac.authorization.k8s.io";
    let metadata = json!({"name": format!("audit-{name}")});
    let account = json!({"kind": "ServiceAccount", "name": name, "namespace": space.namespace()});
    for object in [
        json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}}),
        json!({"apiVersion": format!("{api}/v1"), "kind": "ClusterRole", "metadata": metadata, "rules": grants}),
        json!({
            "apiVersion": format!("{api}/v1"), "kind": "ClusterRoleBinding", "metadata": metadata,
            "roleRef": {"apiGroup": api, "kind": "ClusterRole", "name": metadata["name"]},
            "subjects": [account],
        }),
    ] {
        space.create(&object).success().unwrap();
    }
    space.service_account(name)
}
