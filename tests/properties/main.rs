//! What must hold for every input, not only for the ones somebody thought of.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at what must hold"
)]

use proptest::test_runner::Config;

mod hunted;
mod json;
mod mends;
mod secrecy;
mod totality;
mod values;

/// What fails here becomes a case in `tests/cases`, so no seeds are kept.
fn config() -> Config {
    Config {
        failure_persistence: None,
        max_shrink_iters: 256,
        ..Config::with_cases(512)
    }
}
