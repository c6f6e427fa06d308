//! Slices of load on connections that are kept.

use std::net::SocketAddr;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, ensure};
use serde_json::Value;

use super::client::{Client, Trust};
use super::stats::percentile;

/// Enough for ten seconds of anything, and an end.
const MOST_CALLS: usize = 1 << 20;

/// What one slice gave.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slice {
    pub(crate) calls: usize,
    pub(crate) per_second: f64,
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
}

/// Connections to one server, which ask it one thing again and again.
pub(crate) struct Load<'a> {
    clients: Vec<Client>,
    request: &'a [u8],
    answer: Vec<u8>,
}

impl<'a> Load<'a> {
    /// Connects, and looks closely at one answer: all others have to be the same.
    pub(crate) fn new(
        address: SocketAddr,
        trust: &Trust,
        connections: usize,
        request: &'a [u8],
        patches: bool,
    ) -> anyhow::Result<Self> {
        let mut clients = (0..connections)
            .map(|_| Client::connect(address, trust))
            .collect::<anyhow::Result<Vec<_>>>()?;
        let first = clients.first_mut().context("no connection")?;
        let answer = first.ask(request)?.to_vec();
        let review: Value = serde_json::from_slice(&answer).context("the answer is no JSON")?;
        let response = &review["response"];
        ensure!(
            response["allowed"] == true && response["patch"].is_string() == patches,
            "an answer that was not expected: {review}"
        );
        Ok(Self {
            clients,
            request,
            answer,
        })
    }

    /// Asks for `time`, on every connection as fast as it answers.
    pub(crate) fn slice(&mut self, time: Duration) -> anyhow::Result<Slice> {
        let (request, answer) = (self.request, self.answer.as_slice());
        let barrier = Barrier::new(self.clients.len() + 1);
        let (took, times) = thread::scope(|scope| {
            let threads: Vec<_> = self
                .clients
                .iter_mut()
                .map(|client| {
                    scope.spawn(|| {
                        barrier.wait();
                        ask_for(time, client, request, answer)
                    })
                })
                .collect();
            barrier.wait();
            let start = Instant::now();
            let times: Vec<_> = threads
                .into_iter()
                .map(|thread| thread.join().unwrap_or_else(|_| Err(anyhow!("a client panicked"))))
                .collect();
            (start.elapsed(), times)
        });
        let mut all = times.into_iter().collect::<anyhow::Result<Vec<_>>>()?.concat();
        all.sort_unstable();
        Ok(Slice {
            calls: all.len(),
            per_second: f64::from(u32::try_from(all.len())?) / took.as_secs_f64(),
            p50: Duration::from_nanos(percentile(&all, 50)),
            p99: Duration::from_nanos(percentile(&all, 99)),
        })
    }
}

/// The nanoseconds of each call.
fn ask_for(time: Duration, client: &mut Client, request: &[u8], answer: &[u8]) -> anyhow::Result<Vec<u64>> {
    let mut times = Vec::with_capacity(1 << 14);
    let start = Instant::now();
    let mut now = start;
    while now - start < time && times.len() < MOST_CALLS {
        ensure!(client.ask(request)? == answer, "two answers to one question");
        let before = std::mem::replace(&mut now, Instant::now());
        times.push(u64::try_from((now - before).as_nanos())?);
    }
    Ok(times)
}
