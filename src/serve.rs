//! `vcluster-guard serve`.

use std::process::ExitCode;

/// Flags of `serve`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

/// Runs the command.
#[expect(clippy::unnecessary_wraps)]
pub(crate) fn run(_args: &Args) -> anyhow::Result<ExitCode> {
    Ok(ExitCode::SUCCESS)
}
