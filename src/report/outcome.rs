//! What the exit code says of a report.

use std::process::ExitCode;

use vcluster_guard_core::rule::Severity;

use super::Report;

/// The least severity that fails a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum FailOn {
    Deny,
    Warn,
}

/// Usage or internal error, or an incomplete run that found nothing to deny.
pub(crate) const EXIT_ERROR: u8 = 2;

impl Report {
    /// 0 nothing found, 1 something was, 2 nothing was in what could be read.
    pub(crate) fn exit_code(&self, fail_on: FailOn) -> ExitCode {
        let least = match fail_on {
            FailOn::Deny => Severity::Deny,
            FailOn::Warn => Severity::Warn,
        };
        if self.findings.iter().any(|finding| finding.severity >= least) {
            ExitCode::from(1)
        } else if !self.incomplete.is_empty() {
            ExitCode::from(EXIT_ERROR)
        } else {
            ExitCode::SUCCESS
        }
    }
}
