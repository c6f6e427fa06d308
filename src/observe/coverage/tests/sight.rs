//! Which vClusters the webhooks see.

use super::*;

#[test]
fn vclusters_in_excluded_namespaces_are_named() {
    let releases = [Release::new("kube-system", "core"), Release::new("team-a", "demo")];
    let vclusters = releases.each_ref().map(|release| (release, None));
    let mut validate = shipped(Door::Validate);
    let configurations = in_cluster(&[validate.clone()], &[shipped(Door::Mutate)]);
    assert_eq!(
        messages(&configurations, &vclusters),
        ["namespace kube-system is excluded by namespaceSelector: nothing of this vCluster is judged or mended"]
    );
    validate["webhooks"][1]["namespaceSelector"] = json!({"matchLabels": {"kubernetes.io/metadata.name": "other"}});
    let configurations = in_cluster(&[validate], &[shipped(Door::Mutate)]);
    assert_eq!(
        messages(&configurations, &vclusters)[1],
        "namespace team-a is excluded by namespaceSelector: this vCluster is not sent to scale.validate.vcluster-guard.dev"
    );
}

#[test]
fn labels_decide_where_they_are_known_and_are_missed_where_not() {
    let mut validate = shipped(Door::Validate);
    for entry in validate["webhooks"].as_array_mut().unwrap() {
        entry["namespaceSelector"] =
            json!({"matchExpressions": [{"key": "guard", "operator": "NotIn", "values": ["off"]}]});
    }
    let configurations = in_cluster(&[validate], &[]);
    let release = Release::new("team-a", "demo");
    let labels = |value: &str| Strings::from([("guard".to_owned(), value.to_owned())]);
    let told = |labels: Option<&Strings>| observe(&configurations, [(&release, labels)]);
    assert!(Lookout::new(&configurations).asks_for_labels());
    assert_eq!(told(Some(&labels("on"))).0.len(), 1);
    assert_eq!(
        told(Some(&labels("off"))).0[1],
        "namespace team-a is excluded by namespaceSelector: nothing of this vCluster is judged"
    );
    let (unknown, incomplete) = told(None);
    assert_eq!(
        incomplete.unwrap(),
        "the labels of namespaces, so whether the webhooks see the vClusters there is not known: team-a"
    );
    assert_eq!(unknown.len(), 1);
}

#[test]
fn a_workload_that_dodges_its_names_is_told_with_what_it_lacks() {
    let workload = serde_json::from_value(json!({
        "metadata": {"namespace": "team-a", "name": "mine"},
        "spec": {
            "selector": {"matchLabels": {"app": "mine"}},
            "template": {"spec": {"containers": [{"name": "main", "image": "ghcr.io/loft-sh/vcluster-pro:0.36.1"}]}},
        },
    }));
    assert_eq!(
        dodged(&workload.unwrap()).unwrap().message,
        "StatefulSet mine runs a vCluster (container main: ghcr.io/loft-sh/vcluster-pro:0.36.1) and is neither judged \
         nor mended: no selector `app: vcluster` with a `release`, no container `syncer`, no volume of a Secret \
         `vc-config-NAME`"
    );
    assert_eq!(dodged(&Workload::default()), None);
}
