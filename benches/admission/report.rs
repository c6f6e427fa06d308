//! The tables, each figure beside its target.

use std::fs;
use std::time::Duration;

use super::comparison::{Outcome, Row};
use super::stats::Spread;

const MIB: f64 = 1024.0 * 1024.0;

/// What else is going on: figures of a busy machine are worth less.
pub(crate) fn machine(when: &str) {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split_whitespace().next().unwrap_or("unknown");
    println!("{cores} cores, load {load} {when}");
    if cfg!(debug_assertions) {
        println!("built without optimisation: no figure means anything");
    }
}

pub(crate) fn head(rounds: u32, slice: Duration) {
    println!(
        "\nguard and floor in turns, {rounds} slices of {} ms each; medians (spread)\n",
        slice.as_millis()
    );
    println!(
        "{:9}  {:14}  {:>4}  {:>22}  {:>8}  {:>20}  {:13}  {:>13}  {:>13}  {:>9}  {:13}  {:>12}",
        "call",
        "payload",
        "conn",
        "req/s",
        "floor",
        "ratio",
        "target",
        "p50 us/floor",
        "p99 us/floor",
        "p99 ratio",
        "target",
        "cpu us/floor"
    );
}

/// Prints a row, and tells whether it met its targets.
pub(crate) fn line(row: &Row, outcome: &Outcome) -> bool {
    let Spread { median, least, most } = outcome.per_second[0];
    let ratio = outcome.throughput_ratio;
    let (fast, throughput) = judged(ratio.median, Target::AtLeast(row.throughput));
    let (prompt, p99) = row.p99.map_or((true, String::new()), |p99| {
        judged(outcome.p99_ratio.median, Target::AtMost(p99))
    });
    println!(
        "{:9}  {:14}  {:>4}  {:>22}  {:>8.0}  {:>20}  {throughput:13}  {:>13}  {:>13}  {:>9.2}  {p99:13}  {:>12}",
        row.path,
        row.payload,
        row.connections,
        format!("{median:.0} ({least:.0}..{most:.0})"),
        outcome.per_second[1].median,
        format!("{:.2} ({:.2}..{:.2})", ratio.median, ratio.least, ratio.most),
        format!("{:.0}/{:.0}", outcome.p50[0].median, outcome.p50[1].median),
        format!("{:.0}/{:.0}", outcome.p99[0].median, outcome.p99[1].median),
        outcome.p99_ratio.median,
        format!("{:.0}/{:.0}", outcome.cpu[0], outcome.cpu[1]),
    );
    fast && prompt
}

/// Prints what the program weighs, and tells whether it met its targets.
pub(crate) fn weights(start: &Spread, idle: [Option<u64>; 2], loaded: [Option<u64>; 2], size: u64) -> bool {
    println!();
    let floors = [idle[1], loaded[1]].map(|bytes| format!("floor {:.1}", mib(bytes)));
    let spread = format!("{:.0}..{:.0}", start.least, start.most);
    let lines = [
        ("memory idle, MiB", mib(idle[0]), 14.0, floors[0].as_str()),
        ("memory after load, MiB", mib(loaded[0]), 30.0, floors[1].as_str()),
        ("start to first answer, ms", start.median, 60.0, spread.as_str()),
        ("program, MB", mb(size), 15.0, ""),
    ];
    let mut met = true;
    for (what, value, most, beside) in lines {
        let (ok, target) = judged(value, Target::AtMost(most));
        println!("{what:26}  {value:>6.1}  {target:14}  {beside}");
        met &= ok;
    }
    println!();
    met
}

#[derive(Clone, Copy)]
enum Target {
    AtLeast(f64),
    AtMost(f64),
}

/// Whether a figure meets its target, and how the table says so. A figure that is not known misses nothing.
fn judged(value: f64, target: Target) -> (bool, String) {
    let (ok, text) = match target {
        Target::AtLeast(least) => (value >= least, format!(">= {least}")),
        Target::AtMost(most) => (value <= most, format!("<= {most}")),
    };
    match (value.is_nan(), ok) {
        (true, _) => (true, format!("{text} ?")),
        (false, true) => (true, format!("{text} ok")),
        (false, false) => (false, format!("{text} MISSED")),
    }
}

fn mib(bytes: Option<u64>) -> f64 {
    bytes.map_or(f64::NAN, |bytes| mb(bytes) * 1e6 / MIB)
}

/// To the kilobyte, which is exact enough.
fn mb(bytes: u64) -> f64 {
    u32::try_from(bytes / 1000).map_or(f64::NAN, f64::from) / 1e3
}
