//! An authority and the serving certificates it signs.

use std::sync::Arc;
use std::time::Duration as StdDuration;

use anyhow::Context;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256,
};
use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use time::{Duration, OffsetDateTime};

use crate::serve::tls::provider;

/// A clock that is behind ours must already find the certificate valid.
const BACKDATED: Duration = Duration::HOUR;
const AUTHORITY_LIFE: Duration = Duration::days(3650);
/// Some clients refuse a serving certificate that lives longer than 825 days.
const SERVING_LIFE: Duration = Duration::days(365);
/// One that expires sooner than this is made anew.
const LEFT: StdDuration = StdDuration::from_secs(24 * 60 * 60);

/// A certificate and its key, in PEM form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) cert: String,
    pub(super) key: String,
}

/// Makes an authority.
pub(super) fn authority() -> anyhow::Result<Pair> {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).context("failed to make a key")?;
    let mut params = CertificateParams::default();
    params.distinguished_name = name("vcluster-guard development CA");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![
        KeyUsagePurpose::KeyCertSign,
        KeyUsagePurpose::CrlSign,
        KeyUsagePurpose::DigitalSignature,
    ];
    dated(&mut params, AUTHORITY_LIFE);
    let cert = params.self_signed(&key).context("failed to sign the authority")?;
    Ok(Pair {
        cert: cert.pem(),
        key: key.serialize_pem(),
    })
}

/// Makes a serving certificate for `hosts`, names or addresses.
pub(super) fn serving(authority: &Pair, hosts: &[String]) -> anyhow::Result<Pair> {
    let signer = KeyPair::from_pem(&authority.key).context("failed to read the authority's key")?;
    let issuer = Issuer::from_ca_cert_pem(&authority.cert, signer).context("failed to read the authority")?;
    // P-256: a burst of connections is a burst of handshakes, as kube-apiserver does not resume sessions.
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).context("failed to make a key")?;
    let mut params = CertificateParams::new(hosts).context("a host is no DNS name and no address")?;
    params.distinguished_name = name("vcluster-guard");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    dated(&mut params, SERVING_LIFE);
    let cert = params
        .signed_by(&key, &issuer)
        .context("failed to sign the serving certificate")?;
    Ok(Pair {
        cert: cert.pem(),
        key: key.serialize_pem(),
    })
}

/// Whether the pair can sign: only then may it be kept without a serving certificate.
pub(super) fn can_sign(authority: &Pair) -> bool {
    // The proof of an authority is a certificate that clients accept because of it.
    serving(authority, &["localhost".to_owned()])
        .is_ok_and(|leaf| check(&authority.cert, &leaf, &["localhost".to_owned()]).is_ok())
}

/// Checks what a client checks: signature, dates, purpose and each host, and that the key is the certificate's.
pub(super) fn check(authority: &str, pair: &Pair, hosts: &[String]) -> anyhow::Result<()> {
    let root = CertificateDer::from_pem_slice(authority.as_bytes()).context("ca.crt cannot be read")?;
    let leaf = CertificateDer::from_pem_slice(pair.cert.as_bytes()).context("tls.crt cannot be read")?;
    let key = PrivateKeyDer::from_pem_slice(pair.key.as_bytes()).context("tls.key cannot be read")?;
    rustls::sign::CertifiedKey::from_der(vec![leaf.clone()], key, &provider())
        .context("tls.key is not the key of tls.crt")?;
    let mut roots = RootCertStore::empty();
    roots.add(root).context("ca.crt cannot be used")?;
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider())
        .build()
        .context("ca.crt cannot be used")?;
    let soon = UnixTime::since_unix_epoch(
        UnixTime::now()
            .as_secs()
            .checked_add(LEFT.as_secs())
            .map_or(LEFT, StdDuration::from_secs),
    );
    for host in hosts {
        let name = ServerName::try_from(host.as_str()).with_context(|| format!("{host} is no host"))?;
        for time in [UnixTime::now(), soon] {
            verifier
                .verify_server_cert(&leaf, &[], &name, &[], time)
                .with_context(|| format!("tls.crt would not be accepted for {host}"))?;
        }
    }
    Ok(())
}

fn name(common: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common);
    name
}

fn dated(params: &mut CertificateParams, life: Duration) {
    let now = OffsetDateTime::now_utc();
    params.not_before = now - BACKDATED;
    params.not_after = now + life;
}
