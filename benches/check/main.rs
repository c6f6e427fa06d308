//! `make bench-check`: how long check takes over many rendered releases, and how much memory.
//!
//! ```text
//! release (writes distinct releases, as a chart renders them) -> measure (runs check on them) -> the table
//! ```
//!
//! `--helm` also times `helm template` of a small chart, for what a pipeline waits for beside check.

#[allow(dead_code, reason = "the audit uses the rest of it")]
#[path = "../audit/measure.rs"]
mod measure;
mod release;
#[allow(dead_code, reason = "the admission port uses the rest of it")]
#[path = "../admission/stats.rs"]
mod stats;
mod stream;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, ensure};
use clap::Parser;

use measure::Taken;
use stats::Spread;
use stream::Stream;

/// What check may take for a thousand releases.
const SECONDS: f64 = 3.0;
const MIB: f64 = 100.0;
/// How much faster than Helm it is, a release.
const TIMES: f64 = 20.0;

/// Measures check over many rendered releases.
#[derive(Debug, Parser)]
struct Args {
    /// How many releases
    #[arg(long, env = "BENCH_RELEASES", default_value_t = 1000, value_name = "NUMBER")]
    releases: u32,

    /// How often each figure is taken
    #[arg(long, env = "BENCH_ROUNDS", default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=99), value_name = "NUMBER")]
    rounds: u32,

    /// Measure on the manifests in this directory instead of generated ones
    #[arg(long, env = "BENCH_MANIFESTS", value_name = "DIR")]
    manifests: Option<PathBuf>,

    /// The program to measure; without it, the one that cargo built along with the benchmark
    #[arg(long, env = "BENCH_PROGRAM", value_name = "FILE")]
    program: Option<PathBuf>,

    /// Helm, to compare with
    #[arg(long, env = "BENCH_HELM", value_name = "FILE")]
    helm: Option<PathBuf>,

    /// End with 1 when a target is missed
    #[arg(long, env = "BENCH_STRICT", value_parser = clap::builder::FalseyValueParser::new())]
    strict: bool,

    /// cargo says so
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> anyhow::Result<ExitCode> {
    let args = Args::parse();
    let generated = tempfile::tempdir()?;
    let manifests = args.manifests.as_deref().unwrap_or(generated.path());
    if args.manifests.is_none() {
        release::write_all(generated.path(), args.releases)?;
    }
    let stream = Stream::of(manifests)?;
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    println!(
        "{cores} cores; {:.1} MB in {} files\n",
        stream.megabytes(),
        stream.files
    );
    println!("| | seconds | of them processor | peak memory, MiB |");
    println!("|---|---:|---:|---:|");
    let program = args
        .program
        .as_deref()
        .unwrap_or(Path::new(env!("CARGO_BIN_EXE_vcluster-guard")));
    let (directory, mut met) = row("check DIR", &args, program, manifests)?;
    met &= row("check of one stream", &args, program, stream.file.path())?.1;
    println!("| at most | {SECONDS} | | {MIB} |");
    if let Some(helm) = &args.helm {
        met &= beside_helm(args.rounds, helm, directory.median / f64::from(stream.files))?;
    }
    Ok(ExitCode::from(u8::from(args.strict && !met)))
}

/// Measures and prints one row: its seconds, and whether it is within the targets.
fn row(what: &str, args: &Args, program: &Path, input: &Path) -> anyhow::Result<(Spread, bool)> {
    let runs = (0..args.rounds)
        .map(|_| check(program, input))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let seconds = Spread::of(runs.iter().map(|taken| taken.time.as_secs_f64()));
    let processor = Spread::of(runs.iter().map(|taken| taken.cpu.as_secs_f64()));
    let memory = Spread::of(runs.iter().map(|taken| measure::mebibytes(taken.memory)));
    let shown = |spread: &Spread, digits: usize| {
        let Spread { median, least, most } = spread;
        format!("{median:.digits$} ({least:.digits$} to {most:.digits$})")
    };
    println!(
        "| {what} | {} | {} | {} |",
        shown(&seconds, 2),
        shown(&processor, 2),
        shown(&memory, 0)
    );
    Ok((seconds, seconds.median <= SECONDS && memory.median <= MIB))
}

fn check(program: &Path, input: &Path) -> anyhow::Result<Taken> {
    let mut command = Command::new(program);
    command
        .args(["check", "-o", "json"])
        .arg(input)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let (status, taken) = measure::run(&mut command)?;
    ensure!(status.code().is_some_and(|code| code < 2), "check ended with {status}");
    Ok(taken)
}

/// Whether check takes so much less a release than Helm takes to render one.
fn beside_helm(rounds: u32, helm: &Path, each: f64) -> anyhow::Result<bool> {
    let chart = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/tour/vcluster");
    let render = |_| {
        let mut command = Command::new(helm);
        let (status, taken) = measure::run(command.args(["template", "demo"]).arg(&chart).stdout(Stdio::null()))?;
        ensure!(status.success(), "helm ended with {status}");
        Ok(taken.time.as_secs_f64())
    };
    let rendering = (0..rounds).map(render).collect::<anyhow::Result<Vec<_>>>();
    let rendering = Spread::of(rendering.context("failed to render a chart")?);
    let times = rendering.median / each;
    println!(
        "\nhelm template of one release: {:.0} ms; check of one: {:.2} ms, {times:.0} times faster (at least {TIMES})",
        rendering.median * 1e3,
        each * 1e3
    );
    Ok(times >= TIMES)
}
