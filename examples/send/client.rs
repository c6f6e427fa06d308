//! A client over real TLS that trusts one authority.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail, ensure};
use http::Uri;
use http::header::{CONTENT_TYPE, HOST};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// A server and how to trust it.
pub(crate) struct Client {
    host: String,
    port: u16,
    tls: TlsConnector,
}

impl Client {
    pub(crate) fn new(url: &str, ca: &Path) -> anyhow::Result<Self> {
        let uri: Uri = url.parse().with_context(|| format!("{url} is no URL"))?;
        ensure!(uri.scheme_str() == Some("https"), "{url} does not start with https://");
        let host = uri.host().with_context(|| format!("{url} has no host"))?.to_owned();
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_file_iter(ca).with_context(|| cannot_trust(ca))? {
            roots
                .add(certificate.with_context(|| cannot_trust(ca))?)
                .with_context(|| cannot_trust(ca))?;
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self {
            host,
            port: uri.port_u16().unwrap_or(443),
            tls: TlsConnector::from(Arc::new(config)),
        })
    }

    /// Posts `review` to `path`, with the query that kube-apiserver adds.
    pub(crate) async fn post(&self, path: &str, review: &Value) -> anyhow::Result<Value> {
        let name = self.host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let stream = TcpStream::connect((name.as_str(), self.port))
            .await
            .with_context(|| format!("nothing answers on {}:{}", self.host, self.port))?;
        let stream = self
            .tls
            .connect(ServerName::try_from(name)?, stream)
            .await
            .context("no trust in the server")?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        let request = http::Request::post(format!("{path}?timeout=5s"))
            .header(HOST, &self.host)
            .header(CONTENT_TYPE, "application/json")
            .body(Full::new(Bytes::from(serde_json::to_vec(review)?)))?;
        let response = sender.send_request(request).await?;
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        if !status.is_success() {
            bail!("{path} answered {status}: {}", String::from_utf8_lossy(&body));
        }
        serde_json::from_slice(&body).context("the answer is no JSON")
    }
}

fn cannot_trust(ca: &Path) -> String {
    format!("failed to read the authority {}", ca.display())
}
