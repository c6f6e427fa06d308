//! The rows of the table: what is asked of both sides, and what the guard has to reach.

use std::time::Duration;

use super::client::{Trust, request};
use super::load::{Load, Slice};
use super::payload;
use super::process::Server;
use super::stats::Spread;

/// Not counted: the first calls fill caches and pools.
const WARM_UP: Duration = Duration::from_millis(100);

/// One thing that is asked, over some connections.
pub(crate) struct Row {
    pub(crate) path: &'static str,
    pub(crate) payload: &'static str,
    pub(crate) connections: usize,
    /// At least this many times the calls per second of the floor.
    pub(crate) throughput: f64,
    /// At most this many times its 99th percentile.
    pub(crate) p99: Option<f64>,
    request: Vec<u8>,
}

/// What came of it: of the guard and of the floor, and the ratio of each round.
pub(crate) struct Outcome {
    pub(crate) per_second: [Spread; 2],
    pub(crate) p50: [Spread; 2],
    pub(crate) p99: [Spread; 2],
    /// Microseconds of processor per call; without a number where the system does not tell.
    pub(crate) cpu: [f64; 2],
    pub(crate) throughput_ratio: Spread,
    pub(crate) p99_ratio: Spread,
}

/// All rows.
pub(crate) fn rows() -> anyhow::Result<Vec<Row>> {
    let large = payload::large()?;
    let kinds = [
        ("/validate", "8 KB", payload::OURS, 1.5, Some(1.2)),
        ("/validate", "300 KB", large.as_str(), 3.0, Some(1.2)),
        ("/validate", "8 KB, not ours", payload::FOREIGN, 2.0, Some(1.2)),
        ("/mutate", "8 KB", payload::OURS, 0.9, None),
    ];
    let mut rows = Vec::new();
    for (path, payload, body, throughput, p99) in kinds {
        for connections in [1, 16] {
            rows.push(Row {
                path,
                payload,
                connections,
                throughput,
                p99,
                request: request(path, body),
            });
        }
    }
    Ok(rows)
}

/// One side while its slices are counted.
struct Side<'a> {
    server: &'a Server,
    load: Load<'a>,
    slices: Vec<Slice>,
    cpu: Option<Duration>,
}

impl Side<'_> {
    fn slice(&mut self, time: Duration) -> anyhow::Result<()> {
        let before = self.server.cpu();
        self.slices.push(self.load.slice(time)?);
        let spent = self
            .server
            .cpu()
            .zip(before)
            .map(|(after, before)| after.saturating_sub(before));
        self.cpu = self.cpu.zip(spent).map(|(sum, spent)| sum + spent);
        Ok(())
    }

    fn cpu_per_call(&self) -> f64 {
        let calls: usize = self.slices.iter().map(|slice| slice.calls).sum();
        let calls = u32::try_from(calls).map_or(f64::NAN, f64::from);
        self.cpu.map_or(f64::NAN, |cpu| micros(cpu) / calls)
    }

    fn spread(&self, of: impl Fn(&Slice) -> f64) -> Spread {
        Spread::of(self.slices.iter().map(of))
    }
}

impl Row {
    /// A and B, B and A, … for as many rounds.
    pub(crate) fn run(
        &self,
        servers: [&Server; 2],
        trust: &Trust,
        rounds: u32,
        time: Duration,
    ) -> anyhow::Result<Outcome> {
        let [mut guard, mut floor] = [self.side(servers[0], trust)?, self.side(servers[1], trust)?];
        guard.load.slice(WARM_UP)?;
        floor.load.slice(WARM_UP)?;
        for round in 0..rounds {
            if round % 2 == 0 {
                guard.slice(time)?;
                floor.slice(time)?;
            } else {
                floor.slice(time)?;
                guard.slice(time)?;
            }
        }
        Ok(outcome(&guard, &floor))
    }

    fn side<'a>(&'a self, server: &'a Server, trust: &Trust) -> anyhow::Result<Side<'a>> {
        let patches = self.path == "/mutate";
        Ok(Side {
            server,
            load: Load::new(server.address, trust, self.connections, &self.request, patches)?,
            slices: Vec::new(),
            cpu: Some(Duration::ZERO),
        })
    }
}

fn outcome(guard: &Side<'_>, floor: &Side<'_>) -> Outcome {
    let both = |of: fn(&Slice) -> f64| [guard.spread(of), floor.spread(of)];
    let ratio = |of: fn(&Slice) -> f64| {
        let rounds = guard.slices.iter().zip(&floor.slices);
        Spread::of(rounds.map(|(guard, floor)| of(guard) / of(floor)))
    };
    let p99 = |slice: &Slice| micros(slice.p99);
    Outcome {
        per_second: both(|slice| slice.per_second),
        p50: both(|slice| micros(slice.p50)),
        p99: both(p99),
        cpu: [guard.cpu_per_call(), floor.cpu_per_call()],
        throughput_ratio: ratio(|slice| slice.per_second),
        p99_ratio: ratio(p99),
    }
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
