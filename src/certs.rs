//! `vcluster-guard certs`: makes certificates.

mod authority;
mod dev;

use std::process::ExitCode;

/// Flags of `certs`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Make an authority and a serving certificate for development
    Dev(dev::Args),
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    match &args.command {
        Command::Dev(args) => dev::run(args),
    }
}
