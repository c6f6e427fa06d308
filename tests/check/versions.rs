//! What is told about the cluster: `--kube-version` and `-n`.

use serde_json::json;

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

#[test]
fn what_is_injected_is_the_same_on_every_host_as_at_admission() {
    let folder = Folder::with(&[("demo.yaml", SCALED)]);
    let patches = |arguments: &[&str]| folder.check(&[arguments, &["demo.yaml"]].concat()).report["patches"].take();
    let known = patches(&["--kube-version", "1.36"]);
    assert_eq!(known, patches(&[]));
    let spread = json!([{
        "maxSkew": 1,
        "topologyKey": "kubernetes.io/hostname",
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": {"app": "vcluster", "release": "demo"}},
    }]);
    let patch = known[0]["patch"].as_array().unwrap();
    let at = "/spec/template/spec/topologySpreadConstraints";
    let operation = patch.iter().find(|operation| operation["path"] == at).unwrap();
    assert_eq!(operation["value"], spread);
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

const VALUES: &str = "controlPlane: {advanced: {podDisruptionBudget: {enabled: true}}}\n";
const POLICY: &str = "
version: 1
namespaces: [{match: {names: [team-x]}, rules: {pdb-empty: {severity: 'off'}}}]
exemptions:
  list: [{namespace: team-y, release: demo, rules: [pdb-empty], until: '2099-01-31T00:00:00Z', reason: it moves}]
";

#[test]
fn the_namespace_that_is_given_is_that_of_what_names_none() {
    let folder = Folder::with(&[("demo.yaml", VALUES), ("policy", POLICY)]);
    let of = |namespace: &str| {
        folder
            .check(&["-n", namespace, "--config", "policy", "demo.yaml"])
            .report
    };
    assert_eq!(of("team-x")["findings"], json!([]));
    assert_eq!(of("team-y")["findings"][0]["exemption"]["reason"], "it moves");
    let other = of("team-z");
    assert_eq!(other["findings"][0]["namespace"], "team-z");
    assert_eq!(other["findings"][0].get("exemption"), None);
}

#[test]
fn what_names_a_namespace_keeps_it() {
    let bare = SCALED.replace("namespace: team, ", "");
    let folder = Folder::with(&[("named.yaml", SCALED), ("bare.yaml", &bare)]);
    let patched = |file: &str| folder.check(&["-n", "team-z", file]).report["patches"][0]["object"]["namespace"].take();
    assert_eq!(patched("named.yaml"), "team");
    assert_eq!(patched("bare.yaml"), "team-z");
}

#[test]
fn what_is_no_namespace_is_a_mistake_of_the_command_line() {
    let folder = Folder::with(&[("demo.yaml", VALUES)]);
    let said = folder.check(&["-n", "a/b", "demo.yaml"]);
    assert_eq!(said.code, Some(2));
    assert!(
        said.stderr
            .starts_with("error: invalid value 'a/b' for '--namespace <NAME>': a namespace is named by"),
        "{}",
        said.stderr
    );
    // As a variable that is set to nothing gives it.
    assert_eq!(
        folder.check(&["-n", "", "demo.yaml"]).report["findings"][0]["namespace"],
        ""
    );
}
