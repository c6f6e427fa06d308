//! Values, whatever they are and wherever they stand: judged without a panic, and shown to nobody.

use std::fmt::Write;
use std::process::Command;

use proptest::prelude::*;
use proptest::test_runner::Config;
use serde_json::{Value, json};
use vcluster_guard_core::carrier::values;
use vcluster_guard_core::config::key;

use crate::hunted::{broken, config, leak};
use crate::json;

proptest! {
    #![proptest_config(crate::config())]

    #[test]
    fn any_carrier_is_read_or_refused(place in place(), anything in json::anything()) {
        let mut object = carrier(place.0);
        *object.pointer_mut(place.1).expect("it is there") = anything;
        for carrier in values::read(&object, "demo.yaml").into_iter().flatten() {
            let secret = carrier.config_secret();
            prop_assert_eq!(secret.origin(), Some(&carrier.object));
            for (path, _) in key::ALL {
                let written = carrier.locate(path);
                prop_assert!(object.pointer(&written.pointer).is_some(), "{} is at {}", path, written.pointer);
            }
        }
    }

    #[test]
    fn any_object_is_ours_or_not(object in json::anything(), file in ".{0,12}") {
        let _carriers = values::read(&object, &file);
    }
}

proptest! {
    #![proptest_config(Config { cases: 8, ..crate::config() })]

    #[test]
    fn nothing_of_values_is_shown(before in config(), now in prop_oneof![config(), broken()]) {
        let folder = tempfile::tempdir().unwrap();
        let mut shown = String::new();
        for (kind, pointer) in [("Application", "/spec/source/helm/values"), ("VCluster", "/spec/helmRelease/values")] {
            let mut file = |name: &str, text: &str| {
                let mut object = carrier(kind);
                *object.pointer_mut(pointer).expect("it is there") = text.into();
                for carrier in values::read(&object, name) {
                    let secret = carrier.as_ref().map(values::Carrier::config_secret);
                    write!(shown, "{secret:?} {carrier:?}").unwrap();
                }
                let path = folder.path().join(name);
                std::fs::write(&path, object.to_string()).unwrap();
                path
            };
            let (before, now) = (file("before.json", &before), file("now.json", &now));
            for (command, output) in [("check", "json"), ("fix", "table"), ("fix", "json")] {
                let mut guard = Command::new(env!("CARGO_BIN_EXE_vcluster-guard"));
                let guard = guard.args([command, "-o", output, "--before"]).args([&before, &now]);
                let said = guard.output().unwrap();
                shown += &String::from_utf8_lossy(&[said.stdout, said.stderr].concat());
            }
        }
        prop_assert!(!shown.is_empty());
        prop_assert_eq!(leak(&shown), None);
    }
}

/// A carrier of this kind, with everything that is read of it.
fn carrier(kind: &str) -> Value {
    let release = json!({"chart": {"name": "vcluster", "version": "0.30.0"}, "values": ""});
    let (group, spec) = match kind {
        "HelmRelease" => (
            "helm.toolkit.fluxcd.io/v2",
            json!({
                "chart": {"spec": {"chart": "vcluster", "version": "0.30.0"}},
                "releaseName": "", "targetNamespace": "", "values": {}, "valuesFrom": [],
            }),
        ),
        "Application" => (
            "argoproj.io/v1alpha1",
            json!({"destination": {"namespace": ""}, "source": {
                "chart": "vcluster", "targetRevision": "0.30.0",
                "helm": {
                    "releaseName": "", "values": "", "valuesObject": {}, "valueFiles": [],
                    "parameters": [{"name": "a.b", "value": "c"}],
                },
            }}),
        ),
        "VirtualClusterInstance" => (
            "management.loft.sh/v1",
            json!({"template": {"helmRelease": release}, "parameters": "", "templateRef": {}, "clusterRef": {}}),
        ),
        "VirtualClusterTemplate" => (
            "storage.loft.sh/v1",
            json!({"template": {"helmRelease": release}, "parameters": [], "versions": []}),
        ),
        _ => (
            "infrastructure.cluster.x-k8s.io/v1alpha1",
            json!({"helmRelease": release}),
        ),
    };
    json!({"apiVersion": group, "kind": kind, "metadata": {"name": "demo", "namespace": "team-a"}, "spec": spec})
}

/// A kind, and a place in it where anything may stand.
fn place() -> impl Strategy<Value = (&'static str, &'static str)> {
    prop::sample::select(vec![
        ("HelmRelease", "/metadata"),
        ("HelmRelease", "/spec/chart/spec/version"),
        ("HelmRelease", "/spec/targetNamespace"),
        ("HelmRelease", "/spec/values"),
        ("HelmRelease", "/spec/valuesFrom"),
        ("Application", "/spec/source/helm"),
        ("Application", "/spec/source/helm/valuesObject"),
        ("Application", "/spec/source/helm/parameters"),
        ("Application", "/spec/source/helm/parameters/0/value"),
        ("VirtualClusterInstance", "/spec/template"),
        ("VirtualClusterInstance", "/spec/templateRef"),
        ("VirtualClusterTemplate", "/spec/versions"),
        ("VirtualClusterTemplate", "/spec/template/helmRelease/values"),
        ("VCluster", "/spec/helmRelease"),
        ("VCluster", "/spec/helmRelease/values"),
    ])
}
