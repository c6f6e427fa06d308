//! The floor: a bare axum router over hyper and rustls that decodes each body into a JSON value.

use std::convert::Infallible;
use std::io::{Write, stdin, stdout};
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use axum::Router;
use axum::body::Bytes;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rustls::ServerConfig;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tower::Service;

/// What the guard would send for a StatefulSet of a vCluster: an image, affinity and spread.
const PATCH: &str = r#"[{"op":"replace","path":"/spec/template/spec/containers/0/image","value":"ghcr.io/loft-sh/vcluster-oss:0.24.1"},{"op":"add","path":"/spec/template/spec/affinity","value":{"podAntiAffinity":{"preferredDuringSchedulingIgnoredDuringExecution":[{"weight":100,"podAffinityTerm":{"topologyKey":"kubernetes.io/hostname","labelSelector":{"matchLabels":{"app":"vcluster","release":"checkout"}}}},{"weight":50,"podAffinityTerm":{"topologyKey":"topology.kubernetes.io/zone","labelSelector":{"matchLabels":{"app":"vcluster","release":"checkout"}}}}]}}},{"op":"add","path":"/spec/template/spec/topologySpreadConstraints","value":[{"maxSkew":1,"topologyKey":"kubernetes.io/hostname","whenUnsatisfiable":"ScheduleAnyway","labelSelector":{"matchLabels":{"app":"vcluster","release":"checkout"}}}]}]"#;

/// Serves until standard input ends, so that no floor outlives the run that it was started for.
pub(crate) fn run(cert: &Path, key: &Path) -> anyhow::Result<()> {
    // As many threads as the guard takes.
    let workers = std::thread::available_parallelism().map_or(2, usize::from).clamp(2, 4);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(workers)
        .enable_all()
        .build()?;
    let tls = TlsAcceptor::from(Arc::new(tls(cert, key)?));
    runtime.spawn(async move {
        if let Err(error) = serve(tls).await {
            eprintln!("the floor gave way: {error:#}");
        }
    });
    std::io::copy(&mut stdin(), &mut std::io::sink())?;
    runtime.shutdown_background();
    Ok(())
}

fn tls(cert: &Path, key: &Path) -> anyhow::Result<ServerConfig> {
    let chain = CertificateDer::pem_file_iter(cert)?.collect::<Result<Vec<_>, _>>()?;
    let key = PrivateKeyDer::from_pem_file(key)?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

async fn serve(tls: TlsAcceptor) -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    writeln!(stdout(), "{}", listener.local_addr()?).context("failed to tell the address")?;
    let patch = STANDARD.encode(PATCH);
    let router = Router::new()
        .route("/validate", post(|body: Bytes| async move { allow(&body, None) }))
        .route(
            "/mutate",
            post(move |body: Bytes| async move { allow(&body, Some(&patch)) }),
        );
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let (tls, router) = (tls.clone(), router.clone());
        tokio::spawn(async move {
            // A connection that breaks off shows in the client.
            let _ended = connection(tls, router, stream).await;
        });
    }
}

async fn connection(tls: TlsAcceptor, router: Router, stream: TcpStream) -> anyhow::Result<()> {
    let stream = tls.accept(stream).await?;
    let service = service_fn(move |request| {
        let mut router = router.clone();
        async move { Ok::<_, Infallible>(router.call(request).await.into_response()) }
    });
    http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await?;
    Ok(())
}

fn allow(body: &[u8], patch: Option<&str>) -> Response {
    let Ok(review) = serde_json::from_slice::<Value>(body) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let mut response = json!({"uid": review["request"]["uid"], "allowed": true});
    if let Some(patch) = patch {
        response["patchType"] = "JSONPatch".into();
        response["patch"] = patch.into();
    }
    let answer = json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": response});
    ([(CONTENT_TYPE, "application/json")], answer.to_string()).into_response()
}
