//! What an audit tells besides findings, of what really stands in the cluster.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::harness::{DEPRECATED, Output, PRO, UNSEEN, embedded_etcd, sqlite};
use crate::space::{Space, alone};

/// What is said under one topic, in order: the vCluster, if it is one's, and the message.
fn told(audit: &Output, topic: &str) -> Vec<String> {
    let report = audit.json().unwrap();
    let observations = report["observations"].as_array().cloned().unwrap_or_default();
    let of_topic = observations.iter().filter(|told| told["topic"] == topic);
    let text = |told: &Value, key: &str| told[key].as_str().unwrap().to_owned();
    of_topic
        .map(|told| match told["release"].as_str().unwrap() {
            "" => text(told, "message"),
            release => format!("{release}: {}", text(told, "message")),
        })
        .collect()
}

fn created_unseen(space: &Space, object: &Value) {
    let answer = space.send(
        &["create", "--as", UNSEEN, "--as-group", "system:masters", "-f", "-"],
        &object.to_string(),
    );
    answer.success().unwrap();
}

#[test]
fn the_webhooks_are_compared_with_the_chart_and_dodgers_are_found() {
    let space = Space::new("watched");
    let mut workload = space.release("mine").workload(1, PRO);
    workload["spec"]["selector"]["matchLabels"] = json!({"app": "mine"});
    workload["spec"]["template"]["metadata"]["labels"] = json!({"app": "mine"});
    workload["spec"]["template"]["spec"]["containers"][0]["name"] = json!("main");
    space.create(&workload).success().unwrap();
    let audit = space.audit(&["-o", "json"]);
    // The one condition that the tests add to the chart's own is all that differs.
    let added = |entries: &[&str]| {
        let names: Vec<String> = entries
            .iter()
            .map(|entry| format!("{entry}.vcluster-guard.dev"))
            .collect();
        let what = "its matchCondition seen is none of the chart's own: what does not meet it is not sent";
        format!("{}: {what}", names.join(", "))
    };
    let validate = [
        "workloads.validate",
        "scale.validate",
        "secrets.validate",
        "poddisruptionbudgets.validate",
    ];
    let mut expected = vec![added(&["workloads.mutate"]), added(&validate)];
    expected.push(format!(
        "StatefulSet mine runs a vCluster (container main: {PRO}) and is neither judged nor mended: no selector \
         `app: vcluster` with a `release`, no container `syncer`"
    ));
    assert_eq!(told(&audit, "coverage"), expected, "{audit}");
    assert_eq!(audit.code, Some(0), "{audit}");
}

#[test]
fn a_vcluster_in_an_excluded_namespace_is_named() {
    let space = Space::at("kube-system");
    space
        .create(&space.release("hidden").config(1, &sqlite()))
        .success()
        .unwrap();
    let audit = space.audit(&["-o", "json"]);
    let line =
        "hidden: namespace kube-system is excluded by namespaceSelector: nothing of this vCluster is judged or mended";
    assert!(told(&audit, "coverage").contains(&line.to_owned()), "{audit}");
    space.run(&["delete", "secret", "vc-config-hidden"]);
}

#[test]
fn images_and_injections_are_told_as_the_webhook_would_do_them() {
    let space = Space::new("unmended");
    let release = space.release("old");
    created_unseen(&space, &release.config(3, &embedded_etcd()));
    created_unseen(&space, &release.workload(3, DEPRECATED));
    let audit = space.audit(&["-o", "json"]);
    assert_eq!(
        told(&audit, "image"),
        [
            "old: ghcr.io/loft-sh/vcluster:0.24.1 is deprecated; the rewrite makes ghcr.io/loft-sh/vcluster-oss:0.24.1 of it",
            "ghcr.io: 1 deprecated, 1 can be rewritten",
        ]
    );
    assert_eq!(
        told(&audit, "injection"),
        ["old: at its next rollout StatefulSet old gets podAntiAffinity and topologySpreadConstraints"]
    );
    let stored = space.stored("statefulset/old").unwrap();
    assert_eq!(stored["spec"]["template"]["spec"]["affinity"], Value::Null);
}

#[test]
fn volumes_that_go_with_their_claims_or_cannot_grow_are_told() {
    let space = Space::new("stored");
    let release = space.release("demo");
    space.create(&json!({
        "apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "goes-with-its-claim"},
        "spec": {
            "capacity": {"storage": "5Gi"}, "accessModes": ["ReadWriteOnce"], "storageClassName": "standing",
            "persistentVolumeReclaimPolicy": "Delete", "hostPath": {"path": "/nowhere/goes"},
            "claimRef": {"namespace": "stored", "name": "data-demo-0"},
        },
    }));
    space.create(&json!({
        "apiVersion": "v1", "kind": "PersistentVolumeClaim",
        "metadata": {"name": "data-demo-0", "labels": {"app": "vcluster", "release": "demo"}},
        "spec": {
            "accessModes": ["ReadWriteOnce"], "storageClassName": "standing", "volumeName": "goes-with-its-claim",
            "resources": {"requests": {"storage": "5Gi"}},
        },
    }));
    space.create(&release.config(1, &sqlite())).success().unwrap();
    space.create(&release.workload(1, PRO)).success().unwrap();
    let audit = space.audit(&["-o", "json"]);
    assert_eq!(
        told(&audit, "data"),
        [
            "demo: data-demo-0: StorageClass standing has no allowVolumeExpansion, and a store that is full stops",
            "demo: data-demo-0: reclaimPolicy Delete erases the data when the claim is deleted",
        ],
        "{audit}"
    );
}

#[test]
fn audit_before_enforce_tells_what_would_be_refused() {
    let space = Space::new("switching");
    let release = space.release("broken");
    created_unseen(&space, &release.config(3, &sqlite()));
    let directory = tempfile::tempdir().unwrap();
    let policy = directory.path().join("policy.yaml");
    let entry = "namespace: switching, release: gone, rules: [pdb-empty], until: '2999-01-01T00:00:00Z', reason: move";
    std::fs::write(&policy, format!("mode: audit\nexemptions: {{list: [{{{entry}}}]}}\n")).unwrap();
    let config = ["-o", "json", "--config", policy.to_str().unwrap()];
    let audit = space.audit(&config);
    assert_eq!(told(&audit, "enforcement"), [""; 0]);
    assert_eq!(
        told(&audit, "exemption"),
        ["gone: the policy (exemptions.list[0]) exempts switching/gone, which does not exist"]
    );
    let audit = space.audit(&[&config[..], &["--as-if", "enforce"]].concat());
    assert_eq!(
        told(&audit, "enforcement"),
        [
            "1 of 1 vClusters has findings that refuse a change which touches them: switching/broken",
            "broken: a change that touches what is wrong and leaves it so is refused (ha-embedded-db); all else passes",
        ]
    );
    // It is true: the same values with another number of replicas are refused, an annotation is not.
    let changed = space.apply(&["--force-conflicts", "--server-side"], &release.config(4, &sqlite()));
    assert!(changed.refusal().unwrap().starts_with("ha-embedded-db: "), "{changed}");
    space.run(&["annotate", "secret", "vc-config-broken", "note=untouched"]);
}

/// Calls of the guard fail meanwhile, so nobody else may be at work.
#[test]
fn a_ca_bundle_that_does_not_fit_is_found_by_calling_the_guard() {
    let world = alone();
    let cluster = &world.cluster;
    let configuration = ["validatingwebhookconfiguration", "vcluster-guard"];
    let put = |bundle: &Value| {
        let patch =
            json!([{"op": "replace", "path": "/webhooks/1/clientConfig/caBundle", "value": bundle}]).to_string();
        let flags = ["patch", configuration[0], configuration[1], "--type=json", "-p", &patch];
        cluster.kubectl(&flags, "").unwrap().success().unwrap();
    };
    let get = ["get", configuration[0], configuration[1], "-o", "json"];
    let fitting = cluster.kubectl(&get, "").unwrap().json().unwrap()["webhooks"][1]["clientConfig"]["caBundle"].clone();
    let key = rcgen::KeyPair::generate().unwrap();
    let stranger = rcgen::CertificateParams::default().self_signed(&key).unwrap().pem();
    put(&STANDARD.encode(stranger).into());
    let audit = cluster.guard(&["audit", "-n", "default", "-o", "json"], &cluster.admin_kubeconfig());
    put(&fitting);
    let line = "scale.validate.vcluster-guard.dev: its caBundle does not fit the certificate that Service \
                vcluster-guard/vcluster-guard serves (UnknownIssuer): every call fails, and each change is refused";
    let audit = audit.unwrap();
    assert_eq!(told(&audit, "coverage")[0], line, "{audit}");
}
