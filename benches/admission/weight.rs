//! From the start of the process to its first answer.

use std::time::Instant;

use super::client::{Client, Trust, request};
use super::payload;
use super::process::{Program, Server};
use super::stats::Spread;

const STARTS: usize = 5;

/// Milliseconds, of several starts.
pub(crate) fn start(program: &Program, trust: &Trust) -> anyhow::Result<Spread> {
    let request = request("/validate", payload::OURS);
    let once = || -> anyhow::Result<f64> {
        let start = Instant::now();
        let server = Server::guard(program)?;
        Client::connect(server.address, trust)?.ask(&request)?;
        Ok(start.elapsed().as_secs_f64() * 1e3)
    };
    // The first one reads the program from disk.
    once()?;
    let times = (0..STARTS).map(|_| once()).collect::<anyhow::Result<Vec<_>>>()?;
    Ok(Spread::of(times))
}
