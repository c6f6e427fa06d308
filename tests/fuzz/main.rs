//! `make fuzz`: does our config reader take each text as vCluster's own does?
//!
//! ```text
//! generate (seeded) -> text -> ours            \
//!                          \-> oracle (Go)      -> compare -> known | shrink -> report
//! ```
//!
//! A difference is a way around every rule, or a refusal of a healthy vCluster. The first ones are printed, made as
//! small as they get, and the run fails. The same seed gives the same texts.

mod compare;
mod generate;
mod known;
mod oracle;
mod random;
mod shrink;

use std::panic;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use vcluster_guard_core::config::yaml::to_json_strict;

use oracle::Oracle;
use random::Random;

/// Compares the config reader with that of vCluster on generated texts.
#[derive(Debug, Parser)]
struct Args {
    /// The Go reader, as built from this folder
    #[arg(long, value_name = "FILE")]
    oracle: PathBuf,

    /// Where the texts begin; text N of seed S is the first one of seed S + N
    #[arg(long, env = "FUZZ_SEED", default_value_t = 1, value_name = "NUMBER")]
    seed: u64,

    /// Most texts
    #[arg(long, env = "FUZZ_TEXTS", default_value_t = u64::MAX, value_name = "NUMBER")]
    texts: u64,

    /// Longest time in seconds
    #[arg(long, env = "FUZZ_SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=86_400), value_name = "SECONDS")]
    seconds: u64,

    /// Differences to show before it gives up
    #[arg(long, default_value_t = 5, value_name = "NUMBER")]
    differences: usize,
}

/// No answer at all, as against a difference.
const EXIT_ERROR: u8 = 2;

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(EXIT_ERROR)
        }
    }
}

/// What became of the texts.
#[derive(Default)]
struct Tally {
    texts: u64,
    accepted: u64,
    random: u64,
    known: u64,
    differences: usize,
}

/// The number of differences.
fn run(args: &Args) -> anyhow::Result<usize> {
    silence_parser();
    let mut oracle = Oracle::start(&args.oracle)?;
    let mut tally = Tally::default();
    let (start, time) = (Instant::now(), Duration::from_secs(args.seconds));
    let mut seed = args.seed;
    while tally.texts < args.texts && start.elapsed() < time && tally.differences < args.differences {
        let text = generate::text(&mut Random::new(seed));
        judge(&mut oracle, seed, &text, &mut tally)?;
        seed = seed.wrapping_add(1);
    }
    let Tally {
        texts,
        accepted,
        random,
        known,
        differences,
    } = tally;
    println!(
        "{texts} texts from seed {} in {:.1?}: Go takes {accepted}; {differences} differences, beside {known} that are \
         meant and {random} where Go itself is of two minds",
        args.seed,
        start.elapsed()
    );
    Ok(differences)
}

/// The parser beneath panics at some broken texts. The reader makes a refusal of it; here it would only be noise.
fn silence_parser() {
    let hook = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let is_parser = |place: &panic::Location<'_>| place.file().contains("libyaml-safer");
        if !info.location().is_some_and(is_parser) {
            hook(info);
        }
    }));
}

fn judge(oracle: &mut Oracle, seed: u64, text: &[u8], tally: &mut Tally) -> anyhow::Result<()> {
    let go = oracle.ask(text)?;
    let ours = to_json_strict(text);
    tally.texts += 1;
    tally.accepted += u64::from(go.is_ok());
    if compare::agree(&ours, &go) {
        return Ok(());
    }
    if oracle.wavers(text, &go)? {
        tally.random += 1;
    } else if known::is_known(text, &ours, &go) {
        tally.known += 1;
    } else {
        tally.differences += 1;
        report(oracle, seed, text)?;
    }
    Ok(())
}

fn report(oracle: &mut Oracle, seed: u64, text: &[u8]) -> anyhow::Result<()> {
    let small = shrink::shrink(text, |text| {
        let go = oracle.ask(text)?;
        let ours = to_json_strict(text);
        Ok(!compare::agree(&ours, &go) && !known::is_known(text, &ours, &go) && !oracle.wavers(text, &go)?)
    })?;
    println!("seed {seed}: {}", text.escape_ascii());
    println!("  small: {}", small.escape_ascii());
    match to_json_strict(&small) {
        Ok(value) => println!("  ours:  {value}"),
        Err(error) => println!("  ours:  refused, {error}"),
    }
    match oracle.ask(&small)? {
        Ok(json) => println!("  Go:    {json}"),
        Err(error) => println!("  Go:    refused, {error}"),
    }
    Ok(())
}
