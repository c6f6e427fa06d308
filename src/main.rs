//! `vcluster-guard`: see [`cli`] for the commands. Three doors, one judgement (`vcluster-guard-core`).

mod audit;
mod blocking;
mod certs;
mod check;
mod cli;
mod clock;
mod cluster;
mod duration;
mod explain;
mod facts;
mod files;
mod fix;
mod gather;
mod guard;
mod judging;
mod mending;
mod metrics;
mod observe;
mod parallel;
mod policy;
mod progress;
mod report;
mod rules;
mod scope;
mod serve;
mod telemetry;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
