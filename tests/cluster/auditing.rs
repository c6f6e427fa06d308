//! An audit of what stands in the cluster.

use serde_json::{Value, json};

use crate::harness::{PRO, deployed_etcd, sqlite};
use crate::space::Space;
use crate::standing;

/// What RBAC lets an auditor read.
const RESOURCES: [(&str, &str); 12] = [
    ("apps", "statefulsets"),
    ("apps", "deployments"),
    ("policy", "poddisruptionbudgets"),
    ("autoscaling", "horizontalpodautoscalers"),
    ("", "secrets"),
    ("", "persistentvolumeclaims"),
    ("", "nodes"),
    ("scheduling.k8s.io", "priorityclasses"),
    ("", "persistentvolumes"),
    ("storage.k8s.io", "storageclasses"),
    ("admissionregistration.k8s.io", "validatingwebhookconfigurations"),
    ("admissionregistration.k8s.io", "mutatingwebhookconfigurations"),
];

fn rules(report: &Value, release: &str) -> Vec<String> {
    let of_release = |finding: &&Value| finding["release"] == release;
    let findings = report["findings"].as_array().unwrap().iter().filter(of_release);
    findings
        .map(|finding| {
            format!(
                "{} {}",
                finding["severity"].as_str().unwrap(),
                finding["rule"].as_str().unwrap()
            )
        })
        .collect()
}

/// A service account that may list everything but the resources left out.
fn auditor(space: &Space, name: &str, but: &[&str]) -> std::path::PathBuf {
    let granted = RESOURCES.iter().filter(|(_, resource)| !but.contains(resource));
    let grants: Vec<Value> = granted
        .map(|(group, resource)| json!({"apiGroups": [group], "resources": [resource], "verbs": ["get", "list"]}))
        .collect();
    let metadata = json!({"name": format!("audit-{name}")});
    let api = "rbac.authorization.k8s.io";
    space.create(&json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}}));
    space.create(
        &json!({"apiVersion": format!("{api}/v1"), "kind": "ClusterRole", "metadata": metadata, "rules": grants}),
    );
    let namespace = space.namespace();
    space.create(&json!({
        "apiVersion": format!("{api}/v1"), "kind": "ClusterRoleBinding", "metadata": metadata,
        "roleRef": {"apiGroup": api, "kind": "ClusterRole", "name": metadata["name"]},
        "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": namespace}],
    }));
    space.service_account(name)
}

#[test]
fn what_stood_before_the_guard_came_is_found() {
    let space = Space::at(standing::NAMESPACE);
    let audit = space.audit(&["-o", "json"]);
    let report = audit.json().unwrap();
    assert_eq!(audit.code, Some(1), "{audit}");
    assert_eq!(report["incomplete"], json!([]), "{audit}");
    assert!(
        rules(&report, "paused").contains(&"deny ha-embedded-db".to_owned()),
        "{audit}"
    );
    let object = json!({"apiVersion": "v1", "kind": "Secret", "name": "vc-config-paused", "namespace": "standing"});
    let finding = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|f| f["release"] == "paused")
        .unwrap();
    assert_eq!(finding["object"], object);
}

#[test]
fn a_kind_that_may_not_be_listed_is_named_and_leaves_its_rules_undecided() {
    let space = Space::new("half-sighted");
    let kubeconfig = auditor(&space, "no-secrets", &["secrets"]);
    let audit = space.audit_as(&kubeconfig, &["-o", "json"]);
    assert_eq!(audit.code, Some(2), "{audit}");
    let report = audit.json().unwrap();
    let line = "the list of secrets: this account may not read it; grant list on secrets";
    assert_eq!(report["incomplete"], json!([line]), "{audit}");
    assert!(space.create(&space.release("demo").workload(1, PRO)).ok);
    let report = space.audit_as(&kubeconfig, &["-o", "json"]).json().unwrap();
    let undecided = report["undecided"].as_array().unwrap();
    let config = json!({"rule": "ha-embedded-db", "needs": "config", "namespace": "half-sighted", "release": "demo"});
    assert!(undecided.contains(&config), "{undecided:?}");
}

#[test]
fn webhooks_that_may_not_be_read_are_never_called_missing() {
    let space = Space::new("unwatched");
    let hidden = ["validatingwebhookconfigurations", "mutatingwebhookconfigurations"];
    let kubeconfig = auditor(&space, "no-webhooks", &hidden);
    let audit = space.audit_as(&kubeconfig, &["-o", "json"]);
    assert_eq!(audit.code, Some(2), "{audit}");
    let line = |resource: &str| {
        let resource = format!("{resource}.admissionregistration.k8s.io");
        format!("the list of {resource}: this account may not read it; grant list on {resource}")
    };
    let report = audit.json().unwrap();
    assert_eq!(report["incomplete"], json!(hidden.map(line)), "{audit}");
    assert_eq!(report["observations"], Value::Null, "{audit}");
}

#[test]
fn a_secret_without_its_label_is_found_by_its_name() {
    let space = Space::new("unlabelled");
    let mut secret = space.release("demo").config(1, &deployed_etcd(2));
    secret["metadata"]["labels"] = json!({});
    assert!(space.create(&secret).ok);
    assert!(space.create(&space.release("demo").workload(1, PRO)).ok);
    let report = space.audit(&["-o", "json"]).json().unwrap();
    assert!(
        rules(&report, "demo").contains(&"warn ha-etcd-even".to_owned()),
        "{report}"
    );
    assert_eq!(report["summary"]["vclusters"], 1);
}

#[test]
fn a_small_page_gives_the_same() {
    let space = Space::new("paged");
    for name in ["one", "two", "three"] {
        assert!(space.create(&space.release(name).config(1, &sqlite())).ok);
    }
    let whole = space.audit(&["-o", "json"]);
    let paged = space.audit(&["-o", "json", "--page-size", "1"]);
    assert_eq!(whole.stdout, paged.stdout);
    assert_eq!(whole.json().unwrap()["summary"]["vclusters"], 3);
}
