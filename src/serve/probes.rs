//! The plain ports: /livez, /readyz and /metrics. Neither shares anything with the admission port but facts.

use std::sync::Arc;

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::StatusCode;
use http::header::CONTENT_TYPE;

use super::life::{Life, Phase};
use crate::metrics::Metrics;

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// /livez and /readyz.
pub(crate) fn health(life: Life, has_valid_certificate: impl Fn() -> bool + Clone + Send + Sync + 'static) -> Router {
    let ready = move || {
        let answer = readiness(life.phase(), has_valid_certificate());
        async move { answer }
    };
    Router::new()
        .route("/livez", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
}

/// /metrics.
pub(crate) fn metrics(metrics: Arc<Metrics>) -> Router {
    Router::new().route("/metrics", get(move || async move { exposition(&metrics) }))
}

fn readiness(phase: Phase, has_valid_certificate: bool) -> (StatusCode, &'static str) {
    match phase {
        Phase::Starting => (StatusCode::SERVICE_UNAVAILABLE, "starting\n"),
        Phase::Serving if has_valid_certificate => (StatusCode::OK, "ok\n"),
        Phase::Serving => (StatusCode::SERVICE_UNAVAILABLE, "the certificate is not valid now\n"),
        Phase::LameDuck | Phase::Draining => (StatusCode::SERVICE_UNAVAILABLE, "shutting down\n"),
    }
}

fn exposition(metrics: &Metrics) -> Response {
    match metrics.text() {
        Ok(text) => ([(CONTENT_TYPE, OPEN_METRICS)], text).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ready_only_while_serving_with_a_valid_certificate() {
        assert_eq!(readiness(Phase::Serving, true).0, StatusCode::OK);
        for (phase, valid) in [
            (Phase::Starting, true),
            (Phase::Serving, false),
            (Phase::LameDuck, true),
            (Phase::Draining, true),
        ] {
            assert_eq!(
                readiness(phase, valid).0,
                StatusCode::SERVICE_UNAVAILABLE,
                "{phase:?} {valid}"
            );
        }
    }
}
