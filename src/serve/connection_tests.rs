//! Time and crowds: what a connection may take, and who has to go.

use std::future::pending;
use std::time::{Duration, Instant};

use http_body_util::BodyExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

use super::super::body::Budget;
use super::super::testing::{Server, review, router};
use super::*;

const SOON: Duration = Duration::from_secs(5);

/// Little patience for a first head.
fn hasty() -> Patience {
    Patience {
        first_head: Duration::from_millis(500),
        ..Patience::default()
    }
}

async fn server(patience: Patience) -> Server {
    Server::start(router(Budget::default()), patience, 16).await
}

/// The head of a call with this body.
fn post(body: &str) -> String {
    let length = body.len();
    format!("POST /validate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n")
}

/// Tells when a call has begun, reads it to its end, and answers it or never does.
fn telling(begun: &Arc<Notify>, answers: bool) -> Router {
    let begun = Arc::clone(begun);
    let work = move |body: Body| async move {
        begun.notify_one();
        let _read = body.collect().await;
        if !answers {
            pending::<()>().await;
        }
    };
    Router::new().route("/validate", axum::routing::post(work))
}

/// Reads until the server closes, and returns what came. A reset is an end, too.
async fn rest(stream: &mut (impl AsyncReadExt + Unpin)) -> String {
    let mut bytes = Vec::new();
    let _reset = timeout(SOON, stream.read_to_end(&mut bytes))
        .await
        .expect("the server did not close");
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn the_timers_are_those_the_apiserver_needs() {
    let patience = Patience::default();
    assert!(
        patience.idle > Duration::from_secs(90),
        "kube-apiserver keeps idle connections for 90 s"
    );
    assert_eq!(patience.first_head, Duration::from_secs(10));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handshake_that_does_not_come_is_closed() {
    let server = server(hasty()).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(&[0x16, 0x03]).await.unwrap();
    rest(&mut stream).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_drips_is_closed() {
    let server = server(hasty()).await;
    let start = Instant::now();
    let (mut reader, mut writer) = tokio::io::split(server.connect().await);
    let drip = tokio::spawn(async move {
        writer.write_all(b"POST /validate HTTP/1.1\r\nX-").await?;
        loop {
            writer.write_all(b"a").await?;
            writer.flush().await?;
            sleep(Duration::from_millis(20)).await;
        }
        #[expect(unreachable_code, reason = "it drips until it is cut off")]
        Ok::<(), std::io::Error>(())
    });
    assert_eq!(rest(&mut reader).await, "");
    assert!(start.elapsed() >= hasty().first_head);
    drip.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_drips_is_answered_500_at_the_deadline() {
    let server = server(Patience::default()).await;
    let mut stream = server.connect().await;
    let head = "POST /validate?timeout=1s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{";
    stream.write_all(head.as_bytes()).await.unwrap();
    let start = Instant::now();
    let answer = rest(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 500"), "{answer}");
    assert!(answer.ends_with(r#"{"error":"no answer in time"}"#), "{answer}");
    assert!(start.elapsed() < Duration::from_secs(1), "the caller was gone by then");
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_for_more_than_two_seconds_it_still_answers() {
    let server = server(Patience::default()).await;
    let mut client = server.client().await;
    assert_eq!(client.ask("x").await.unwrap().status(), 200);
    sleep(Duration::from_millis(2500)).await;
    assert_eq!(client.ask("x").await.unwrap().status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_for_too_long_it_is_closed() {
    let idle = Duration::from_secs(1);
    let server = server(Patience {
        idle,
        ..Patience::default()
    })
    .await;
    let start = Instant::now();
    let mut stream = server.connect().await;
    let body = review("x");
    stream.write_all((post(&body) + &body).as_bytes()).await.unwrap();
    let answer = rest(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(start.elapsed() >= idle);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_goes_away_ends_the_work() {
    let begun = Arc::new(Notify::new());
    let server = Server::start(telling(&begun, false), Patience::default(), 1).await;
    let mut stream = server.connect().await;
    stream.write_all((post("x") + "x").as_bytes()).await.unwrap();
    begun.notified().await;
    drop(stream);
    // The only place is free again.
    timeout(SOON, async {
        loop {
            let mut stream = TcpStream::connect(server.address).await.unwrap();
            if timeout(Duration::from_millis(100), stream.read_u8()).await.is_err() {
                return;
            }
        }
    })
    .await
    .expect("the work goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_silent_ones_do_not_keep_others_out() {
    let server = Server::start(router(Budget::default()), Patience::default(), 4).await;
    let mut asked = server.client().await;
    assert_eq!(asked.ask("x").await.unwrap().status(), 200);
    let mut silent = Vec::new();
    for _ in 0..20 {
        silent.push(TcpStream::connect(server.address).await.unwrap());
    }
    assert_eq!(server.client().await.ask("x").await.unwrap().status(), 200);
    assert_eq!(asked.ask("x").await.unwrap().status(), 200, "one that asked was closed");
    rest(&mut silent[0]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lame_duck_serves_and_sends_away() {
    let server = server(Patience::default()).await;
    let mut old = server.client().await;
    assert!(!old.ask("x").await.unwrap().headers().contains_key(CONNECTION));
    server.life.enter(Phase::LameDuck);
    let mut new = server.client().await;
    for client in [&mut old, &mut new] {
        let answer = client.ask("x").await.unwrap();
        assert_eq!(
            (answer.status().as_u16(), &answer.headers()[CONNECTION]),
            (200, &HeaderValue::from_static("close"))
        );
        assert!(client.ask("x").await.is_err());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn draining_ends_calls_in_flight_and_closes_idle_connections() {
    let begun = Arc::new(Notify::new());
    let server = Server::start(telling(&begun, true), Patience::default(), 16).await;
    let mut idle = server.client().await;
    idle.ask("x").await.unwrap();
    begun.notified().await;
    let mut busy = server.connect().await;
    busy.write_all(post("x").as_bytes()).await.unwrap();
    busy.flush().await.unwrap();
    begun.notified().await;
    server.life.enter(Phase::Draining);
    busy.write_all(b"x").await.unwrap();
    assert!(rest(&mut busy).await.starts_with("HTTP/1.1 200"));
    timeout(SOON, server.ended).await.expect("it does not end").unwrap();
    assert!(TcpStream::connect(server.address).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_legal_object_of_escapes_is_answered() {
    let server = server(Patience::default()).await;
    // A ConfigMap of 1 MB of `<` reaches a webhook as 12 MB on an update.
    let object = format!(r#"{{"data":"{}"}}"#, r"\u003c".repeat(1 << 20));
    let body = review("x")
        .replace(r#"{"kind":"StatefulSet"}"#, &object)
        .replace(r#""oldObject":null"#, &format!(r#""oldObject":{object}"#));
    assert!(body.len() > 12 << 20);
    let request = http::Request::post("/validate").header("Content-Type", "application/json");
    let answer = server
        .client()
        .await
        .send(request.body(http_body_util::Full::new(body.into())).unwrap())
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_http_1_is_offered() {
    let server = server(Patience::default()).await;
    let stream = server.connect().await;
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
}
