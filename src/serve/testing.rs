//! What the tests of the server share: a judge that does as it is told, and a server and client over real TLS.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use http::{Request as HttpRequest, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::client::TlsStream;
use tokio_rustls::{TlsAcceptor, TlsConnector};

use super::admission::Desk;
use super::body::Budget;
use super::connection::{Host, Patience};
use super::crowd::Crowd;
use super::judge::{Judge, JudgeError};
use super::life::{Life, Phase};
use super::review::{Answer, Cause, Request};
use super::tls::{Certificates, Files, provider, server_config};
use super::{listener, routes};
use crate::metrics::Metrics;

/// Does what the object's name says.
#[derive(Debug)]
pub(crate) struct Obedient;

impl Obedient {
    async fn obey(request: &Request<'_>) -> Result<Answer, JudgeError> {
        match &*request.name {
            "panic" => panic!("told to"),
            "fail" => return Err(JudgeError("told to".to_owned())),
            "slow" => tokio::time::sleep(Duration::from_secs(60)).await,
            _ => {}
        }
        Ok(match &*request.name {
            "deny" => denial(),
            "patch" => Answer {
                patch: Some(br#"[{"op":"remove","path":"/spec/x"}]"#.to_vec()),
                ..Answer::allow()
            },
            "warn" => Answer {
                warnings: vec!["one\ntwo".to_owned()],
                ..Answer::allow()
            },
            _ => Answer::allow(),
        })
    }
}

/// A denial with everything a denial can have.
pub(crate) fn denial() -> Answer {
    Answer {
        allowed: false,
        code: 403,
        reason: "Forbidden",
        message: "ha-embedded-db: three replicas".to_owned(),
        causes: vec![Cause {
            reason: "ha-embedded-db".to_owned(),
            message: "three replicas".to_owned(),
            field: "controlPlane.statefulSet.highAvailability.replicas".to_owned(),
        }],
        warnings: vec!["mind the gap".to_owned()],
        audit_annotations: vec![("rules".to_owned(), "ha-embedded-db".to_owned())],
        ..Answer::allow()
    }
}

impl Judge for Obedient {
    async fn validate(&self, request: &Request<'_>) -> Result<Answer, JudgeError> {
        Self::obey(request).await
    }

    async fn mutate(&self, request: &Request<'_>) -> Result<Answer, JudgeError> {
        Self::obey(request).await
    }
}

/// A router over [`Obedient`].
pub(crate) fn router(budget: Budget) -> Router {
    let metrics = Arc::new(Metrics::new());
    routes::router(&Arc::new(Desk {
        judge: Obedient,
        budget,
        metrics,
        longest_call: Duration::from_secs(10),
    }))
}

/// A review of the object `name`, as kube-apiserver writes it.
pub(crate) fn review(name: &str) -> String {
    format!(
        r#"{{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{{"uid":"u-1","kind":{{"group":"apps","version":"v1","kind":"StatefulSet"}},"resource":{{"group":"apps","version":"v1","resource":"statefulsets"}},"name":"{name}","namespace":"team-a","operation":"CREATE","userInfo":{{"username":"ada","groups":["a","b"],"extra":{{"k":["v"]}}}},"object":{{"kind":"StatefulSet"}},"oldObject":null,"dryRun":false,"options":{{"kind":"CreateOptions"}}}}}}"#
    )
}

/// A server on a real port.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) life: Life,
    root: CertificateDer<'static>,
    pub(crate) ended: tokio::task::JoinHandle<()>,
}

impl Server {
    pub(crate) async fn start(router: Router, patience: Patience, places: usize) -> Self {
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let files = Files {
            cert: dir.path().join("tls.crt"),
            key: dir.path().join("tls.key"),
        };
        std::fs::write(&files.cert, cert.pem()).unwrap();
        std::fs::write(&files.key, signing_key.serialize_pem()).unwrap();
        let certificates = Certificates::new(files.load().await.unwrap());
        let tls = Some(TlsAcceptor::from(Arc::new(server_config(certificates).unwrap())));
        let life = Life::new();
        life.enter(Phase::Serving);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let host = Host {
            tls,
            router,
            life: life.clone(),
            patience,
        };
        let ended = tokio::spawn(listener::run(listener, host, Crowd::new(places)));
        Self {
            address,
            life,
            root: cert.der().clone(),
            ended,
        }
    }

    /// A TLS connection on which nothing was asked yet.
    pub(crate) async fn connect(&self) -> TlsStream<TcpStream> {
        connect(self.address, self.root.clone()).await
    }

    pub(crate) async fn client(&self) -> Client {
        Client::over(self.connect().await).await
    }
}

/// A TLS connection to `address` that trusts `root` alone.
pub(crate) async fn connect(address: SocketAddr, root: CertificateDer<'static>) -> TlsStream<TcpStream> {
    let mut roots = RootCertStore::empty();
    roots.add(root).unwrap();
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    // As kube-apiserver offers to a loopback address.
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let stream = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
        .unwrap()
}

/// Serves `router` without TLS until it is dropped.
pub(crate) async fn plain(listener: TcpListener, router: Router) {
    let host = Host {
        tls: None,
        router,
        life: Life::new(),
        patience: Patience::default(),
    };
    listener::run(listener, host, Crowd::new(64)).await;
}

/// One keep-alive connection.
pub(crate) struct Client(SendRequest<Full<Bytes>>);

impl Client {
    async fn over(stream: TlsStream<TcpStream>) -> Self {
        let (sender, connection) = handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        Self(sender)
    }

    pub(crate) async fn send(&mut self, request: HttpRequest<Full<Bytes>>) -> hyper::Result<Response<Bytes>> {
        self.0.ready().await?;
        let (head, body) = self.0.send_request(request).await?.into_parts();
        Ok(Response::from_parts(head, body.collect().await?.to_bytes()))
    }

    /// Asks about the object `name`.
    pub(crate) async fn ask(&mut self, name: &str) -> hyper::Result<Response<Bytes>> {
        let request = HttpRequest::post("/validate")
            .header("Host", "localhost")
            .header("Content-Type", "application/json");
        self.send(request.body(Full::new(review(name).into())).unwrap()).await
    }
}
