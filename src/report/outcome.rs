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

/// Something asked for could not be read, and nothing else was found to deny.
const EXIT_INCOMPLETE: u8 = 2;

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
            ExitCode::from(EXIT_INCOMPLETE)
        } else {
            ExitCode::SUCCESS
        }
    }
}
