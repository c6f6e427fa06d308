//! `--kube-version`: what depends on the host cluster.

use serde_json::{Value, json};

use crate::run::Folder;

const SCALED: &str = r#"
apiVersion: apps/v1
kind: StatefulSet
metadata: {namespace: team, name: demo}
spec:
  replicas: 2
  serviceName: demo-headless
  selector: {matchLabels: {app: vcluster, release: demo}}
  template:
    metadata: {labels: {app: vcluster, release: demo}}
    spec:
      containers:
      - {name: syncer, image: "ghcr.io/loft-sh/vcluster-pro:0.30.0", volumeMounts: [{name: data, mountPath: /data}]}
      volumes:
      - {name: vcluster-config, secret: {secretName: vc-config-demo}}
  volumeClaimTemplates:
  - {metadata: {name: data}, spec: {accessModes: [ReadWriteOnce]}}
"#;

/// `nodeTaintsPolicy` of the spread that would be injected.
fn taints_policy(arguments: &[&str]) -> Value {
    let folder = Folder::with(&[("demo.yaml", SCALED)]);
    let said = folder.check(&[arguments, &["demo.yaml"]].concat());
    let patch = said.report["patches"][0]["patch"].as_array().unwrap();
    let at = "/spec/template/spec/topologySpreadConstraints";
    let spread = patch.iter().find(|operation| operation["path"] == at).unwrap();
    spread["value"][0]["nodeTaintsPolicy"].clone()
}

#[test]
fn tainted_nodes_are_left_out_where_the_host_can() {
    assert_eq!(taints_policy(&["--kube-version", "1.36"]), json!("Honor"));
    assert_eq!(taints_policy(&["--kube-version", "v1.26.0"]), json!("Honor"));
    assert_eq!(taints_policy(&["--kube-version", "1.25.16-eks-1"]), Value::Null);
    assert_eq!(taints_policy(&[]), Value::Null);
}

#[test]
fn what_is_no_version_is_a_mistake_of_the_command_line() {
    let said = Folder::with(&[]).check(&["--kube-version", "latest", "-"]);
    assert_eq!(said.code, Some(2));
    let first = said.stderr.lines().next().unwrap();
    assert_eq!(
        first,
        "error: invalid value 'latest' for '--kube-version <VERSION>': it is no version of Kubernetes, which looks like \
         1.30, v1.36.3 or 1.29.4-eks-a1b2c3d"
    );
}
