//! A certificate chain and its key: read, checked, dated.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rustls::sign::CertifiedKey;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use sha2::{Digest, Sha256};
use x509_parser::prelude::{FromDer, X509Certificate};

use super::provider;

/// Where the pair lies.
#[derive(Debug, Clone)]
pub(crate) struct Files {
    pub(crate) cert: PathBuf,
    pub(crate) key: PathBuf,
}

/// Why a pair cannot be served.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PairError {
    #[error("failed to read {file}: {error}")]
    Read { file: PathBuf, error: std::io::Error },
    #[error("{file} holds no certificate in PEM form")]
    NoCertificate { file: PathBuf },
    #[error("{file} holds no private key in PEM form")]
    NoKey { file: PathBuf },
    #[error("the certificate in {file} cannot be read: {error}")]
    Certificate { file: PathBuf, error: String },
    #[error("the key in {key} is not that of the certificate in {cert}, or of no known kind: {error}")]
    Mismatch {
        cert: PathBuf,
        key: PathBuf,
        error: rustls::Error,
    },
    #[error("the certificate in {file} has expired, and the one that is served has not")]
    Expired { file: PathBuf },
}

/// The bytes of both files.
pub(super) struct Content {
    cert: Vec<u8>,
    key: Vec<u8>,
}

/// A chain and its key that belong together.
#[derive(Debug)]
pub(crate) struct Pair {
    key: Arc<CertifiedKey>,
    not_before: SystemTime,
    not_after: SystemTime,
    serial: String,
    digest: [u8; 32],
}

impl Files {
    /// Reads and checks the pair.
    pub(crate) async fn load(&self) -> Result<Pair, PairError> {
        self.check(&self.read().await?)
    }

    pub(super) async fn read(&self) -> Result<Content, PairError> {
        Ok(Content {
            cert: read(&self.cert).await?,
            key: read(&self.key).await?,
        })
    }

    /// Proves that the two files are a pair that can be served.
    pub(super) fn check(&self, content: &Content) -> Result<Pair, PairError> {
        let chain = self.chain(&content.cert)?;
        let key =
            PrivateKeyDer::from_pem_slice(&content.key).map_err(|_| PairError::NoKey { file: self.key.clone() })?;
        let (not_before, not_after, serial) = self.dates(&chain)?;
        let key = CertifiedKey::from_der(chain, key, &provider()).map_err(|error| PairError::Mismatch {
            cert: self.cert.clone(),
            key: self.key.clone(),
            error,
        })?;
        Ok(Pair {
            key: Arc::new(key),
            not_before,
            not_after,
            serial,
            digest: content.digest(),
        })
    }

    fn chain(&self, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, PairError> {
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
        match chain {
            Ok(chain) if !chain.is_empty() => Ok(chain),
            Ok(_) => Err(PairError::NoCertificate {
                file: self.cert.clone(),
            }),
            Err(error) => Err(PairError::Certificate {
                file: self.cert.clone(),
                error: error.to_string(),
            }),
        }
    }

    /// Every certificate of the chain must be readable; the leaf's dates count.
    fn dates(&self, chain: &[CertificateDer<'_>]) -> Result<(SystemTime, SystemTime, String), PairError> {
        let mut leaf = None;
        for der in chain {
            let (_, certificate) = X509Certificate::from_der(der).map_err(|error| PairError::Certificate {
                file: self.cert.clone(),
                error: error.to_string(),
            })?;
            leaf.get_or_insert_with(|| {
                let validity = certificate.validity();
                let (from, to) = (validity.not_before.timestamp(), validity.not_after.timestamp());
                (instant(from), instant(to), certificate.raw_serial_as_string())
            });
        }
        leaf.ok_or_else(|| PairError::NoCertificate {
            file: self.cert.clone(),
        })
    }
}

impl Content {
    /// Tells whether the files changed. A mounted Secret swaps a symlink: neither time nor inode can be relied on.
    pub(super) fn digest(&self) -> [u8; 32] {
        let mut digest = Sha256::new();
        for part in [&self.cert, &self.key] {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        }
        digest.finalize().into()
    }
}

impl Pair {
    pub(super) fn key(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.key)
    }

    pub(super) const fn digest(&self) -> &[u8; 32] {
        &self.digest
    }

    /// The serial number of the leaf, in hexadecimal.
    pub(crate) fn serial(&self) -> &str {
        &self.serial
    }

    pub(crate) fn is_valid_at(&self, time: SystemTime) -> bool {
        (self.not_before..=self.not_after).contains(&time)
    }

    pub(crate) fn is_expired_at(&self, time: SystemTime) -> bool {
        self.not_after < time
    }

    /// When the leaf expires, in Unix seconds.
    pub(crate) fn not_after(&self) -> i64 {
        let since = self
            .not_after
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    }
}

async fn read(file: &Path) -> Result<Vec<u8>, PairError> {
    tokio::fs::read(file).await.map_err(|error| PairError::Read {
        file: file.to_owned(),
        error,
    })
}

fn instant(unix_seconds: i64) -> SystemTime {
    let since = Duration::from_secs(u64::try_from(unix_seconds).unwrap_or(0));
    SystemTime::UNIX_EPOCH
        .checked_add(since)
        .unwrap_or(SystemTime::UNIX_EPOCH)
}
