//! Looks at the certificate files now and then, and serves what changed.
//!
//! By content, not by notification: the kubelet swaps a `..data` symlink, after which a watch on the file itself is
//! dead, so a server that watches reloads once and never again.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::{Certificates, Files, PairError};
use crate::metrics::Metrics;

/// The certificate's label in metrics.
const WHICH: &str = "serving";

/// Follows the files of one pair.
pub(crate) struct Watch {
    files: Files,
    certificates: Arc<Certificates>,
    metrics: Arc<Metrics>,
    /// The last trouble, so that it is told once and not at each look.
    trouble: Option<String>,
}

impl Watch {
    pub(crate) fn new(files: Files, certificates: Arc<Certificates>, metrics: Arc<Metrics>) -> Self {
        let served = certificates.current();
        metrics.certificate_not_after(WHICH, served.not_after());
        tell(&served);
        Self {
            files,
            certificates,
            metrics,
            trouble: None,
        }
    }

    /// Looks at the files for ever. Nothing that is found there ends the server or what it serves.
    pub(crate) async fn run(mut self, every: Duration) {
        // An interval of zero would panic.
        let mut looks = tokio::time::interval(every.max(Duration::from_millis(10)));
        loop {
            looks.tick().await;
            self.look().await;
        }
    }

    async fn look(&mut self) {
        let looked = match self.changed().await {
            // A swap between the two files shows one of each version; it is over by now.
            Err(_) => self.changed().await,
            looked => looked,
        };
        match looked {
            Ok(true) => {
                self.trouble = None;
                self.metrics.certificate_reload(true);
                let served = self.certificates.current();
                self.metrics.certificate_not_after(WHICH, served.not_after());
                tell(&served);
            }
            Ok(false) => self.trouble = None,
            Err(error) => {
                let text = error.to_string();
                // A Secret may be caught half-written: the next look finds it whole.
                if self.trouble.as_ref() != Some(&text) {
                    self.metrics.certificate_reload(false);
                    tracing::error!(
                        error = text,
                        "the new certificate cannot be served; the last good one still is"
                    );
                    self.trouble = Some(text);
                }
            }
        }
    }

    /// Publishes the pair if its content changed.
    async fn changed(&self) -> Result<bool, PairError> {
        let content = self.files.read().await?;
        let served = self.certificates.current();
        if content.digest() == *served.digest() {
            return Ok(false);
        }
        let pair = self.files.check(&content)?;
        let now = SystemTime::now();
        if pair.is_expired_at(now) && !served.is_expired_at(now) {
            return Err(PairError::Expired {
                file: self.files.cert.clone(),
            });
        }
        self.certificates.publish(pair);
        Ok(true)
    }
}

fn tell(pair: &super::Pair) {
    let (serial, not_after) = (pair.serial(), pair.not_after());
    if pair.is_valid_at(SystemTime::now()) {
        tracing::info!(serial, not_after_unix = not_after, "serving a certificate");
    } else {
        tracing::warn!(
            serial,
            not_after_unix = not_after,
            "serving a certificate that is not valid now: not ready"
        );
    }
}
