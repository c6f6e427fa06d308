//! `make bench`: the admission port against the floor, and what the program weighs.
//!
//! The floor ([`floor`]) is the least that a webhook in Rust does: TLS, HTTP/1.1, the whole body into a JSON value, a
//! constant answer. Both run as processes of their own, with the same certificate, on loopback. Slices of load take
//! turns (A B, B A, …), so that what else runs on the machine hits both alike: read ratios, not absolutes.
//!
//! ```text
//! process (starts, weighs) <- load (slices) -> client (TLS, HTTP/1.1)
//!                               \-> stats -> report (against the targets)
//! ```

mod client;
mod comparison;
mod floor;
mod load;
mod payload;
mod process;
mod report;
mod stats;
mod weight;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;

use client::Trust;
use process::{Program, Server};

/// Nothing could be said about the targets.
const EXIT_ERROR: u8 = 2;

/// Compares the admission port with the least that a webhook can cost.
#[derive(Debug, Parser)]
struct Args {
    /// Slices of load for each side of each row
    #[arg(long, env = "BENCH_ROUNDS", default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=99), value_name = "NUMBER")]
    rounds: u32,

    /// Length of a slice in milliseconds
    #[arg(long, env = "BENCH_SLICE_MS", default_value_t = 350, value_parser = clap::value_parser!(u64).range(10..=10_000), value_name = "MILLISECONDS")]
    slice_ms: u64,

    /// The program to measure; without it, the one that cargo built along with the benchmark
    #[arg(long, env = "BENCH_PROGRAM", value_name = "FILE")]
    program: Option<PathBuf>,

    /// End with 1 when a target is missed
    #[arg(long, env = "BENCH_STRICT", value_parser = clap::builder::FalseyValueParser::new())]
    strict: bool,

    /// Be the floor, until standard input ends
    #[arg(long, hide = true, requires_all = ["cert", "key"])]
    floor: bool,

    /// Certificate of the floor
    #[arg(long, hide = true)]
    cert: Option<PathBuf>,

    /// Key of the floor
    #[arg(long, hide = true)]
    key: Option<PathBuf>,

    /// cargo says so
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let ended = match (&args.cert, &args.key) {
        (Some(cert), Some(key)) if args.floor => floor::run(cert, key).map(|()| true),
        _ => run(&args),
    };
    match ended {
        Ok(met) => ExitCode::from(u8::from(args.strict && !met)),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(EXIT_ERROR)
        }
    }
}

/// Whether every target was met.
fn run(args: &Args) -> anyhow::Result<bool> {
    let dir = tempfile::tempdir()?;
    let program = Program::new(args.program.as_deref(), dir.path())?;
    let trust = Trust::new(&program.authority())?;
    let slice = Duration::from_millis(args.slice_ms);
    report::machine("at the beginning");
    let start = weight::start(&program, &trust)?;
    let guard = Server::guard(&program)?;
    let floor = Server::floor(&program)?;
    let idle = [guard.memory(), floor.memory()];
    report::head(args.rounds, slice);
    let mut met = true;
    for row in comparison::rows()? {
        let outcome = row.run([&guard, &floor], &trust, args.rounds, slice)?;
        met &= report::line(&row, &outcome);
    }
    let loaded = [guard.memory(), floor.memory()];
    met &= report::weights(&start, idle, loaded, program.size()?);
    report::machine("at the end");
    Ok(met)
}
