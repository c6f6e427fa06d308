//! The judgement as the server sees it: a request in, an answer out.

use std::sync::Arc;

use crate::gather::Gather;
use crate::metrics::Metrics;
use crate::serve::review::{Answer, Request};

/// The judgement itself failed: HTTP 500, so that the webhook's failurePolicy decides.
#[derive(Debug, thiserror::Error)]
#[error("the judgement failed: {0}")]
pub(crate) struct GuardError(pub(crate) String);

/// Judges and mends.
#[derive(Debug)]
pub(crate) struct Guard {
    #[expect(dead_code, reason = "read by the judgement")]
    gather: Gather,
    #[expect(dead_code, reason = "read by the judgement")]
    metrics: Arc<Metrics>,
}

impl Guard {
    pub(crate) fn new(gather: Gather, metrics: Arc<Metrics>) -> Self {
        Self { gather, metrics }
    }

    /// Says whether the request may pass.
    #[expect(clippy::unused_async, reason = "the judgement looks facts up")]
    pub(crate) async fn validate(&self, _request: &Request<'_>) -> Result<Answer, GuardError> {
        Ok(Answer::allow())
    }

    /// Says what to mend.
    #[expect(clippy::unused_async, reason = "the judgement looks facts up")]
    pub(crate) async fn mutate(&self, _request: &Request<'_>) -> Result<Answer, GuardError> {
        Ok(Answer::allow())
    }
}
