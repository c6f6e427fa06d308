//! `vcluster-guard`: see [`cli`] for the commands. Three doors, one judgement (`vcluster-guard-core`).

mod certs;
mod check;
mod cli;
mod facts;
mod rules;
mod serve;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
