//! The log: where it goes, in which form, and what never gets into it.

use std::io::{IsTerminal, stderr};

use anyhow::Context;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::prelude::*;

/// Form of the log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    Text,
    Json,
}

/// Sends the log to stderr. `level` is a level (`info`) or a list (`info,hyper=debug`).
pub(crate) fn start(format: Format, level: &str) -> anyhow::Result<()> {
    let filter: Targets = level
        .parse()
        .with_context(|| format!("--log-level {level:?} is no level: write error, warn, info, debug or trace"))?;
    let registry = tracing_subscriber::registry().with(filter);
    let lines = tracing_subscriber::fmt::layer().with_writer(stderr);
    let started = match format {
        Format::Text => registry.with(lines.with_ansi(is_coloured())).try_init(),
        Format::Json => registry.with(lines.json().flatten_event(true)).try_init(),
    };
    started.context("failed to start the log")?;
    silence_panics();
    Ok(())
}

fn is_coloured() -> bool {
    stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// A panic is caught and answered with 500. Its message is dropped: that of a string index quotes the string, which
/// may be a Secret's.
fn silence_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(
            place,
            "a panic was caught; its message is not shown because it may quote an object"
        );
    }));
}
