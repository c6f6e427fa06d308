//! Answers that are no review: small JSON errors. The apiserver takes each as a failed call, failurePolicy decides.

use std::borrow::Cow;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{ALLOW, CONNECTION, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, StatusCode};
use serde::Serialize;

use super::review::Unreadable;

/// Why a call gets no review.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum Refusal {
    #[error("no such path: POST to /validate or /mutate")]
    NoSuchPath,
    #[error("only POST is answered here")]
    NotPost,
    #[error("Content-Type is not application/json")]
    ContentType,
    #[error("a body with a Content-Encoding is not read")]
    ContentEncoding,
    #[error("the body is longer than {0} bytes")]
    TooLarge(u64),
    #[error("too many bytes in flight: try again")]
    Overloaded,
    #[error("the body broke off")]
    BrokenBody,
    #[error("{0}")]
    Unreadable(#[from] Unreadable),
    #[error("no answer in time")]
    Late,
    #[error("internal error")]
    Internal,
}

#[derive(Serialize)]
struct Text<'a> {
    error: Cow<'a, str>,
}

impl Refusal {
    pub(crate) const fn status(&self) -> StatusCode {
        match self {
            Self::NoSuchPath => StatusCode::NOT_FOUND,
            Self::NotPost => StatusCode::METHOD_NOT_ALLOWED,
            Self::ContentType | Self::ContentEncoding => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Overloaded => StatusCode::TOO_MANY_REQUESTS,
            Self::BrokenBody | Self::Unreadable(_) => StatusCode::BAD_REQUEST,
            Self::Late | Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The verdict as a metric label.
    pub(crate) const fn verdict(&self) -> &'static str {
        match self {
            Self::Overloaded => "shed",
            Self::Late => "late",
            Self::Internal => "error",
            _ => "refused",
        }
    }

    /// Whether the rest of the body may still be on its way, so that the connection cannot be used again.
    const fn ends_connection(&self) -> bool {
        matches!(self, Self::TooLarge(_) | Self::BrokenBody | Self::Late)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let text = Text {
            error: self.to_string().into(),
        };
        let body = serde_json::to_vec(&text).unwrap_or_default();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        match self {
            Self::NotPost => drop(headers.insert(ALLOW, HeaderValue::from_static("POST"))),
            // The apiserver then waits and asks again, up to ten times within the webhook's timeout.
            Self::Overloaded => drop(headers.insert(RETRY_AFTER, HeaderValue::from_static("1"))),
            _ => {}
        }
        if self.ends_connection() {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}
