//! The policy that is in force. A broken file is refused at the start; later the last good policy stays.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use vcluster_guard_core::policy::Policy;

use super::PolicyFileError;
use crate::metrics::Metrics;
use crate::observe::enforcement;

/// A policy that follows its file.
pub(crate) struct Watched {
    current: Arc<ArcSwap<Policy>>,
    file: Option<PathBuf>,
    deadline: Duration,
}

impl Watched {
    /// Reads the file, or takes the built-in policy.
    pub(crate) fn start(file: Option<&Path>, metrics: &Metrics) -> Result<Self, PolicyFileError> {
        let policy = super::load(file)?;
        if file.is_some() {
            metrics.config_reload(true);
        }
        // Checked with the policy; the look-ups keep the deadline of the start.
        let deadline = Duration::from_millis(policy.lookups.deadline_millis().unwrap_or(1000));
        Ok(Self {
            current: Arc::new(ArcSwap::from_pointee(policy)),
            file: file.map(Path::to_owned),
            deadline,
        })
    }

    /// The policy in force, for those who judge.
    pub(crate) fn current(&self) -> Arc<ArcSwap<Policy>> {
        Arc::clone(&self.current)
    }

    /// Time for the look-ups of one request.
    pub(crate) fn deadline(&self) -> Duration {
        self.deadline
    }

    /// Follows the file for ever, by content: a mounted ConfigMap swaps a symlink, which no watch on the file sees.
    pub(crate) async fn watch(self, every: Duration, metrics: Arc<Metrics>) {
        let Some(file) = self.file else { return };
        let mut looks = tokio::time::interval(every.max(Duration::from_millis(10)));
        let mut last = tokio::fs::read(&file).await.ok();
        loop {
            looks.tick().await;
            let read = tokio::fs::read(&file).await;
            let text = read.as_ref().ok();
            if text == last.as_ref() {
                continue;
            }
            last = text.cloned();
            match read.map(|text| super::parse(&text)) {
                Ok(Ok(policy)) => {
                    let before = self.current.swap(Arc::new(policy));
                    metrics.config_reload(true);
                    tracing::info!(file = %file.display(), "policy reloaded");
                    tell_of_enforcement(&before, &self.current.load());
                }
                Ok(Err((line, reason))) => {
                    metrics.config_reload(false);
                    tracing::error!(file = %file.display(), line, reason, "policy refused; the last good one stays");
                }
                Err(error) => {
                    metrics.config_reload(false);
                    tracing::error!(file = %file.display(), %error, "policy cannot be read; the last good one stays");
                }
            }
        }
    }
}

/// The webhook lists nothing, so the audit has to say what stands in the way of the new mode.
fn tell_of_enforcement(before: &Policy, now: &Policy) {
    if let Some(place) = enforcement::begins(before, now) {
        tracing::warn!(
            r#where = place,
            "mode enforce begins; `vcluster-guard audit` tells which vClusters have findings that are refused from now on"
        );
    }
}
