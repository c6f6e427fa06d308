//! What the server asks of a judgement. The contract with the apiserver is tested with judges that panic or sleep.

use super::review::{Answer, Request};
use crate::guard::{Guard, GuardError};

/// Answers reviews. An error is HTTP 500: the webhook's failurePolicy then decides, as its owner chose.
pub(crate) trait Judge: Send + Sync + 'static {
    fn validate(&self, request: &Request<'_>) -> impl Future<Output = Result<Answer, GuardError>> + Send;
    fn mutate(&self, request: &Request<'_>) -> impl Future<Output = Result<Answer, GuardError>> + Send;
}

impl Judge for Guard {
    async fn validate(&self, request: &Request<'_>) -> Result<Answer, GuardError> {
        Guard::validate(self, request).await
    }

    async fn mutate(&self, request: &Request<'_>) -> Result<Answer, GuardError> {
        Guard::mutate(self, request).await
    }
}
