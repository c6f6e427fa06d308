//! One admission call, from its head to its answer.

use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::Request as HttpRequest;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};
use tokio::time::{Instant, timeout_at};

use super::body::{Budget, drain};
use super::judge::Judge;
use super::refusal::Refusal;
use super::review::{Answer, Request, decode};
use crate::blocking;
use crate::metrics::{self, Admission, Metrics};
use crate::{duration, gather};

/// Longest time for one call, whatever the caller would wait: the apiserver's own default.
pub(crate) const LONGEST_CALL: Duration = Duration::from_secs(10);
/// The answer that it is late must reach the apiserver before it stops waiting.
const HEADROOM: Duration = Duration::from_millis(500);

/// Which of the two questions is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Door {
    Validate,
    Mutate,
}

/// What all calls share.
#[derive(Debug)]
pub(crate) struct Desk<J> {
    pub(crate) judge: J,
    pub(crate) budget: Budget,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) longest_call: Duration,
}

impl Door {
    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Validate => "/validate",
            Self::Mutate => "/mutate",
        }
    }
}

/// What metrics and log say of a call. Until the review is read, that is little.
struct Record {
    kind: &'static str,
    operation: &'static str,
    dry_run: &'static str,
    verdict: &'static str,
}

impl<J: Judge> Desk<J> {
    /// Answers one call. A caller that goes away drops this future, and the work with it.
    pub(crate) async fn admit(&self, door: Door, call: HttpRequest) -> Response {
        let start = Instant::now();
        let mut record = Record {
            kind: "other",
            operation: "unknown",
            dry_run: "false",
            verdict: "error",
        };
        let deadline = start + time_for(call.uri().query(), self.longest_call);
        let answered = catch_panic(self.answer(door, call, deadline, &mut record)).await;
        let response = answered.unwrap_or(Err(Refusal::Internal)).unwrap_or_else(|refusal| {
            record.verdict = refusal.verdict();
            tracing::debug!(path = door.path(), status = refusal.status().as_u16(), %refusal, "refused");
            refusal.into_response()
        });
        let Record {
            kind,
            operation,
            dry_run,
            verdict,
        } = record;
        self.metrics.admission(
            &Admission {
                path: door.path(),
                kind,
                operation,
                verdict,
                dry_run,
            },
            start.elapsed(),
        );
        response
    }

    async fn answer(
        &self,
        door: Door,
        call: HttpRequest,
        deadline: Instant,
        record: &mut Record,
    ) -> Result<Response, Refusal> {
        let (head, body) = call.into_parts();
        if let Err(refusal) = check(&head.headers) {
            drain(&head.headers, body, deadline).await;
            return Err(refusal);
        }
        let body = self.budget.read(&head.headers, body, deadline).await?;
        let request = blocking::unhurried(body.bytes.len(), || decode(&body.bytes))?;
        record.kind = metrics::kind(&request.kind);
        record.operation = request.operation.as_str();
        record.dry_run = if request.dry_run { "true" } else { "false" };
        let start = Instant::now();
        let mut answer = self.judge(door, &request, deadline).await?;
        if door == Door::Validate {
            // A validating webhook that sends a patch fails the call.
            answer.patch = None;
        }
        record.verdict = verdict(&answer);
        log(door, &request, &answer, record.verdict, start.elapsed());
        let text = answer.write(&request.uid).map_err(|_| Refusal::Internal)?;
        Ok(json(text.into()))
    }

    async fn judge(&self, door: Door, request: &Request<'_>, deadline: Instant) -> Result<Answer, Refusal> {
        let work = async {
            match door {
                Door::Validate => self.judge.validate(request).await,
                Door::Mutate => self.judge.mutate(request).await,
            }
        };
        let judged = timeout_at(deadline, gather::until(deadline, work))
            .await
            .map_err(|_| Refusal::Late)?;
        judged.map_err(|error| {
            tracing::error!(uid = short(&request.uid), %error, "no judgement");
            Refusal::Internal
        })
    }
}

/// kube-apiserver sends `application/json`, never encoded; a compressed body could be a bomb.
fn check(headers: &HeaderMap) -> Result<(), Refusal> {
    if headers.contains_key(CONTENT_ENCODING) {
        return Err(Refusal::ContentEncoding);
    }
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let (first, second) = (types.next(), types.next());
    let essence = first.and_then(|value| value.to_str().ok()?.split(';').next());
    let is_json = essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"));
    if is_json && second.is_none() {
        Ok(())
    } else {
        Err(Refusal::ContentType)
    }
}

/// The time the caller says it waits (`?timeout=10s` on every call of kube-apiserver), less the way back.
fn time_for(query: Option<&str>, longest: Duration) -> Duration {
    let told = query
        .and_then(|query| query.split('&').find_map(|pair| pair.strip_prefix("timeout=")))
        .and_then(|text| duration::parse(text).ok())
        .filter(|time| !time.is_zero());
    let waits = told.map_or(longest, |time| time.min(longest));
    waits.saturating_sub(HEADROOM).max(waits / 2)
}

/// Runs `work`; `None` when it panicked, so that one bad object cannot end a connection without an answer.
async fn catch_panic<F: Future>(work: F) -> Option<F::Output> {
    let mut work = pin!(work);
    std::future::poll_fn(move |context| {
        let polled = std::panic::catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context)));
        polled.map_or(Poll::Ready(None), |poll| poll.map(Some))
    })
    .await
}

const fn verdict(answer: &Answer) -> &'static str {
    match answer {
        Answer { allowed: false, .. } => "denied",
        Answer { patch: Some(_), .. } => "patched",
        Answer { warnings, .. } if !warnings.is_empty() => "warned",
        _ => "allowed",
    }
}

/// One line for each call that was judged; who was refused, or let through by exemption, is seen by default. Names and
/// rule ids only: objects hold passwords.
fn log(door: Door, request: &Request<'_>, answer: &Answer, verdict: &str, took: Duration) {
    macro_rules! line {
        ($level:ident) => {
            tracing::$level!(
                path = door.path(),
                uid = short(&request.uid),
                user = short(&request.username),
                kind = short(&request.kind),
                namespace = short(&request.namespace),
                name = short(&request.name),
                vcluster = answer.vcluster,
                operation = request.operation.as_str(),
                dry_run = request.dry_run,
                verdict,
                rules = rules(answer),
                exempt = answer.exempt,
                micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
                "judged"
            )
        };
    }
    if answer.allowed && answer.exempt.is_empty() {
        line!(debug);
    } else {
        line!(info);
    }
}

/// The rules a denial rests on, in their order.
fn rules(answer: &Answer) -> String {
    let ids: Vec<&str> = answer.causes.iter().map(|cause| cause.reason.as_str()).collect();
    ids.join(",")
}

/// Names come from anyone on the pod network: as much of one as a log line should hold.
fn short(text: &str) -> &str {
    text.char_indices()
        .nth(253)
        .map_or(text, |(end, _)| text.get(..end).unwrap_or_default())
}

fn json(body: Bytes) -> Response {
    let mut response = Response::new(Body::from(body));
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
