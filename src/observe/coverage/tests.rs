//! Configurations as the chart ships them, each with one thing changed.

mod calls;
mod sight;

use super::*;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use vcluster_guard_core::config::yaml;

const VALIDATE: &str = "/webhooks/0";

fn now() -> Now {
    crate::clock::now()
}

/// The configuration of one door as the chart ships it, with an authority.
fn shipped(door: Door) -> Value {
    let key = rcgen::KeyPair::generate().unwrap();
    let authority = rcgen::CertificateParams::default().self_signed(&key).unwrap().pem();
    let documents = yaml::documents(include_bytes!("../../../deploy/install.yaml")).unwrap();
    let mut values = documents.into_iter().map(|document| document.value);
    let mut value = values.find(|value| value["kind"] == door.kind()).unwrap();
    for entry in value["webhooks"].as_array_mut().unwrap() {
        entry["clientConfig"]["caBundle"] = STANDARD.encode(&authority).into();
    }
    value
}

fn read(values: &[Value]) -> Fact<Vec<Configuration>> {
    let read = |value: &Value| serde_json::from_value(value.clone()).unwrap();
    Fact::Known(values.iter().map(read).collect())
}

fn in_cluster(validate: &[Value], mutate: &[Value]) -> Configurations {
    Configurations {
        validate: read(validate),
        mutate: read(mutate),
        faults: Faults::new(),
    }
}

fn observe<'a>(
    configurations: &Configurations,
    vclusters: impl IntoIterator<Item = (&'a Release, Option<&'a Strings>)>,
) -> (Vec<String>, Option<String>) {
    let mut lookout = Lookout::new(configurations);
    let unseen = vclusters
        .into_iter()
        .filter_map(|(release, labels)| lookout.of_vcluster(release, labels));
    let observations: Vec<Observation> = unseen.collect();
    let told = configurations.gaps(now()).into_iter().chain(observations);
    (told.map(|told| told.message).collect(), lookout.incomplete())
}

fn messages(configurations: &Configurations, vclusters: &[(&Release, Option<&Strings>)]) -> Vec<String> {
    let (told, incomplete) = observe(configurations, vclusters.iter().copied());
    assert_eq!(incomplete, None);
    told
}

/// What is told when one place of the validating configuration is another.
fn changed(pointer: &str, value: Value) -> Vec<String> {
    let mut validate = shipped(Door::Validate);
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let parent = validate.pointer_mut(parent).unwrap();
    match parent {
        Value::Array(items) => items[key.parse::<usize>().unwrap()] = value,
        parent => parent[key] = value,
    }
    messages(&in_cluster(&[validate], &[shipped(Door::Mutate)]), &[])
}

fn at(rest: &str) -> String {
    format!("{VALIDATE}{rest}")
}

#[test]
fn what_the_chart_ships_leaves_nothing_out() {
    let release = Release::new("team-a", "demo");
    let configurations = in_cluster(&[shipped(Door::Validate)], &[shipped(Door::Mutate)]);
    assert_eq!(messages(&configurations, &[(&release, None)]), [""; 0]);
}

#[test]
fn missing_configurations_are_told_once_a_door() {
    let others = json!({"metadata": {"name": "other"}, "webhooks": [{"name": "other.example",
        "clientConfig": {"service": {"namespace": "other", "name": "other", "path": "/"}}}]});
    assert_eq!(
        messages(&in_cluster(&[others], &[]), &[(&Release::new("team-a", "demo"), None)]),
        [
            "there is no ValidatingWebhookConfiguration of the guard: nothing is judged",
            "there is no MutatingWebhookConfiguration of the guard: nothing is mended",
        ]
    );
}

#[test]
fn what_was_not_read_is_not_called_missing() {
    let configurations = Configurations {
        validate: read(&[shipped(Door::Validate)]),
        mutate: Fact::Unknown,
        faults: Faults::new(),
    };
    assert_eq!(messages(&configurations, &[]), [""; 0]);
}

#[test]
fn a_missing_entry_is_told() {
    let mut validate = shipped(Door::Validate);
    validate["webhooks"].as_array_mut().unwrap().remove(1);
    assert_eq!(
        messages(&in_cluster(&[validate], &[shipped(Door::Mutate)]), &[]),
        ["scale.validate.vcluster-guard.dev: missing, and what it asks for is not judged"]
    );
}

#[test]
fn a_rule_that_asks_for_less_is_told() {
    assert_eq!(
        changed(&at("/rules/0/operations"), json!(["CREATE"])),
        [
            "workloads.validate.vcluster-guard.dev: does not ask for UPDATE of statefulsets, UPDATE of deployments, which is \
          not judged"
        ]
    );
    assert_eq!(
        changed(&at("/rules/0/resources"), json!(["statefulsets"])),
        [
            "workloads.validate.vcluster-guard.dev: does not ask for CREATE and UPDATE of deployments, which is not judged"
        ]
    );
    assert_eq!(changed("/webhooks/1/rules", json!([])).len(), 1);
}

#[test]
fn a_rule_that_asks_for_more_leaves_nothing_out() {
    let everything =
        json!([{"apiGroups": ["*"], "apiVersions": ["*"], "operations": ["*"], "resources": ["*/*"], "scope": "*"}]);
    assert_eq!(changed(&at("/rules"), everything.clone()), [""; 0]);
    assert_eq!(changed("/webhooks/1/rules", everything), [""; 0]);
    let no_subresources = json!([{"apiGroups": ["*"], "apiVersions": ["*"], "operations": ["*"], "resources": ["*"]}]);
    assert_eq!(changed("/webhooks/1/rules", no_subresources).len(), 1);
}

#[test]
fn an_ignored_failure_is_told_of_what_the_chart_ships_as_fail() {
    assert_eq!(
        changed(&at("/failurePolicy"), json!("Ignore")),
        [
            "workloads.validate.vcluster-guard.dev: failurePolicy Ignore lets pass what it would refuse, while the guard cannot be \
 reached"
        ]
    );
}

#[test]
fn what_several_entries_have_in_common_is_told_once() {
    let mut validate = shipped(Door::Validate);
    for entry in validate["webhooks"].as_array_mut().unwrap() {
        entry["failurePolicy"] = json!("Ignore");
    }
    let told = messages(&in_cluster(&[validate], &[shipped(Door::Mutate)]), &[]);
    assert_eq!(told.len(), 1);
    assert!(
        told[0]
            .starts_with("workloads.validate.vcluster-guard.dev, scale.validate.vcluster-guard.dev, secrets.validate"),
        "{told:?}"
    );
}

#[test]
fn a_selector_by_labels_is_told() {
    assert_eq!(changed(&at("/objectSelector"), json!({})), [""; 0]);
    assert_eq!(
        changed(&at("/objectSelector"), json!({"matchLabels": {"app": "vcluster"}})),
        [
            "workloads.validate.vcluster-guard.dev: its objectSelector leaves out what lacks its labels, and labels are their \
 owner's to change"
        ]
    );
}

#[test]
fn conditions_are_compared_with_the_chart_by_name_and_words() {
    let shipped = shipped(Door::Validate)["webhooks"][0]["matchConditions"].clone();
    let spaced = format!("\n  {}", shipped[0]["expression"].as_str().unwrap());
    let only = |expression: &str| json!([{"name": "vcluster-workload", "expression": expression}]);
    assert_eq!(changed(&at("/matchConditions"), only(&spaced)), [""; 0]);
    assert_eq!(
        changed(&at("/matchConditions"), only("true")),
        [format!(
            "workloads.validate.vcluster-guard.dev: its matchCondition vcluster-workload is not the one of the chart {}",
            env!("CARGO_PKG_VERSION")
        )]
    );
    let added = json!([shipped[0], {"name": "mine", "expression": "false"}]);
    assert_eq!(
        changed(&at("/matchConditions"), added),
        [
            "workloads.validate.vcluster-guard.dev: its matchCondition mine is none of the chart's own: what does not meet it is \
 not sent"
        ]
    );
    assert_eq!(
        changed(&at("/matchConditions"), json!([])),
        [
            "workloads.validate.vcluster-guard.dev: lacks the matchCondition vcluster-workload: every object of its kinds is \
          sent, and depends on the guard"
        ]
    );
}

#[test]
fn a_configuration_of_somebody_else_that_calls_the_guard_is_told() {
    let mut others = shipped(Door::Validate);
    others["metadata"]["name"] = json!("old");
    others["webhooks"] = json!([{"name": "old.example", "clientConfig": others["webhooks"][0]["clientConfig"]}]);
    assert_eq!(
        messages(
            &in_cluster(&[others, shipped(Door::Validate)], &[shipped(Door::Mutate)]),
            &[]
        ),
        ["ValidatingWebhookConfiguration old calls the guard too, and is not its chart's"]
    );
}
