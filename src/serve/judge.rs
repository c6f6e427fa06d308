//! What the server asks of a judgement. The contract with the apiserver is tested with judges that panic or sleep.

use super::review::{Answer, Request};

/// The judgement itself failed: HTTP 500, so that the webhook's failurePolicy decides, as its owner chose.
#[derive(Debug, thiserror::Error)]
#[error("the judgement failed: {0}")]
pub(crate) struct JudgeError(pub(crate) String);

/// Answers reviews.
pub(crate) trait Judge: Send + Sync + 'static {
    /// Says whether the request may pass.
    fn validate(&self, request: &Request<'_>) -> impl Future<Output = Result<Answer, JudgeError>> + Send;
    /// Says what to mend.
    fn mutate(&self, request: &Request<'_>) -> impl Future<Output = Result<Answer, JudgeError>> + Send;
}
