//! The policy file: what it changes, that it is read again, and that a broken one changes nothing.

use std::fs;
use std::path::Path;
use std::time::Instant;

use serde_json::Value;

use crate::process::{Client, SOON, Server, get, make_certificates, serve, trust, until};

const BROKEN_VCLUSTER: &str = include_str!("../../examples/reviews/2-three-replicas-on-the-embedded-database.json");

/// A ConfigMap volume changes by a rename; so does this.
fn put(file: &Path, policy: &str) {
    let new = file.with_extension("new");
    fs::write(&new, policy).unwrap();
    fs::rename(&new, file).unwrap();
}

fn server(dir: &Path, policy: &Path) -> Server {
    make_certificates(dir);
    let mut command = serve(dir);
    command
        .arg("--config")
        .arg(policy)
        .args(["--tls-reload-interval", "20ms", "--shutdown-delay", "0s"]);
    Server::start(&mut command)
}

/// Asks until the answer is as wished.
async fn answer(client: &mut Client, wished: impl Fn(&Value) -> bool) -> Value {
    let start = Instant::now();
    loop {
        let answer = client.review(BROKEN_VCLUSTER).await;
        if wished(&answer) {
            return answer;
        }
        assert!(start.elapsed() < SOON, "{answer}");
    }
}

async fn reloads(server: &Server, result: &str) -> u64 {
    let (_, text) = get(server.metrics, "/metrics").await;
    let series = format!("vcluster_guard_config_reload_total{{result=\"{result}\"}} ");
    let line = text.lines().find_map(|line| line.strip_prefix(&series));
    line.map_or(0, |count| count.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_mode_does_what_it_says_and_a_reload_changes_it() {
    let dir = tempfile::tempdir().unwrap();
    let policy = dir.path().join("policy.yaml");
    put(&policy, "mode: enforce\n");
    let server = server(dir.path(), &policy);
    let mut client = Client::connect(server.admission, &trust(dir.path())).await.unwrap();

    let denied = client.review(BROKEN_VCLUSTER).await;
    assert_eq!(denied["allowed"], false);
    assert_eq!(denied["status"]["details"]["causes"][0]["reason"], "ha-embedded-db");

    put(&policy, "mode: warn\n");
    let warned = answer(&mut client, |answer| answer["allowed"] == true).await;
    let warning = warned["warnings"][0].as_str().unwrap();
    assert!(
        warning.starts_with("ha-embedded-db: 3 replicas on the embedded database"),
        "{warning}"
    );

    put(&policy, "mode: audit\n");
    let told = answer(&mut client, |answer| answer["warnings"].is_null()).await;
    assert_eq!(told["allowed"], true);
    let findings = told["auditAnnotations"]["findings"].as_str().unwrap();
    assert!(findings.starts_with("ha-embedded-db"), "{findings}");

    put(
        &policy,
        "namespaces: [{match: {names: [team-*]}, rules: {ha-embedded-db: {severity: off}}}]\n",
    );
    let other = answer(&mut client, |answer| answer["auditAnnotations"]["findings"] != findings).await;
    assert!(!other.to_string().contains("ha-embedded-db"), "{other}");

    server.signal("TERM");
    let (_, log) = server.end();
    let begins =
        "mode enforce begins; `vcluster-guard audit` tells which vClusters have findings that are refused from now on";
    assert_eq!(log.matches(begins).count(), 1, "{log}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_policy_leaves_the_last_good_one_in_force() {
    let dir = tempfile::tempdir().unwrap();
    let policy = dir.path().join("policy.yaml");
    put(&policy, "mode: warn\n");
    let server = server(dir.path(), &policy);
    let mut client = Client::connect(server.admission, &trust(dir.path())).await.unwrap();
    put(&policy, "mode: audit\nmodus: warn\n");
    until("the broken file is noticed", async || {
        reloads(&server, "failure").await == 1
    })
    .await;
    fs::remove_file(&policy).unwrap();
    until("the missing file is noticed", async || {
        reloads(&server, "failure").await == 2
    })
    .await;
    let answer = client.review(BROKEN_VCLUSTER).await;
    assert_eq!(answer["allowed"], true);
    assert!(!answer["warnings"].is_null(), "{answer}");
    server.signal("TERM");
    let (_, log) = server.end();
    assert!(log.contains("policy refused; the last good one stays"), "{log}");
    assert!(log.contains("unknown field `modus`"), "{log}");
    assert!(log.contains("policy cannot be read"), "{log}");
    assert!(log.contains("No such file or directory"), "{log}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_denial_is_logged_once_with_everything() {
    let dir = tempfile::tempdir().unwrap();
    let policy = dir.path().join("policy.yaml");
    put(&policy, "mode: enforce\n");
    let server = server(dir.path(), &policy);
    let mut client = Client::connect(server.admission, &trust(dir.path())).await.unwrap();
    let answer = client.review(BROKEN_VCLUSTER).await;
    assert_eq!(answer["allowed"], false);
    server.signal("TERM");
    let (_, log) = server.end();
    let events = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let judged: Vec<Value> = events.filter(|event| event["message"] == "judged").collect();
    let [event] = judged.as_slice() else { panic!("{log}") };
    let request = &serde_json::from_str::<Value>(BROKEN_VCLUSTER).unwrap()["request"];
    assert_eq!(event["uid"], request["uid"]);
    assert_eq!(event["user"], request["userInfo"]["username"]);
    assert_eq!(event["kind"], "Secret");
    assert_eq!(event["namespace"], request["namespace"]);
    assert_eq!(event["vcluster"], "team-a/shop");
    assert_eq!(event["verdict"], "denied");
    assert_eq!(event["rules"], "ha-embedded-db");
    assert_eq!(event["exempt"], "");
    assert!(event["micros"].is_u64(), "{event}");
}

/// The broken vCluster, exempt from the rule that refuses it, as sent by a member of `group`.
fn exempted(group: &str) -> &'static str {
    let mut review: Value = serde_json::from_str(BROKEN_VCLUSTER).unwrap();
    review["request"]["userInfo"]["groups"] = serde_json::json!([group]);
    review["request"]["object"]["metadata"]["annotations"] = serde_json::json!({
        "vcluster-guard.dev/exempt": "ha-embedded-db,pe-no-persistence-embedded,ha-leader-timings",
        "vcluster-guard.dev/exempt-reason": "moving to embedded etcd",
        "vcluster-guard.dev/exempt-until": "2999-01-01T00:00:00Z",
    });
    review.to_string().leak()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_groups_that_are_named_may_exempt() {
    let dir = tempfile::tempdir().unwrap();
    let policy = dir.path().join("policy.yaml");
    put(&policy, "exemptions: {allowedGroups: [sre]}\n");
    let server = server(dir.path(), &policy);
    let mut client = Client::connect(server.admission, &trust(dir.path())).await.unwrap();
    let refused = client.review(exempted("developers")).await;
    assert_eq!(refused["allowed"], false);
    assert_eq!(
        refused["status"]["message"],
        "exemptions.allowedGroups: only members of sre may write vcluster-guard.dev/exempt, its reason or its end; fix: \
         leave the annotations as they are, or ask one of them"
    );
    let passed = client.review(exempted("sre")).await;
    assert_eq!(passed["allowed"], true, "{passed}");
    assert_eq!(passed["auditAnnotations"]["exempt"], "ha-embedded-db");
}
