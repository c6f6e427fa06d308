//! The certificates of a test cluster: one authority, made anew for each run.
//!
//! P-256 throughout, which is fast to make. rcgen writes X.509 v3; Rust's TLS clients refuse older ones.

use std::path::{Path, PathBuf};

use anyhow::Context;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose,
};

use super::files::write;

/// The authority of one run and the directory its files are in.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    directory: PathBuf,
}

/// A certificate and its key, as files.
#[derive(Debug, Clone)]
pub(crate) struct Pair {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

/// The two halves of the key behind service account tokens, as files.
pub(crate) struct TokenKey {
    pub(crate) private: PathBuf,
    pub(crate) public: PathBuf,
}

// === impl Authority ===

impl Authority {
    /// Makes an authority; its certificate is `ca.crt` in `directory`.
    pub(crate) fn new(directory: &Path) -> anyhow::Result<Self> {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "test cluster CA");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate()?).context("failed to make a CA")?;
        write(directory, "ca.crt", &issuer.pem())?;
        Ok(Self {
            issuer,
            directory: directory.to_owned(),
        })
    }

    /// The file with the certificate of this authority.
    pub(crate) fn certificate(&self) -> PathBuf {
        self.directory.join("ca.crt")
    }

    /// The certificate of this authority.
    pub(crate) fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// A server certificate for host names and addresses.
    pub(crate) fn server(&self, file: &str, names: &[&str]) -> anyhow::Result<Pair> {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let mut params = CertificateParams::new(names).context("failed to read the names of a certificate")?;
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        self.issue(file, params)
    }

    /// A client certificate that the API server takes for `user` in `group`.
    pub(crate) fn client(&self, file: &str, user: &str, group: &str) -> anyhow::Result<Pair> {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, user);
        params.distinguished_name.push(DnType::OrganizationName, group);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        self.issue(file, params)
    }

    /// A key without a certificate, to sign service account tokens.
    pub(crate) fn token_key(&self) -> anyhow::Result<TokenKey> {
        let key = KeyPair::generate()?;
        Ok(TokenKey {
            private: write(&self.directory, "service-accounts.key", &key.serialize_pem())?,
            public: write(&self.directory, "service-accounts.pub", &key.public_key_pem())?,
        })
    }

    fn issue(&self, file: &str, mut params: CertificateParams) -> anyhow::Result<Pair> {
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        let key = KeyPair::generate()?;
        let certificate = params
            .signed_by(&key, &self.issuer)
            .with_context(|| format!("failed to sign {file}"))?;
        Ok(Pair {
            certificate: write(&self.directory, &format!("{file}.crt"), &certificate.pem())?,
            key: write(&self.directory, &format!("{file}.key"), &key.serialize_pem())?,
        })
    }
}
