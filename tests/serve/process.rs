//! A running `vcluster-guard serve` and a client over real TLS.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

pub(crate) const SOON: Duration = Duration::from_secs(20);

pub(crate) const REVIEW: &str = include_str!("../../examples/reviews/7-a-stateful-set-that-is-no-vcluster.json");

/// The program with an environment that offers no cluster.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vcluster-guard"));
    command
        .env_remove("KUBECONFIG")
        .env_remove("KUBERNETES_SERVICE_HOST")
        .env("HOME", "/nonexistent");
    command
}

/// Makes certificates in `dir`.
pub(crate) fn make_certificates(dir: &Path) {
    let made = program().args(["certs", "dev", "--dir"]).arg(dir).output().unwrap();
    assert!(made.status.success(), "{made:?}");
}

/// `serve` with the certificates in `dir`, on ports of the system's choice.
pub(crate) fn serve(dir: &Path) -> Command {
    let mut command = program();
    command
        .arg("serve")
        .arg("--tls-cert")
        .arg(dir.join("tls.crt"))
        .arg("--tls-key")
        .arg(dir.join("tls.key"));
    for port in ["--listen", "--health-listen", "--metrics-listen"] {
        command.args([port, "127.0.0.1:0"]);
    }
    command.args(["--log-format", "json"]);
    command
}

/// A server that listens. It is killed when dropped.
pub(crate) struct Server {
    child: Child,
    log: BufReader<ChildStderr>,
    pub(crate) admission: SocketAddr,
    pub(crate) health: SocketAddr,
    pub(crate) metrics: SocketAddr,
}

impl Server {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let listening = logged(&mut log, "listening");
        let address = |name: &str| listening[name].as_str().unwrap().parse().unwrap();
        Self {
            child,
            admission: address("admission"),
            health: address("health"),
            metrics: address("metrics"),
            log,
        }
    }

    pub(crate) fn signal(&self, signal: &str) {
        let sent = Command::new("kill")
            .args(["-s", signal, &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(sent.success());
    }

    /// Waits until a message that begins like this is in its log.
    pub(crate) fn logs(&mut self, message: &str) {
        logged(&mut self.log, message);
    }

    /// Waits for its end, and returns how it ended and what else it logged.
    pub(crate) fn end(mut self) -> (ExitStatus, String) {
        let start = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(start.elapsed() < SOON, "it does not end");
            std::thread::sleep(Duration::from_millis(10));
        };
        let mut log = String::new();
        self.log.read_to_string(&mut log).unwrap();
        (status, log)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// The next event with a message that begins like this.
fn logged(log: &mut impl BufRead, message: &str) -> Value {
    loop {
        let mut line = String::new();
        assert_ne!(log.read_line(&mut line).unwrap(), 0, "it ended without: {message}");
        let event: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("no JSON: {line}"));
        if event["message"].as_str().is_some_and(|text| text.starts_with(message)) {
            return event;
        }
    }
}

/// Asks until something holds.
pub(crate) async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let start = Instant::now();
    while !holds().await {
        assert!(start.elapsed() < SOON, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// GETs `path` from a plain port.
pub(crate) async fn get(address: SocketAddr, path: &str) -> (u16, String) {
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut sender, connection) = handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let request = http::Request::get(path)
        .header("Host", "localhost")
        .body(Full::new(Bytes::new()))
        .unwrap();
    let (head, body) = sender.send_request(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    (head.status.as_u16(), String::from_utf8(body.to_vec()).unwrap())
}

/// Trust in the authority of `dir`.
pub(crate) fn trust(dir: &Path) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_file(dir.join("ca.crt")).unwrap())
        .unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}

/// A keep-alive connection to the admission port.
pub(crate) struct Client(SendRequest<Full<Bytes>>);

impl Client {
    pub(crate) async fn connect(address: SocketAddr, trust: &TlsConnector) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        let stream = trust.connect(ServerName::try_from("localhost")?, stream).await?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self(sender))
    }

    /// Sends a review; returns the status and whether the server wants the connection closed.
    pub(crate) async fn ask(&mut self) -> anyhow::Result<(u16, bool)> {
        self.0.ready().await?;
        let request = http::Request::post("/validate?timeout=5s")
            .header("Host", "localhost")
            .header("Content-Type", "application/json")
            .body(Full::new(Bytes::from_static(REVIEW.as_bytes())))?;
        let (head, body) = self.0.send_request(request).await?.into_parts();
        body.collect().await?;
        Ok((
            head.status.as_u16(),
            head.headers.get("Connection").is_some_and(|value| value == "close"),
        ))
    }

    /// Sends a review of one's own; returns its response.
    pub(crate) async fn review(&mut self, review: &'static str) -> Value {
        self.0.ready().await.unwrap();
        let request = http::Request::post("/validate?timeout=5s")
            .header("Host", "localhost")
            .header("Content-Type", "application/json")
            .body(Full::new(Bytes::from_static(review.as_bytes())))
            .unwrap();
        let body = self.0.send_request(request).await.unwrap().into_body();
        let body = body.collect().await.unwrap().to_bytes();
        let mut answer: Value = serde_json::from_slice(&body).unwrap();
        answer["response"].take()
    }
}
