use std::convert::Infallible;
use std::time::Duration;

use http::StatusCode;
use http_body_util::StreamBody;
use hyper::body::Frame;
use tower::ServiceExt;

use super::*;
use crate::serve::testing::{review, router};

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(5)
}

/// A body that does not tell its length.
fn chunks(count: usize, size: usize) -> Body {
    let chunks = (0..count).map(move |_| Ok::<_, Infallible>(Frame::data(Bytes::from(vec![b'x'; size]))));
    Body::new(StreamBody::new(Chunks(chunks)))
}

struct Chunks<I>(I);

impl<I: Iterator + Unpin> futures_core::Stream for Chunks<I> {
    type Item = I::Item;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<I::Item>> {
        std::task::Poll::Ready(self.0.next())
    }
}

#[tokio::test]
async fn the_limits_fit_what_the_apiserver_sends() {
    let budget = Budget::default();
    assert_eq!((budget.largest, budget.bytes.available_permits()), (32 << 20, 64 << 20));
}

#[tokio::test]
async fn chunks_come_together() {
    let budget = Budget::new(100, 1000);
    let read = budget.read(&HeaderMap::new(), chunks(10, 10), soon()).await.unwrap();
    assert_eq!(read.bytes, vec![b'x'; 100]);
}

#[tokio::test]
async fn endless_chunks_end_at_the_limit() {
    let budget = Budget::new(100, 1000);
    let refusal = budget
        .read(&HeaderMap::new(), chunks(usize::MAX, 1 << 20), soon())
        .await
        .unwrap_err();
    assert_eq!(refusal, Refusal::TooLarge(100));
    assert_eq!(budget.bytes.available_permits(), 1000);
}

#[tokio::test]
async fn a_body_without_length_counts_as_the_largest() {
    let budget = Budget::new(100, 150);
    let first = budget.read(&HeaderMap::new(), chunks(1, 1), soon()).await.unwrap();
    let refusal = budget.read(&HeaderMap::new(), chunks(1, 1), soon()).await.unwrap_err();
    assert_eq!(refusal, Refusal::Overloaded);
    drop(first);
    assert!(budget.read(&HeaderMap::new(), chunks(1, 1), soon()).await.is_ok());
}

#[tokio::test]
async fn a_body_that_tells_its_length_counts_as_that() {
    let budget = Budget::new(100, 150);
    let one = budget
        .read(&HeaderMap::new(), Body::from(vec![0; 75]), soon())
        .await
        .unwrap();
    let two = budget
        .read(&HeaderMap::new(), Body::from(vec![0; 75]), soon())
        .await
        .unwrap();
    assert!(
        budget
            .read(&HeaderMap::new(), Body::from(vec![0; 1]), soon())
            .await
            .is_err()
    );
    drop((one, two));
    assert_eq!(budget.bytes.available_permits(), 150);
}

#[tokio::test]
async fn over_budget_the_apiserver_is_asked_to_come_again() {
    let budget = Budget::new(10_000, 10_000);
    let router = router(budget.clone());
    let _taken = budget
        .read(&HeaderMap::new(), Body::from(vec![0; 9_999]), soon())
        .await
        .unwrap();
    let call = http::Request::post("/validate")
        .header("Content-Type", "application/json")
        .body(Body::from(review("x")))
        .unwrap();
    let response = router.oneshot(call).await.unwrap();
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(response.headers()["Retry-After"], "1");
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(body, r#"{"error":"too many bytes in flight: try again"}"#);
}

#[tokio::test]
async fn a_body_that_breaks_off_is_refused() {
    let broken = StreamBody::new(Chunks(
        [Err::<Frame<Bytes>, _>(std::io::Error::other("gone"))].into_iter(),
    ));
    let refusal = Budget::default()
        .read(&HeaderMap::new(), Body::new(broken), soon())
        .await
        .unwrap_err();
    assert_eq!(refusal, Refusal::BrokenBody);
}
