//! Bodies: read whole within a limit, a budget of bytes over all requests, and the deadline of the call.

use std::sync::Arc;

use axum::body::{Body, Bytes, HttpBody};
use http::HeaderMap;
use http::header::{CONTENT_LENGTH, EXPECT};
use http_body_util::BodyExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};

use super::refusal::Refusal;

/// Go escapes `<`, `>` and `&` as six bytes and an UPDATE carries two objects: a 2.9 MB object reaches a mutating
/// webhook as 17.4 MB.
const LARGEST: u64 = 32 << 20;
/// Memory is bounded by bytes in flight, not by requests.
const BUDGET: usize = 64 << 20;
/// A refused body is read to its end up to here and thrown away: a connection that is closed with bytes unread is
/// reset, and the reset may overtake the answer.
const MOST_DRAINED: u64 = 64 << 20;

/// How much may be in flight.
#[derive(Debug, Clone)]
pub(crate) struct Budget {
    largest: u64,
    bytes: Arc<Semaphore>,
}

/// A body and its share of the budget, given back when both are dropped.
#[derive(Debug)]
pub(crate) struct Read {
    pub(crate) bytes: Bytes,
    _share: OwnedSemaphorePermit,
}

impl Default for Budget {
    fn default() -> Self {
        Self::new(LARGEST, BUDGET)
    }
}

impl Budget {
    pub(crate) fn new(largest: u64, bytes: usize) -> Self {
        Self {
            largest,
            bytes: Arc::new(Semaphore::new(bytes)),
        }
    }

    /// Reads `body` until `deadline`.
    pub(crate) async fn read(&self, headers: &HeaderMap, mut body: Body, deadline: Instant) -> Result<Read, Refusal> {
        let share = match self.share(&body) {
            Ok(share) => share,
            Err(refusal) => {
                drain(headers, body, deadline).await;
                return Err(refusal);
            }
        };
        let reading = timeout_at(deadline, self.collect(&mut body)).await;
        match reading.unwrap_or(Err(Refusal::Late)) {
            Ok(bytes) => Ok(Read { bytes, _share: share }),
            Err(refusal) => {
                drop(share);
                if refusal == Refusal::TooLarge(self.largest) {
                    drain(headers, body, deadline).await;
                }
                Err(refusal)
            }
        }
    }

    /// The share of a body is its length; one that does not tell counts as the largest.
    fn share(&self, body: &Body) -> Result<OwnedSemaphorePermit, Refusal> {
        let length = body.size_hint().exact().unwrap_or(self.largest);
        if length > self.largest {
            return Err(Refusal::TooLarge(self.largest));
        }
        let permits = u32::try_from(length).map_err(|_| Refusal::TooLarge(self.largest))?;
        Arc::clone(&self.bytes)
            .try_acquire_many_owned(permits)
            .map_err(|_| Refusal::Overloaded)
    }

    /// A body that came in one piece is not copied.
    async fn collect(&self, body: &mut Body) -> Result<Bytes, Refusal> {
        let expected = body.size_hint().exact();
        let Some(first) = piece(body).await? else {
            return Ok(Bytes::new());
        };
        if expected == Some(first.len() as u64) {
            return Ok(first);
        }
        let mut whole = Vec::with_capacity(usize::try_from(expected.unwrap_or(0)).unwrap_or(0));
        whole.extend_from_slice(&first);
        while let Some(next) = piece(body).await? {
            if (whole.len() + next.len()) as u64 > self.largest {
                return Err(Refusal::TooLarge(self.largest));
            }
            whole.extend_from_slice(&next);
        }
        Ok(whole.into())
    }
}

/// The next bytes of a body; trailers are skipped.
async fn piece(body: &mut Body) -> Result<Option<Bytes>, Refusal> {
    while let Some(frame) = body.frame().await {
        if let Ok(bytes) = frame.map_err(|_| Refusal::BrokenBody)?.into_data() {
            return Ok(Some(bytes));
        }
    }
    Ok(None)
}

/// Reads a refused body to its end and forgets it, so that the caller gets to read the answer.
pub(crate) async fn drain(headers: &HeaderMap, mut body: Body, deadline: Instant) {
    let told = headers
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    // A caller that waits for `100 Continue` has not sent anything yet.
    if headers.contains_key(EXPECT) || told.is_some_and(|length| length > MOST_DRAINED) {
        return;
    }
    let _ended = timeout_at(deadline, async {
        let mut drained = 0;
        while let Ok(Some(bytes)) = piece(&mut body).await {
            drained += bytes.len() as u64;
            if drained > MOST_DRAINED {
                return;
            }
        }
    })
    .await;
}

#[cfg(test)]
#[path = "body_tests.rs"]
mod tests;
