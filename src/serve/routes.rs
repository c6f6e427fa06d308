//! The paths of the admission port. Exact, POST only, never a redirect: the apiserver would follow one.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, post};
use tokio::time::Instant;

use super::admission::{Desk, Door, LONGEST_CALL};
use super::body::drain;
use super::judge::Judge;
use super::refusal::Refusal;

/// The router of the admission port.
pub(crate) fn router<J: Judge>(desk: &Arc<Desk<J>>) -> Router {
    Router::new()
        .route(Door::Validate.path(), door(desk, Door::Validate))
        .route(Door::Mutate.path(), door(desk, Door::Mutate))
        .method_not_allowed_fallback(|call| refuse(call, Refusal::NotPost))
        .fallback(|call| refuse(call, Refusal::NoSuchPath))
}

fn door<J: Judge>(desk: &Arc<Desk<J>>, door: Door) -> MethodRouter {
    let desk = Arc::clone(desk);
    post(move |call: Request| async move { desk.admit(door, call).await })
}

async fn refuse(call: Request, refusal: Refusal) -> Response {
    let (head, body) = call.into_parts();
    drain(&head.headers, body, Instant::now() + LONGEST_CALL).await;
    refusal.into_response()
}

#[cfg(test)]
#[path = "routes_tests.rs"]
mod tests;
