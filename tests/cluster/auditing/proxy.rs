//! Between the audit and the API server: passes everything on, but for what a test has planned.

use std::convert::Infallible;
use std::future::pending;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{Request, Response, StatusCode, header};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use kube::client::Body;
use kube::config::{KubeConfigOptions, Kubeconfig};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// What happens to a request instead of an answer, or on its way.
#[derive(Clone)]
pub(super) enum Fault {
    /// The proxy answers by itself, with these seconds of Retry-After.
    Answer(u16, Option<u32>),
    /// The connection ends in the middle of the answer.
    Cut,
    /// Nothing ever comes.
    Silence,
    /// This much of the answer is replaced.
    Replace(&'static str, &'static str),
    /// Nothing special.
    Pass,
    /// This is done first.
    First(Arc<dyn Fn() + Send + Sync>),
}

/// Something planned: what happens to the next so many requests whose path and query have all of these in them.
pub(super) struct Plan {
    pub(super) about: &'static [&'static str],
    pub(super) times: usize,
    pub(super) fault: Fault,
}

/// A proxy that runs until it is dropped.
pub(super) struct Proxy {
    runtime: Option<Runtime>,
    address: SocketAddr,
    directory: PathBuf,
    state: Arc<State>,
}

struct State {
    client: kube::Client,
    plans: Mutex<Vec<Plan>>,
    seen: Mutex<Vec<String>>,
}

impl Proxy {
    /// Passes on as whoever the kubeconfig says.
    pub(super) fn start(kubeconfig: &Path, plans: Vec<Plan>) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .unwrap();
        let client = runtime.block_on(async {
            let read = Kubeconfig::read_from(kubeconfig).unwrap();
            let options = KubeConfigOptions::default();
            let mut config = kube::Config::from_custom_kubeconfig(read, &options).await.unwrap();
            config.default_retry = false;
            kube::Client::try_from(config).unwrap()
        });
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State {
            client,
            plans: Mutex::new(plans),
            seen: Mutex::default(),
        });
        runtime.spawn(accept(listener, Arc::clone(&state)));
        Self {
            runtime: Some(runtime),
            address,
            directory: kubeconfig.parent().unwrap().to_owned(),
            state,
        }
    }

    /// A kubeconfig that leads here.
    pub(super) fn kubeconfig(&self) -> PathBuf {
        let file = self.directory.join(format!("proxy-{}.kubeconfig", self.address.port()));
        let config = json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "proxy",
            "clusters": [{"name": "proxy", "cluster": {"server": format!("http://{}", self.address)}}],
            "users": [{"name": "nobody", "user": {}}],
            "contexts": [{"name": "proxy", "context": {"cluster": "proxy", "user": "nobody"}}],
        });
        std::fs::write(&file, config.to_string()).unwrap();
        file
    }

    /// How many requests had all of these in their path and query.
    pub(super) fn count(&self, about: &[&str]) -> usize {
        let seen = self.state.seen.lock().unwrap();
        seen.iter()
            .filter(|path| about.iter().all(|part| path.contains(part)))
            .count()
    }
}

impl Proxy {
    /// Ends it: nobody listens there any more.
    pub(super) fn stop(mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(Duration::from_secs(5));
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn accept(listener: TcpListener, state: Arc<State>) {
    while let Ok((stream, _)) = listener.accept().await {
        let state = Arc::clone(&state);
        tokio::spawn(async move {
            let service = service_fn(|request| answer(&state, request));
            let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            // One that a fault has cut ends with an error.
            let _ = connection.await;
        });
    }
}

type Sent = UnsyncBoxBody<Bytes, io::Error>;

async fn answer(state: &State, request: Request<Incoming>) -> Result<Response<Sent>, Infallible> {
    let path = request
        .uri()
        .path_and_query()
        .map_or("/", |path| path.as_str())
        .to_owned();
    state.seen.lock().unwrap().push(path.clone());
    let fault = state.plan(&path);
    match &fault {
        Some(Fault::Answer(status, after)) => return Ok(refusal(*status, *after)),
        Some(Fault::Silence) => pending().await,
        Some(Fault::First(work)) => tokio::task::block_in_place(|| work()),
        _ => {}
    }
    let forwarded = Request::get(&path).header(header::ACCEPT, "application/json");
    let answer = state.client.send(forwarded.body(Body::empty()).unwrap()).await.unwrap();
    let (mut head, body) = answer.into_parts();
    let mut body = body.collect_bytes().await.unwrap();
    head.headers.remove(header::TRANSFER_ENCODING);
    head.headers.insert(header::CONTENT_LENGTH, body.len().into());
    match fault {
        Some(Fault::Cut) => return Ok(Response::from_parts(head, cut(&body))),
        Some(Fault::Replace(from, to)) => {
            body = String::from_utf8_lossy(&body).replace(from, to).into();
            head.headers.insert(header::CONTENT_LENGTH, body.len().into());
        }
        _ => {}
    }
    Ok(Response::from_parts(head, whole(body)))
}

fn whole(body: Bytes) -> Sent {
    Full::new(body).map_err(|never| match never {}).boxed_unsync()
}

/// The first half of it; then the connection ends.
fn cut(body: &Bytes) -> Sent {
    let half = Frame::data(body.slice(..body.len() / 2));
    let half = stream::iter([Ok(half)]);
    let lost = stream::once(async {
        // So that what there is so far is sent.
        tokio::task::yield_now().await;
        Err(io::Error::from(io::ErrorKind::ConnectionReset))
    });
    StreamBody::new(half.chain(lost)).boxed_unsync()
}

fn refusal(status: u16, after: Option<u32>) -> Response<Sent> {
    let mut answer = Response::new(whole(Bytes::new()));
    *answer.status_mut() = StatusCode::from_u16(status).unwrap();
    if let Some(after) = after {
        answer.headers_mut().insert(header::RETRY_AFTER, after.into());
    }
    answer
}

impl State {
    /// What is planned for this request.
    fn plan(&self, path: &str) -> Option<Fault> {
        let mut plans = self.plans.lock().unwrap();
        let fits = |plan: &Plan| plan.times > 0 && plan.about.iter().all(|part| path.contains(part));
        let plan = plans.iter_mut().find(|plan| fits(plan))?;
        plan.times -= 1;
        Some(plan.fault.clone())
    }
}
