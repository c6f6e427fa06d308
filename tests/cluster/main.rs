//! The guard in a real cluster: every claim of the other tests, seen from kubectl.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says outright what must hold, in its helpers too"
)]

mod auditing;
mod bed;
mod budgets;
#[allow(dead_code, reason = "the walker of the cases uses the rest of it")]
#[path = "../walker/case.rs"]
mod case;
mod catalogue;
mod changing;
#[path = "../console/page.rs"]
mod console;
mod drift;
mod exempting;
#[allow(dead_code, reason = "the walker of the cases uses the rest of it")]
#[path = "../walker/files.rs"]
mod files;
mod fixing;
mod harness;
mod mending;
mod observing;
mod outage;
mod procedures;
mod refusing;
mod releasing;
mod reporting;
mod scaling;
mod snapshots;
mod space;
mod standing;
mod staying;
mod telling;
mod touring;
mod walking;
