//! The contract with kube-apiserver, and with anyone else who can reach the port: one table, asked of the router
//! and over real TLS, where all cases share a connection as long as the server keeps it.

#[path = "routes_tests/cases.rs"]
mod cases;

use axum::body::Body;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use tower::ServiceExt;

use cases::{Case, cases};

use super::super::body::Budget;
use super::super::connection::Patience;
use super::super::testing::{Server, router};

/// The largest body in these tests.
const LARGEST: u64 = 100_000;

fn request(case: &Case) -> Request<Full<Bytes>> {
    let mut request = Request::builder()
        .method(&case.method)
        .uri(case.path)
        .header("Host", "localhost");
    for (name, value) in [("Content-Type", case.content_type), ("Content-Encoding", case.encoding)] {
        request = value
            .into_iter()
            .fold(request, |request, value| request.header(name, value));
    }
    request.body(Full::new(case.body.clone().into())).unwrap()
}

fn compare(case: &Case, response: &Response<Bytes>) {
    let body = String::from_utf8_lossy(response.body());
    assert_eq!(
        (response.status().as_u16(), &*body),
        (case.status, &*case.answer),
        "{}",
        case.what
    );
    assert_eq!(response.headers()["Content-Type"], "application/json", "{}", case.what);
    assert_eq!(
        response.headers().contains_key("Allow"),
        case.status == 405,
        "{}",
        case.what
    );
}

fn budget() -> Budget {
    Budget::new(LARGEST, 1 << 20)
}

#[tokio::test]
async fn the_router_keeps_the_contract() {
    let router = router(budget());
    for case in cases() {
        let response = router.clone().oneshot(request(&case).map(Body::new)).await.unwrap();
        let (head, body) = response.into_parts();
        compare(
            &case,
            &Response::from_parts(head, body.collect().await.unwrap().to_bytes()),
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn so_does_the_server_and_keeps_the_connection() {
    let server = Server::start(router(budget()), Patience::default(), 16).await;
    let mut client = server.client().await;
    for case in cases() {
        let response = client.send(request(&case)).await.unwrap();
        compare(&case, &response);
        // Only after these may the rest of a body be on its way.
        let closes = case.status == 413 || case.what == "late";
        assert_eq!(response.headers().contains_key("Connection"), closes, "{}", case.what);
        if closes {
            client = server.client().await;
        }
    }
}

#[tokio::test]
async fn head_is_no_post() {
    let request = Request::head("/validate").body(Body::empty()).unwrap();
    let response = router(budget()).oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
}
