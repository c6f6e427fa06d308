//! Calls the guard as the API server does, as far as the handshake: whether the caBundle fits what is served.
//!
//! From outside of the cluster a Service can seldom be reached. That says nothing about the guard, so nothing is said.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use serde::Deserialize;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::gaps::Gaps;
use super::key::Key;
use super::kind::Kind;
use super::reader::{Failure, Garbled, Reader};
use crate::observe::coverage::{Call, Fault};
use crate::serve::tls::provider;

/// Whoever can reach the Service at all reaches it well within this.
const PATIENCE: Duration = Duration::from_secs(2);

/// What of a Service says where it is.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Service {
    spec: Spec,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Spec {
    #[serde(rename = "clusterIP")]
    cluster_ip: String,
    external_name: String,
}

/// Tries one call. `None` when it works, or cannot be tried from here.
pub(super) async fn fault(reader: &Reader, call: &Call, gaps: &mut Gaps) -> Option<Fault> {
    let key = Key {
        namespace: call.service.namespace.clone(),
        name: call.service.name.clone(),
    };
    let path = Kind::Service.object(&key.namespace, &key.name);
    let read = |bytes: &[u8]| serde_json::from_slice::<Service>(bytes).map_err(|_| Garbled);
    let spec = match reader.get(&path, read).await {
        Ok(service) => service.spec,
        Err(Failure::NotFound) => return Some(Fault::Missing),
        Err(failure) => {
            gaps.get(Kind::Service, &key, &failure);
            return None;
        }
    };
    let host = [spec.external_name, spec.cluster_ip]
        .into_iter()
        .find(|host| !host.is_empty())?;
    let name = format!("{}.{}.svc", key.name, key.namespace);
    match timeout(PATIENCE, greet(&host, call.port, &name, &call.bundle)).await {
        Ok(Ok(fault)) => fault,
        Ok(Err(error)) => {
            tracing::info!(service = %call.service, error = format!("{error:#}"), "the guard cannot be called from here");
            None
        }
        Err(_) => None,
    }
}

/// A handshake with whoever listens there and should be called `name`. An error says that there was none.
async fn greet(host: &str, port: u16, name: &str, bundle: &str) -> anyhow::Result<Option<Fault>> {
    let mut roots = RootCertStore::empty();
    let pem = STANDARD.decode(bundle).context("the caBundle is no base64")?;
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        roots.add(certificate.context("the caBundle is no PEM")?)?;
    }
    let config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(name.to_owned())?;
    let stream = TcpStream::connect((host, port)).await?;
    let Err(error) = TlsConnector::from(Arc::new(config)).connect(name, stream).await else {
        return Ok(None);
    };
    let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<rustls::Error>());
    match cause {
        Some(rustls::Error::InvalidCertificate(why)) => Ok(Some(Fault::Distrusted(why.to_string()))),
        _ => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
    use rustls::ServerConfig;
    use rustls_pki_types::PrivateKeyDer;
    use tokio::net::TcpListener;
    use tokio_rustls::TlsAcceptor;

    /// An authority as a caBundle, and who can sign with it.
    fn authority(name: &str) -> (String, Issuer<'static, KeyPair>) {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let bundle = STANDARD.encode(params.self_signed(&key).unwrap().pem());
        (bundle, Issuer::new(params, key))
    }

    /// Serves one handshake for guard.guard.svc and gives the port.
    async fn server(issuer: &Issuer<'_, KeyPair>) -> u16 {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(["guard.guard.svc".to_owned()]).unwrap();
        let leaf = params.signed_by(&key, issuer).unwrap().der().clone();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![leaf], key)
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            TlsAcceptor::from(Arc::new(config)).accept(stream).await
        });
        port
    }

    #[tokio::test]
    async fn a_bundle_fits_what_its_authority_has_signed_and_nothing_else() {
        let ((bundle, issuer), (other, _)) = (authority("one"), authority("two"));
        let name = "guard.guard.svc";
        let port = server(&issuer).await;
        assert_eq!(greet("127.0.0.1", port, name, &bundle).await.unwrap(), None);
        let port = server(&issuer).await;
        let stranger = Fault::Distrusted("UnknownIssuer".into());
        assert_eq!(greet("127.0.0.1", port, name, &other).await.unwrap(), Some(stranger));
        let port = server(&issuer).await;
        let fault = greet("127.0.0.1", port, "guard.elsewhere.svc", &bundle).await.unwrap();
        assert!(matches!(fault, Some(Fault::Distrusted(why)) if why.starts_with("certificate not valid for name")));
    }

    #[tokio::test]
    async fn who_cannot_be_reached_is_not_called_faulty() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        assert!(
            greet("127.0.0.1", port, "guard.guard.svc", &authority("one").0)
                .await
                .is_err()
        );
    }
}
