//! Requests to the apiserver: paced, repeated while that may help, and never for ever.

use std::time::Duration;

use http::{Method, Request, StatusCode, header};
use kube::client::Body;
use serde::Deserialize;
use tokio::sync::{Mutex, Semaphore};
use tokio::time::{Interval, MissedTickBehavior, interval, sleep, timeout};
use tower::retry::backoff::{Backoff, ExponentialBackoff, ExponentialBackoffMaker, MakeBackoff};
use tower::util::rng::HasherRng;

/// 20 lists a second at most: what an apiserver serves beside its work without anybody noticing.
const BETWEEN_LISTS: Duration = Duration::from_millis(50);
const MOST_AT_ONCE: usize = 8;

const JSON: &str = "application/json";
const METADATA: &str = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

/// How long to wait for an apiserver that cannot, or will not, answer now.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// For one answer, its body included.
    pub(crate) answer: Duration,
    /// How often one thing is asked for.
    pub(crate) attempts: u32,
    /// The shortest pause between two attempts; each is about twice as long as the one before.
    pub(crate) pause: Duration,
    /// The longest one, whatever `Retry-After` says.
    pub(crate) longest_pause: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            answer: Duration::from_secs(30),
            attempts: 6,
            pause: Duration::from_millis(250),
            longest_pause: Duration::from_secs(30),
        }
    }
}

/// Why something was not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Failure {
    /// There is none, or there is no such kind.
    #[error("there is none")]
    NotFound,
    #[error("this account may not read it")]
    Forbidden,
    /// The continue token, and with it the state of the cluster that the list began with.
    #[error("the list expired before its end")]
    Expired {
        /// Where to go on in the present state; empty to begin again.
        resume: String,
    },
    /// The apiserver's own words may quote an object: the code says enough.
    #[error("the apiserver answered {0}")]
    Status(u16),
    #[error("the apiserver could not be reached")]
    Unreachable,
    #[error("the apiserver did not answer in time")]
    Late,
    #[error("the answer is no whole list")]
    Garbled,
    #[error("its objects do not come in the order of their names")]
    Disorder,
}

/// An answer that is not what was asked for.
#[derive(Debug)]
pub(super) struct Garbled;

/// What one attempt came to.
enum Attempt<T> {
    Done(Result<T, Failure>),
    /// Worth another one, not before this has passed.
    Again(Failure, Option<Duration>),
}

/// A request that may be repeated as it is.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    pub(super) method: Method,
    pub(super) path: &'a str,
    pub(super) accept: &'static str,
    /// Its type and text.
    pub(super) body: Option<(&'static str, &'a [u8])>,
}

impl<'a> Asked<'a> {
    const fn get(path: &'a str) -> Self {
        Self {
            method: Method::GET,
            path,
            accept: JSON,
            body: None,
        }
    }

    fn request(&self) -> http::Result<Request<Body>> {
        let request = Request::builder()
            .method(&self.method)
            .uri(self.path)
            .header(header::ACCEPT, self.accept);
        match self.body {
            Some((content_type, body)) => request
                .header(header::CONTENT_TYPE, content_type)
                .body(Body::from(body.to_vec())),
            None => request.body(Body::empty()),
        }
    }
}

/// Reads from one apiserver, and writes reports to it.
pub(super) struct Reader {
    client: kube::Client,
    patience: Patience,
    lists: Mutex<Interval>,
    gets: Semaphore,
}

impl Reader {
    pub(super) fn new(client: kube::Client, patience: Patience) -> Self {
        let mut lists = interval(BETWEEN_LISTS);
        lists.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            client,
            patience,
            lists: Mutex::new(lists),
            gets: Semaphore::new(MOST_AT_ONCE),
        }
    }

    /// One page of a list. `read` makes something of its bytes.
    pub(super) async fn list<T>(&self, path: &str, read: impl Fn(&[u8]) -> Result<T, Garbled>) -> Result<T, Failure> {
        self.ask(&Asked::get(path), true, read).await
    }

    /// One page of the metadata of a list: the apiserver leaves the rest out.
    pub(super) async fn list_metadata<T>(
        &self,
        path: &str,
        read: impl Fn(&[u8]) -> Result<T, Garbled>,
    ) -> Result<T, Failure> {
        let asked = Asked {
            accept: METADATA,
            ..Asked::get(path)
        };
        self.ask(&asked, true, read).await
    }

    /// A write that comes to the same when it is done twice.
    pub(super) async fn write(&self, asked: &Asked<'_>) -> Result<(), Failure> {
        self.ask(asked, false, |_| Ok(())).await
    }

    /// One object; [`Failure::NotFound`] when there is none.
    pub(super) async fn get<T>(&self, path: &str, read: impl Fn(&[u8]) -> Result<T, Garbled>) -> Result<T, Failure> {
        let Ok(_permit) = self.gets.acquire().await else {
            return Err(Failure::Late);
        };
        self.ask(&Asked::get(path), false, read).await
    }

    async fn ask<T>(
        &self,
        asked: &Asked<'_>,
        is_list: bool,
        read: impl Fn(&[u8]) -> Result<T, Garbled>,
    ) -> Result<T, Failure> {
        let mut backoff = self.backoff();
        let mut left = self.patience.attempts;
        loop {
            if is_list {
                self.lists.lock().await.tick().await;
            }
            let attempt = timeout(self.patience.answer, self.attempt(asked, &read)).await;
            let (failure, pause) = match attempt {
                Ok(Attempt::Done(done)) => return done,
                Ok(Attempt::Again(failure, pause)) => (failure, pause),
                Err(_) => (Failure::Late, None),
            };
            left = left.saturating_sub(1);
            if left == 0 {
                return Err(failure);
            }
            tracing::info!(path = asked.path, %failure, "asking again");
            let pause = pause.unwrap_or_default().min(self.patience.longest_pause);
            tokio::join!(backoff.next_backoff(), sleep(pause));
        }
    }

    async fn attempt<T>(&self, asked: &Asked<'_>, read: &impl Fn(&[u8]) -> Result<T, Garbled>) -> Attempt<T> {
        let Ok(request) = asked.request() else {
            return Attempt::Done(Err(Failure::NotFound));
        };
        let Ok(answer) = self.client.send(request).await else {
            return Attempt::Again(Failure::Unreachable, None);
        };
        let (head, body) = answer.into_parts();
        let Ok(body) = body.collect_bytes().await else {
            return Attempt::Again(Failure::Garbled, None);
        };
        if head.status.is_success() {
            return match read(&body) {
                Ok(read) => Attempt::Done(Ok(read)),
                Err(Garbled) => Attempt::Again(Failure::Garbled, None),
            };
        }
        let failure = failure(head.status, &body);
        if matches!(head.status, StatusCode::TOO_MANY_REQUESTS) || head.status.is_server_error() {
            let seconds = head.headers.get(header::RETRY_AFTER);
            let seconds = seconds.and_then(|seconds| seconds.to_str().ok()?.trim().parse().ok());
            return Attempt::Again(failure, seconds.map(Duration::from_secs));
        }
        Attempt::Done(Err(failure))
    }

    fn backoff(&self) -> ExponentialBackoff<HasherRng> {
        let Patience {
            pause, longest_pause, ..
        } = self.patience;
        let maker = ExponentialBackoffMaker::new(pause, longest_pause.max(pause), 0.5, HasherRng::default());
        let mut maker = maker.unwrap_or_default();
        maker.make_backoff()
    }
}

fn failure(status: StatusCode, body: &[u8]) -> Failure {
    match status {
        StatusCode::NOT_FOUND => Failure::NotFound,
        StatusCode::FORBIDDEN => Failure::Forbidden,
        StatusCode::GONE => Failure::Expired {
            resume: serde_json::from_slice::<Status>(body)
                .unwrap_or_default()
                .metadata
                .resume,
        },
        status => Failure::Status(status.as_u16()),
    }
}

/// What of a `Status` is read.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Status {
    metadata: StatusMeta,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct StatusMeta {
    #[serde(rename = "continue")]
    resume: String,
}
