//! The certificate that is served: read from files, checked before anyone sees it, replaced while serving.

mod pair;
pub(crate) mod watch;

use std::sync::Arc;
use std::time::SystemTime;

use anyhow::Context;
use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::server::{ClientHello, NoServerSessionStorage, ResolvesServerCert};
use rustls::sign::CertifiedKey;

pub(crate) use pair::{Files, Pair, PairError};

/// The pair that is served now. A handshake takes whatever is here; open connections keep what they had.
#[derive(Debug)]
pub(crate) struct Certificates(ArcSwap<Pair>);

impl Certificates {
    pub(crate) fn new(pair: Pair) -> Arc<Self> {
        Arc::new(Self(ArcSwap::from_pointee(pair)))
    }

    pub(crate) fn current(&self) -> Arc<Pair> {
        self.0.load_full()
    }

    /// Serves `pair` from the next handshake on.
    pub(crate) fn publish(&self, pair: Pair) {
        self.0.store(Arc::new(pair));
    }

    /// Whether callers accept it now. An expired certificate goes on working on open connections, so only this
    /// tells, not errors.
    pub(crate) fn is_valid(&self) -> bool {
        self.0.load().is_valid_at(SystemTime::now())
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load().key())
    }
}

/// TLS 1.2 or 1.3, HTTP/1.1 only: without HTTP/2 its floods have no door, and kube-apiserver does not offer it to a
/// Service anyway.
pub(crate) fn server_config(certificates: Arc<Certificates>) -> anyhow::Result<ServerConfig> {
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .context("failed to set up TLS")?
        .with_no_client_auth()
        .with_cert_resolver(certificates);
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    // kube-apiserver does not resume sessions: tickets would only cost memory and bytes.
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(config)
}

/// Has the random generator seeded: aws-lc measures the jitter of the processor for that, which takes 50 ms and would
/// fall to the first handshake.
pub(crate) fn warm_up() {
    let mut random = [0; 32];
    // If there is no randomness, each handshake will say so.
    let _seeded = provider().secure_random.fill(&mut random);
}

/// The one implementation of cryptography in this program.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    CryptoProvider::get_default()
        .cloned()
        .unwrap_or_else(|| Arc::new(aws_lc_rs::default_provider()))
}

#[cfg(test)]
#[path = "tls/tests.rs"]
mod tests;
