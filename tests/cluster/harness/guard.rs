//! The guard as a process: the real binary with real flags, beside the control plane.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::Context;

use super::apiserver_metrics::sum;
use super::http::get;
use super::pki::Pair;
use super::processes::{Process, Processes};
use super::programs;
use super::wait::until;

const START_LIMIT: Duration = Duration::from_secs(30);

/// Where a guard listens and what it is given; the same for each start.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) webhook: SocketAddr,
    pub(crate) health: SocketAddr,
    pub(crate) metrics: SocketAddr,
    pub(crate) serving: Pair,
    pub(crate) kubeconfig: PathBuf,
    pub(crate) policy: PathBuf,
}

/// A running guard.
pub(crate) struct Guard {
    settings: Settings,
    process: Process,
}

impl Guard {
    /// Starts a guard and returns when it says that it is ready.
    pub(crate) fn start(processes: &Processes, settings: Settings) -> anyhow::Result<Self> {
        let mut command = Command::new(programs::guard()?);
        command
            .arg("serve")
            .args(["--listen", &settings.webhook.to_string()])
            .args(["--health-listen", &settings.health.to_string()])
            .args(["--metrics-listen", &settings.metrics.to_string()])
            .arg("--tls-cert")
            .arg(&settings.serving.certificate)
            .arg("--tls-key")
            .arg(&settings.serving.key)
            .arg("--kubeconfig")
            .arg(&settings.kubeconfig)
            .arg("--config")
            .arg(&settings.policy)
            .args(["--tls-reload-interval", "200ms"])
            // At debug level each review is a line, which shows a test that its own was really made.
            .args(["--log-format", "json", "--log-level", "info,vcluster_guard=debug"]);
        let mut process = processes.start("vcluster-guard", &mut command)?;
        until("a ready guard", START_LIMIT, || {
            process.must_run()?;
            Ok(get(settings.health, "/readyz").filter(|answer| answer.status == 200))
        })
        .with_context(|| format!("the guard did not start:\n{}", process.log_tail()))?;
        Ok(Self { settings, process })
    }

    /// Kills the guard at once: nobody listens on its port afterwards.
    pub(crate) fn kill(mut self) -> anyhow::Result<Settings> {
        self.process.kill()?;
        Ok(self.settings)
    }

    /// The sum of one of the guard's counters over the series that carry all of the labels.
    pub(crate) fn counter(&self, name: &str, labels: &[(&str, &str)]) -> anyhow::Result<f64> {
        let answer = get(self.settings.metrics, "/metrics").context("the guard's /metrics does not answer")?;
        Ok(sum(&answer.body, name, labels))
    }

    /// Reviews answered so far on one path, `/validate` or `/mutate`.
    pub(crate) fn reviews(&self, path: &str) -> anyhow::Result<f64> {
        self.counter("vcluster_guard_admission_requests_total", &[("path", path)])
    }

    /// Everything that the guard has logged, earlier starts of this run included.
    pub(crate) fn log(&self) -> String {
        self.process.log()
    }
}
