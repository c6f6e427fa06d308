//! The command line: names, flags and exit codes. Every flag also has an environment variable.

mod shell;

use std::io;
use std::panic;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::report::{EXIT_ERROR, say};
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

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    /// The flags below a command with their variables.
    fn flags(command: &clap::Command, path: &str) -> Vec<(String, Option<String>)> {
        let path = format!("{path} {}", command.get_name());
        let own = command.get_arguments().filter(|flag| !flag.is_positional());
        let own = own.filter(|flag| !["help", "version"].contains(&flag.get_id().as_str()));
        let variable = |flag: &clap::Arg| flag.get_env().map(|name| name.to_string_lossy().into_owned());
        let mut all: Vec<_> = own
            .map(|flag| (format!("{path} --{}", flag.get_id()), variable(flag)))
            .collect();
        all.extend(command.get_subcommands().flat_map(|command| flags(command, &path)));
        all
    }

    #[test]
    fn every_flag_has_a_variable() {
        let all = flags(&Cli::command(), "");
        let is_ours = |variable: &Option<String>| variable.as_ref().is_some_and(|it| it.starts_with("VCLUSTER_GUARD_"));
        let without: Vec<_> = all.iter().filter(|(_, variable)| !is_ours(variable)).collect();
        assert!(without.is_empty(), "{without:?}");
        assert!(all.len() > 40, "{all:?}");
    }

    fn variable(flag: &str) -> String {
        let all = flags(&Cli::command(), "");
        let path = format!(" vcluster-guard {flag}");
        all.into_iter().find(|(flag, _)| *flag == path).unwrap().1.unwrap()
    }

    #[test]
    fn a_form_of_one_command_is_not_asked_of_another() {
        assert_eq!(variable("check --output"), "VCLUSTER_GUARD_OUTPUT");
        assert_eq!(variable("audit --output"), "VCLUSTER_GUARD_OUTPUT");
        assert_eq!(variable("fix --output"), "VCLUSTER_GUARD_FIX_OUTPUT");
        assert_eq!(variable("facts --output"), "VCLUSTER_GUARD_FACTS_OUTPUT");
        assert_eq!(variable("rules --output"), "VCLUSTER_GUARD_RULES_OUTPUT");
    }

    #[test]
    fn the_namespace_of_vclusters_is_not_that_of_the_service() {
        for command in ["check", "fix", "audit"] {
            assert_eq!(variable(&format!("{command} --namespace")), "VCLUSTER_GUARD_NAMESPACE");
        }
        assert_eq!(variable("certs dev --namespace"), "VCLUSTER_GUARD_SERVICE_NAMESPACE");
    }
}
