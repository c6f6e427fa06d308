//! The command line: names, flags and exit codes. Every flag also has an environment variable.

mod shell;

use std::io;
use std::panic;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::report::say;
use crate::{audit, certs, check, facts, fix, rules, serve};

/// Keeps broken vCluster control planes out of a Kubernetes cluster.
#[derive(Debug, Parser)]
#[command(
    name = "vcluster-guard",
    version,
    propagate_version = true,
    arg_required_else_help = true
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Answer AdmissionReviews over TLS
    Serve(Box<serve::Args>),
    /// Judge the vClusters of a live cluster
    Audit(Box<audit::Args>),
    /// Judge rendered manifests and values, offline
    Check(check::Args),
    /// Write the mend of what check finds
    Fix(fix::Args),
    /// Tell what vCluster decides from a config.yaml
    Facts(facts::Args),
    /// List the rules
    Rules(rules::Args),
    /// Make certificates
    Certs(certs::Args),
    /// Print the completions of a shell
    Completions(shell::Completions),
    /// Print or write the man pages
    Man(shell::Man),
}

/// Usage or internal error, or an incomplete run that found nothing to deny.
pub(crate) const EXIT_ERROR: u8 = 2;

/// The YAML parser panics at some broken texts. The reader makes a refusal of it, which says all that is to be said.
fn silence_reader() {
    let hook = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let is_parser = |place: &panic::Location<'_>| place.file().contains("libyaml-safer");
        if !info.location().is_some_and(is_parser) {
            hook(info);
        }
    }));
}

/// Parses the command line and runs one command.
pub(crate) fn run() -> ExitCode {
    silence_reader();
    let result = match Cli::parse().command {
        Command::Serve(args) => serve::run(&args),
        Command::Audit(args) => audit::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Fix(args) => fix::run(&args),
        Command::Facts(args) => facts::run(&args),
        Command::Rules(args) => rules::run(&args),
        Command::Certs(args) => certs::run(&args),
        Command::Completions(args) => shell::completions(&args),
        Command::Man(args) => shell::man(&args),
    };
    result.unwrap_or_else(|error| {
        // Who reads on no more, as `head` does, has seen enough.
        if !is_broken_pipe(&error) {
            let text = format!("{error:#}");
            // Several are told at once, each on its line.
            for line in text.lines() {
                say("error", line.strip_prefix("error: ").unwrap_or(line));
            }
        }
        ExitCode::from(EXIT_ERROR)
    })
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let io = cause.downcast_ref::<io::Error>().map(io::Error::kind);
        let json = cause
            .downcast_ref::<serde_json::Error>()
            .and_then(serde_json::Error::io_error_kind);
        io.or(json) == Some(io::ErrorKind::BrokenPipe)
    })
}
