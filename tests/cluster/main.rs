//! The guard in a real cluster: every claim of the other tests, seen from kubectl.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says outright what must hold, in its helpers too"
)]

mod bed;
mod budgets;
mod changing;
mod exempting;
mod harness;
mod mending;
mod outage;
mod refusing;
mod releasing;
mod scaling;
mod space;
mod standing;
mod telling;
