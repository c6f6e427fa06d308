use super::*;
use alloc::format;
use alloc::vec;
use serde_json::json;

fn one(object: &Value) -> Carrier {
    let mut read = read(object, "demo.yaml");
    assert_eq!(read.len(), 1, "{object}");
    read.remove(0).unwrap()
}

fn config(carrier: &Carrier) -> Config {
    carrier.config_secret().config().unwrap().clone()
}

fn application(helm: &Value) -> Value {
    json!({
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "demo", "namespace": "argocd"},
        "spec": {
            "destination": {"namespace": "team-a"},
            "source": {"chart": "vcluster", "targetRevision": "0.30.0", "helm": helm},
        },
    })
}

#[test]
fn values_lie_over_the_defaults_of_the_chart() {
    let carrier = one(&json!({"controlPlane": {"statefulSet": {"highAvailability": {"leaseDuration": 30}}}}));
    let config = config(&carrier);
    assert_eq!(config.int(key::REPLICAS), 1);
    assert_eq!(config.int(key::LEASE_DURATION), 30);
    assert_eq!(config.int(key::RENEW_DEADLINE), 40);
    assert_eq!(config.strbool(key::CLAIM_ENABLED), "auto");
}

#[test]
fn null_takes_a_default_away() {
    let carrier = one(&json!({"controlPlane": {"statefulSet": {"highAvailability": {"leaseDuration": null}}}}));
    assert_eq!(config(&carrier).int(key::LEASE_DURATION), 0);
}

#[test]
fn an_image_without_a_tag_has_that_of_the_chart() {
    let tag = |carrier: &Carrier| config(carrier).any(key::IMAGE)["tag"].clone();
    assert_eq!(tag(&one(&json!({"controlPlane": {"statefulSet": {}}}))), "0.36.1");
    // Here the label of the Secret says it.
    let exact = one(&application(&json!({})));
    assert_eq!(tag(&exact), Value::Null);
    assert_eq!(
        exact.config_secret().chart_version(),
        Some(semver::Version::new(0, 30, 0))
    );
}

#[test]
fn parameters_lie_over_values() {
    let replicas = key::REPLICAS.path;
    let values = "controlPlane:\n  statefulSet:\n    highAvailability:\n      replicas: 3\n";
    let carrier = one(&application(&json!({"values": values})));
    assert_eq!(config(&carrier).int(key::REPLICAS), 3);
    let written = carrier.locate(replicas);
    assert_eq!(written.pointer, "/spec/source/helm/values");
    assert_eq!(written.line, Some(4));

    let parameters = json!([{"name": "a", "value": "b"}, {"name": replicas, "value": "2"}]);
    let carrier = one(&application(&json!({"values": values, "parameters": parameters})));
    assert_eq!(config(&carrier).int(key::REPLICAS), 2);
    assert_eq!(carrier.locate(replicas).pointer, "/spec/source/helm/parameters/1");
}

#[test]
fn what_is_seen_decides_only_what_it_says() {
    let hidden = json!({
        "valueFiles": ["x.yaml"],
        "valuesObject": {"controlPlane": {"statefulSet": {"highAvailability": {"replicas": 3}}}},
    });
    let secret = one(&application(&hidden)).config_secret();
    let config = secret.config().unwrap();
    assert_eq!(config.int(key::REPLICAS), 3);
    assert!(!secret.read_unseen());
    assert_eq!(config.int(key::LEASE_DURATION), 60);
    assert!(secret.read_unseen());
    assert!(!secret.read_unseen());

    let mut over = hidden;
    over["fileParameters"] = json!([{"name": "a", "path": "b"}]);
    let secret = one(&application(&over)).config_secret();
    assert_eq!(secret.config().unwrap().int(key::REPLICAS), 3);
    assert!(secret.read_unseen());
}

#[test]
fn a_text_that_is_no_yaml_names_its_place_and_no_value() {
    let refused = read(&application(&json!({"values": "a: [s3cret\nb: 1\n"})), "")
        .remove(0)
        .unwrap_err();
    assert!(matches!(refused.why, Refusal::Unreadable { .. }));
    assert!(!format!("{refused:?}").contains("s3cret"));
}

#[test]
fn no_value_can_be_printed_by_accident() {
    let source = json!({"controlPlane": {"backingStore": {"database": {"external": {"dataSource": "s3cret"}}}}});
    let object = application(&json!({"valueFiles": ["x"], "valuesObject": source}));
    let carrier = one(&object);
    assert!(!format!("{carrier:?}").contains("s3cret"));
    assert!(!format!("{:?}", carrier.config_secret()).contains("s3cret"));
}

#[test]
fn annotations_reach_the_secret() {
    let values = json!({"controlPlane": {"advanced": {"globalMetadata": {"annotations": {"a": "b"}}}}});
    let mut object = application(&json!({"valuesObject": values}));
    object["metadata"]["annotations"] = json!({"c": "d"});
    let annotations = one(&object).config_secret().metadata.annotations;
    let expected = [("a", "b"), ("c", "d")].map(|(name, value)| (name.into(), value.into()));
    assert_eq!(annotations, expected.into());
}

#[test]
fn every_version_of_a_template_is_a_vcluster() {
    let release = |replicas: u8| {
        let values = format!("controlPlane: {{statefulSet: {{highAvailability: {{replicas: {replicas}}}}}}}");
        json!({"helmRelease": {"values": values}})
    };
    let template = json!({
        "apiVersion": "storage.loft.sh/v1",
        "kind": "VirtualClusterTemplate",
        "metadata": {"name": "ha"},
        "spec": {
            "template": release(1),
            "versions": [{"version": "1.0.0", "template": release(3), "parameters": [{"variable": "x"}]}],
        },
    });
    let carriers: Vec<_> = read(&template, "").into_iter().map(Result::unwrap).collect();
    let replicas: Vec<_> = carriers
        .iter()
        .map(|carrier| config(carrier).int(key::REPLICAS))
        .collect();
    assert_eq!(replicas, [1, 3]);
    let hidden: Vec<_> = carriers.iter().map(|carrier| carrier.hidden.clone()).collect();
    assert_eq!(hidden, [vec![], vec!["spec.parameters"]]);
}

#[test]
fn names_and_namespaces_are_those_that_the_controllers_use() {
    let flux = |extra: Value| {
        let mut object = json!({
            "apiVersion": "helm.toolkit.fluxcd.io/v2",
            "kind": "HelmRelease",
            "metadata": {"name": "demo", "namespace": "flux"},
            "spec": {"chart": {"spec": {"chart": "vcluster"}}},
        });
        for (name, value) in extra.as_object().unwrap() {
            object["spec"][name] = value.clone();
        }
        one(&object).release
    };
    assert_eq!(flux(json!({})), Release::new("flux", "demo"));
    assert_eq!(
        flux(json!({"targetNamespace": "team-a"})),
        Release::new("team-a", "team-a-demo")
    );
    assert_eq!(
        flux(json!({"releaseName": "x", "targetNamespace": "a"})),
        Release::new("a", "x")
    );
    assert_eq!(
        one(&application(&json!({"releaseName": "y"}))).release,
        Release::new("team-a", "y")
    );
    let instance = json!({
        "apiVersion": "management.loft.sh/v1",
        "kind": "VirtualClusterInstance",
        "metadata": {"name": "demo", "namespace": "p-team"},
        "spec": {
            "clusterRef": {"namespace": "team-a", "virtualCluster": "z"},
            "template": {"helmRelease": {"values": "sync: {}"}},
        },
    });
    assert_eq!(one(&instance).release, Release::new("team-a", "z"));
}
