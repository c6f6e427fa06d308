//! Cases hold what a rule reads. The API server wants more; what is added here says nothing that a rule looks at.

use serde_json::{Value, json};

use crate::harness::{PRO, Samples};

/// The walker of the cases has it the first of January 2026; exemptions that run on then run on here.
const NOW: &str = "2026-01-01T00:00:00Z";
const UNTIL: &str = "vcluster-guard.dev/exempt-until";

/// The object as the API server takes it.
pub(crate) fn object(object: &Value, namespace: &str) -> Value {
    let mut object = object.clone();
    object["metadata"]["namespace"] = namespace.into();
    if object["metadata"]["deletionTimestamp"].take().is_string() {
        object["metadata"]["finalizers"] = json!(["example.com/held"]);
    }
    let until = object
        .pointer_mut("/metadata/annotations")
        .and_then(|all| all.get_mut(UNTIL));
    if let Some(until) = until.filter(|until| until.as_str().is_some_and(|until| until > NOW)) {
        *until = json!("2999-01-01T00:00:00Z");
    }
    if object["kind"] == "HorizontalPodAutoscaler" {
        default(&mut object["spec"], "maxReplicas", 5.into());
    }
    if object["spec"]["template"].is_object() {
        pods(&mut object);
    }
    object
}

fn pods(workload: &mut Value) {
    let labels = workload["spec"]["selector"]["matchLabels"].clone();
    let own = &mut workload["spec"]["template"]["metadata"]["labels"];
    if own.is_null() {
        *own = labels;
    }
    unplaced(workload);
    let containers = workload["spec"]["template"]["spec"]["containers"].as_array_mut();
    for container in containers.into_iter().flatten() {
        default(container, "image", json!("example.com/any:1"));
        if container["readinessProbe"] == json!({}) {
            container["readinessProbe"] = json!({"tcpSocket": {"port": 8443}});
        }
    }
    let templates = workload["spec"]
        .get_mut("volumeClaimTemplates")
        .and_then(Value::as_array_mut);
    for template in templates.into_iter().flatten() {
        let spec = &mut template["spec"];
        default(spec, "accessModes", json!(["ReadWriteOnce"]));
        default(spec, "resources", json!({"requests": {"storage": "5Gi"}}));
    }
}

/// Hundreds of cases stand at once, and nobody asks where their pods would go: they leave the nodes and volumes to the
/// tests that do.
fn unplaced(workload: &mut Value) {
    default(
        &mut workload["spec"]["template"]["spec"],
        "schedulerName",
        "nobody".into(),
    );
}

/// With the Service that the chart names: without it the workload is refused, whatever the case is about.
pub(crate) fn service(workload: &mut Value) {
    if workload["kind"] == "StatefulSet" {
        let name = workload["metadata"]["name"].as_str().unwrap_or_default();
        let service = format!("{name}-headless");
        default(&mut workload["spec"], "serviceName", service.into());
    }
}

fn default(object: &mut Value, key: &str, value: Value) {
    if object[key].is_null() {
        object[key] = value;
    }
}

/// A workload for a Scale of a case that shows none: its name and selector are all that the case says.
pub(crate) fn workload(scale: &Value, namespace: &str) -> Value {
    let name = scale["metadata"]["name"].as_str().unwrap_or_default();
    let selector = scale["status"]["selector"].as_str().unwrap_or_default();
    let labels: Vec<(&str, &str)> = selector.split(',').filter_map(|pair| pair.split_once('=')).collect();
    let release = labels
        .iter()
        .find(|(key, _)| *key == "release")
        .map_or(name, |(_, value)| *value);
    let samples = Samples::new(namespace, release);
    let mut workload = if name.ends_with("-etcd") {
        samples.etcd(1)
    } else {
        samples.workload(1, PRO)
    };
    let labels: Value = labels
        .into_iter()
        .map(|(key, value)| (key.to_owned(), Value::from(value)))
        .collect();
    workload["metadata"]["name"] = name.into();
    workload["spec"]["selector"] = json!({"matchLabels": labels});
    workload["spec"]["template"]["metadata"]["labels"] = labels;
    unplaced(&mut workload);
    workload
}
