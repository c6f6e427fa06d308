//! How it starts, and what it says when it cannot.

use std::fs;
use std::net::TcpListener;
use std::process::Command;

use crate::process::{Client, Server, get, make_certificates, program, serve, trust};

/// What it says on stderr when it refuses to run.
fn refusal(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{text}");
    text
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_answers_on_three_ports() {
    let dir = tempfile::tempdir().unwrap();
    make_certificates(dir.path());
    let server = Server::start(&mut serve(dir.path()));
    assert_eq!(get(server.health, "/livez").await, (200, "ok\n".to_owned()));
    assert_eq!(get(server.health, "/readyz").await, (200, "ok\n".to_owned()));
    assert_eq!(get(server.health, "/metrics").await.0, 404);
    assert_eq!(get(server.metrics, "/readyz").await.0, 404);
    let mut client = Client::connect(server.admission, &trust(dir.path())).await.unwrap();
    assert_eq!(client.ask().await.unwrap(), (200, false));
    let (status, text) = get(server.metrics, "/metrics").await;
    assert_eq!(status, 200);
    let series = r#"vcluster_guard_admission_requests_total{path="/validate",kind="StatefulSet",operation="CREATE",verdict="allowed",dry_run="false"} 1"#;
    assert!(text.contains(series), "{text}");
    assert!(
        text.contains("vcluster_guard_certificate_not_after_timestamp_seconds{which=\"serving\"} 1"),
        "{text}"
    );
    assert!(text.ends_with("# EOF\n"), "{text}");
}

#[test]
fn flags_can_come_from_the_environment() {
    let dir = tempfile::tempdir().unwrap();
    make_certificates(dir.path());
    let mut command = program();
    command
        .arg("serve")
        .env("VCLUSTER_GUARD_TLS_CERT", dir.path().join("tls.crt"))
        .env("VCLUSTER_GUARD_TLS_KEY", dir.path().join("tls.key"))
        .env("VCLUSTER_GUARD_LISTEN", "127.0.0.1:0")
        .env("VCLUSTER_GUARD_HEALTH_LISTEN", "127.0.0.1:0")
        .env("VCLUSTER_GUARD_METRICS_LISTEN", "127.0.0.1:0")
        .env("VCLUSTER_GUARD_LOG_FORMAT", "json")
        .env("VCLUSTER_GUARD_NO_LOOKUPS", "true");
    let server = Server::start(&mut command);
    assert!(server.admission.ip().is_loopback());
}

#[test]
fn a_certificate_that_is_not_there_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let text = refusal(&mut serve(dir.path()));
    assert!(
        text.contains("tls.crt") && text.contains("certs dev --dir certs"),
        "{text}"
    );
}

#[test]
fn a_key_of_another_certificate_is_refused() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    make_certificates(one.path());
    make_certificates(two.path());
    fs::copy(two.path().join("tls.key"), one.path().join("tls.key")).unwrap();
    let text = refusal(&mut serve(one.path()));
    assert!(text.contains("is not that of the certificate"), "{text}");
}

#[test]
fn a_port_that_is_taken_is_named_with_its_flag() {
    let dir = tempfile::tempdir().unwrap();
    make_certificates(dir.path());
    for flag in ["--listen", "--health-listen", "--metrics-listen"] {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap().to_string();
        let mut command = program();
        command.arg("serve").arg("--tls-cert").arg(dir.path().join("tls.crt"));
        command.arg("--tls-key").arg(dir.path().join("tls.key"));
        for port in ["--listen", "--health-listen", "--metrics-listen"] {
            command.args([port, if port == flag { &address } else { "127.0.0.1:0" }]);
        }
        let text = refusal(&mut command);
        assert!(
            text.contains(&format!("failed to listen on {address}: choose another {flag}")),
            "{text}"
        );
    }
}

#[test]
fn a_kubeconfig_that_is_not_there_is_named() {
    let dir = tempfile::tempdir().unwrap();
    make_certificates(dir.path());
    let text = refusal(serve(dir.path()).args(["--kubeconfig", "/nowhere/kubeconfig"]));
    let whole = "error: failed to read the kubeconfig /nowhere/kubeconfig: No such file or directory (os error 2); \
                 give another --kubeconfig\n";
    assert!(text.ends_with(whole), "{text}");
}

#[test]
fn a_duration_that_is_none_is_a_usage_error() {
    let dir = tempfile::tempdir().unwrap();
    let text = refusal(serve(dir.path()).args(["--shutdown-delay", "soon"]));
    assert!(text.contains("write for example 500ms, 15s, 1m30s or 14d"), "{text}");
}
