//! Look-ups against an apiserver that is a socket and a table of answers.

use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use http::StatusCode;

use super::*;

const SECRET: &str = r#"{"metadata":{"annotations":{"a":"b"}},"data":{"config.yaml":"Y29udHJvbFBsYW5lOiB7fQo="}}"#;

/// What was asked for.
#[derive(Debug, Clone)]
struct Calls(Arc<Counts>);

#[derive(Debug)]
struct Counts {
    all: AtomicUsize,
    /// Calls that wait for the gate.
    held: AtomicUsize,
    /// Shut until it is closed, as a semaphore is.
    gate: Semaphore,
}

async fn answer(State(calls): State<Calls>, Path(path): Path<String>) -> impl IntoResponse {
    let calls = &*calls.0;
    calls.all.fetch_add(1, Ordering::SeqCst);
    if path.ends_with("/found-held") {
        calls.held.fetch_add(1, Ordering::SeqCst);
        let _closed = calls.gate.acquire().await;
    }
    let status = |code: u16| {
        (
            StatusCode::from_u16(code).unwrap(),
            format!(r#"{{"kind":"Status","code":{code}}}"#),
        )
    };
    match path.as_str() {
        "api/v1/namespaces/team-a/secrets/vc-config-demo" => (StatusCode::OK, SECRET.to_owned()),
        "api/v1/namespaces/team-a/secrets/vc-config-odd" => (StatusCode::OK, r#"{"metadata":{}}"#.to_owned()),
        "api/v1/namespaces/team-a/secrets/vc-config-bad" => (
            StatusCode::OK,
            r#"{"metadata":{},"data":{"config.yaml":["hunter2!"]}}"#.to_owned(),
        ),
        "api/v1/namespaces/team-a" => (StatusCode::OK, r#"{"metadata":{"labels":{"env":"test"}}}"#.to_owned()),
        path if path.ends_with("/forbidden") => status(403),
        path if path.ends_with("/broken") => status(500),
        path if path.ends_with("/slow") => std::future::pending().await,
        path if path.contains("/found") => (StatusCode::OK, format!(r#"{{"path":"{path}"}}"#)),
        _ => status(404),
    }
}

async fn gather() -> (Gather, Calls) {
    let calls = Calls(Arc::new(Counts {
        all: AtomicUsize::new(0),
        held: AtomicUsize::new(0),
        gate: Semaphore::new(0),
    }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new()
        .route("/{*path}", axum::routing::get(answer))
        .with_state(calls.clone());
    tokio::spawn(crate::serve::testing::plain(listener, router));
    let cluster = Cluster::new(kube::Config::new(url.parse().unwrap())).unwrap();
    (
        Gather::new(
            Access::Cluster(cluster),
            Duration::from_millis(500),
            Arc::new(Metrics::new()),
        ),
        calls,
    )
}

fn unknown<T>(reason: &'static str) -> Lookup<T> {
    Lookup::Unknown(Cow::Borrowed(reason))
}

#[tokio::test]
async fn a_config_secret_is_found_and_decoded() {
    let (gather, _) = gather().await;
    let deadline = gather.deadline();
    let Lookup::Found(secret) = gather.config_secret("team-a", "demo", deadline).await else {
        panic!("not found")
    };
    assert_eq!(secret.text(), b"controlPlane: {}\n");
    assert_eq!(secret.metadata.annotations["a"], "b");
    assert!(!format!("{secret:?}").contains("control"), "{secret:?}");
    let odd = gather.config_secret("team-a", "odd", deadline).await;
    assert!(matches!(odd, Lookup::Absent), "{odd:?}");
}

#[tokio::test]
async fn a_secret_that_cannot_be_read_is_not_quoted() {
    let (gather, _) = gather().await;
    let found = gather.config_secret("team-a", "bad", gather.deadline()).await;
    assert_eq!(found, unknown("the Secret could not be read"));
}

#[tokio::test]
async fn workloads_come_as_text_and_namespaces_as_labels() {
    let (gather, _) = gather().await;
    let deadline = gather.deadline();
    for (workload, path) in [
        (
            Workload::StatefulSet,
            "apis/apps/v1/namespaces/team-a/statefulsets/found",
        ),
        (Workload::Deployment, "apis/apps/v1/namespaces/team-a/deployments/found"),
    ] {
        let found = gather.workload(workload, "team-a", "found", deadline).await;
        assert_eq!(found, Lookup::Found(format!(r#"{{"path":"{path}"}}"#)));
    }
    let labels = gather.namespace_labels("team-a", deadline).await;
    assert_eq!(labels, Lookup::Found([("env".to_owned(), "test".to_owned())].into()));
}

#[tokio::test]
async fn what_goes_wrong_is_unknown_with_a_reason() {
    let (gather, _) = gather().await;
    for (name, reason) in [
        ("forbidden", "this server's account may not read it"),
        ("broken", "the apiserver answered 500"),
        ("slow", "the apiserver did not answer in time"),
    ] {
        let found = gather
            .workload(Workload::StatefulSet, "team-a", name, gather.deadline())
            .await;
        assert_eq!(found, unknown(reason), "{name}");
    }
}

#[tokio::test]
async fn an_absence_is_asked_for_once() {
    let (gather, calls) = gather().await;
    for _ in 0..3 {
        assert_eq!(
            gather.config_secret("team-a", "none", gather.deadline()).await,
            Lookup::Absent
        );
    }
    assert_eq!(calls.0.all.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_name_that_is_none_is_never_sent() {
    let (gather, calls) = gather().await;
    let long = "a".repeat(254);
    for name in ["", "..", ".", "a/b", "a?b", "a%2fb", "A", "a b", "é", &long] {
        let found = gather
            .workload(Workload::StatefulSet, "team-a", name, gather.deadline())
            .await;
        assert_eq!(found, unknown("not a name an object can have"), "{name}");
        let found = gather
            .workload(Workload::StatefulSet, name, "demo", gather.deadline())
            .await;
        assert_eq!(found, unknown("not a name an object can have"), "{name}");
    }
    assert_eq!(calls.0.all.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn at_most_eight_are_asked_at_once() {
    let (gather, calls) = gather().await;
    let gather = Arc::new(gather);
    let deadline = Instant::now() + Duration::from_secs(60);
    let asked: Vec<_> = (0..30)
        .map(|_| {
            let gather = Arc::clone(&gather);
            let ask = async move { gather.workload(Workload::Deployment, "n", "found-held", deadline).await };
            tokio::spawn(ask)
        })
        .collect();
    let Access::Cluster(cluster) = &gather.access else {
        panic!("there is one")
    };
    // What is asked past the limit comes after all that the limit lets through, and is answered at once.
    let held = || calls.0.held.load(Ordering::SeqCst);
    while held() < MOST_AT_ONCE {
        assert!(Instant::now() < deadline, "only {} came", held());
        cluster.get("/later").await;
    }
    for _ in 0..MOST_AT_ONCE {
        cluster.get("/later").await;
    }
    assert_eq!(held(), MOST_AT_ONCE);
    calls.0.gate.close();
    for answer in asked {
        assert!(matches!(answer.await.unwrap(), Lookup::Found(_)));
    }
}

#[tokio::test]
async fn a_caller_that_waits_less_has_its_way() {
    let (gather, _) = gather().await;
    let caller = Instant::now() + Duration::from_millis(50);
    assert_eq!(until(caller, async { gather.deadline() }).await, caller);
    assert!(
        until(caller + Duration::from_secs(60), async { gather.deadline() }).await < caller + Duration::from_secs(60)
    );
}

#[tokio::test]
async fn without_a_cluster_everything_is_unknown() {
    let access = Access::None(Cow::Borrowed("no cluster"));
    let gather = Gather::new(access, Duration::from_secs(1), Arc::new(Metrics::new()));
    assert_eq!(
        gather.config_secret("a", "b", gather.deadline()).await,
        unknown("no cluster")
    );
}

#[tokio::test]
async fn a_cluster_that_is_not_there_is_unknown() {
    let cluster = Cluster::new(kube::Config::new("http://127.0.0.1:1".parse().unwrap())).unwrap();
    let gather = Gather::new(
        Access::Cluster(cluster),
        Duration::from_secs(1),
        Arc::new(Metrics::new()),
    );
    let found = gather.config_secret("a", "b", gather.deadline()).await;
    assert_eq!(found, unknown("the apiserver could not be reached"));
}

#[tokio::test]
async fn a_kubeconfig_that_was_named_must_be_there() {
    let flags = crate::cluster::Flags {
        kubeconfig: Some("/nowhere/kubeconfig".into()),
        ..Default::default()
    };
    let error = connect(&flags).await.unwrap_err();
    assert!(format!("{error:#}").contains("/nowhere/kubeconfig"), "{error:#}");
}
