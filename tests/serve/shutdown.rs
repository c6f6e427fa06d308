//! SIGTERM under load: nothing fails that kube-apiserver would send.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::process::{Client, SOON, Server, get, make_certificates, serve, trust, until};

/// How long calls come after the signal. The lame duck is half a second longer: an endpoint is long gone by then.
const LOADED: Duration = Duration::from_secs(1);
const SHUTDOWN_DELAY: &str = "1500ms";

/// What the callers and the test tell each other.
#[derive(Default)]
struct Load {
    answered: AtomicUsize,
    /// When the signal was sent.
    signalled: OnceLock<Instant>,
}

/// Asks until some time after the signal, reconnecting when told to; returns how often that was.
async fn call(address: SocketAddr, trust: TlsConnector, load: Arc<Load>) -> usize {
    let mut client = None;
    let mut goodbyes = 0;
    while load.signalled.get().is_none_or(|at| at.elapsed() < LOADED) {
        let mut open = match client.take() {
            Some(open) => open,
            None => Client::connect(address, &trust)
                .await
                .expect("a connection was refused"),
        };
        let (status, closes) = open.ask().await.expect("a call failed");
        assert_eq!(status, 200);
        load.answered.fetch_add(1, Ordering::Relaxed);
        if closes {
            goodbyes += 1;
        } else {
            client = Some(open);
        }
    }
    goodbyes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn under_load_no_call_fails_while_it_is_a_lame_duck() {
    let dir = tempfile::tempdir().unwrap();
    make_certificates(dir.path());
    let server = Server::start(serve(dir.path()).args(["--shutdown-delay", SHUTDOWN_DELAY]));
    assert_eq!(get(server.health, "/readyz").await.0, 200);
    let load = Arc::new(Load::default());
    let callers: Vec<_> = (0..8)
        .map(|_| tokio::spawn(call(server.admission, trust(dir.path()), Arc::clone(&load))))
        .collect();
    until("there is load", async || load.answered.load(Ordering::Relaxed) > 100).await;
    server.signal("TERM");
    load.signalled.set(Instant::now()).unwrap();
    let unready = until("it is not ready any more", async || {
        get(server.health, "/readyz").await.0 == 503
    });
    timeout(LOADED, unready).await.expect("it still says that it is ready");
    assert_eq!(get(server.health, "/livez").await.0, 200);
    for caller in callers {
        assert!(caller.await.unwrap() > 0, "a caller was never sent away");
    }
    let (status, log) = tokio::task::spawn_blocking(|| server.end()).await.unwrap();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(log.contains(r#""message":"stopped""#), "{log}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idle_connection_does_not_hold_up_the_end() {
    let dir = tempfile::tempdir().unwrap();
    make_certificates(dir.path());
    let server = Server::start(serve(dir.path()).args(["--shutdown-delay", "0s", "--drain-timeout", "15s"]));
    let mut idle = Client::connect(server.admission, &trust(dir.path())).await.unwrap();
    idle.ask().await.unwrap();
    let start = Instant::now();
    server.signal("INT");
    let (status, log) = tokio::task::spawn_blocking(|| server.end()).await.unwrap();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(
        start.elapsed() < Duration::from_secs(10),
        "it waited for an idle connection"
    );
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let dir = tempfile::tempdir().unwrap();
    make_certificates(dir.path());
    let mut server = Server::start(serve(dir.path()).args(["--shutdown-delay", "10m"]));
    server.signal("TERM");
    let start = Instant::now();
    // The first must have been taken before the second is sent, or they would be one.
    server.logs("not ready any more");
    server.signal("TERM");
    let (status, log) = server.end();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(log.contains("stopping now"), "{log}");
    assert!(start.elapsed() < SOON);
}
