//! The auditor as a process that stays: the real binary with the flags that the chart gives it.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, ExitStatus};

use anyhow::Context;

use super::apiserver_metrics::sum;
use super::http::get;
use super::processes::{Process, Processes};
use super::programs::{self, loopback};

/// A running auditor.
pub(crate) struct Auditor {
    process: Process,
    health: SocketAddr,
    metrics: SocketAddr,
}

impl Auditor {
    /// Starts one over a namespace.
    pub(crate) fn start(
        processes: &Processes,
        kubeconfig: &Path,
        namespace: &str,
        every: &str,
    ) -> anyhow::Result<Self> {
        let (health, metrics) = (loopback()?, loopback()?);
        let mut command = Command::new(programs::guard()?);
        command
            .args(["audit", "--namespace", namespace, "--interval", every])
            .args(["--health-listen", &health.to_string()])
            .args(["--metrics-listen", &metrics.to_string()])
            .args(["--log-format", "json", "--kubeconfig"])
            .arg(kubeconfig);
        Ok(Self {
            process: processes.start("auditor", &mut command)?,
            health,
            metrics,
        })
    }

    /// What it answers on /readyz; nothing while it does not listen.
    pub(crate) fn readiness(&mut self) -> anyhow::Result<Option<u16>> {
        self.process.must_run()?;
        Ok(get(self.health, "/readyz").map(|answer| answer.status))
    }

    /// The sum of one of its series over those that carry all of the labels.
    pub(crate) fn metric(&self, name: &str, labels: &[(&str, &str)]) -> anyhow::Result<f64> {
        let answer = get(self.metrics, "/metrics").context("the auditor's /metrics does not answer")?;
        Ok(sum(&answer.body, &format!("vcluster_guard_audit_{name}"), labels))
    }

    /// Everything that it has logged.
    pub(crate) fn log(&self) -> String {
        self.process.log()
    }

    /// Asks it to end.
    pub(crate) fn terminate(mut self) -> anyhow::Result<ExitStatus> {
        self.process.terminate()
    }
}
