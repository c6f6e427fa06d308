//! Running a client program to its end and keeping all that it said.

use std::fmt;
use std::io::Write;
use std::process::{Command, Stdio};
use std::thread;

use anyhow::{Context, bail};
use serde_json::Value;

/// What a client program answered.
#[derive(Debug)]
pub(crate) struct Output {
    /// Whether the exit code was 0.
    pub(crate) ok: bool,
    /// `None` after a signal.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    command: String,
}

/// Runs a program with `input` on its standard input.
pub(crate) fn run(command: &mut Command, input: &str) -> anyhow::Result<Output> {
    let line = describe(command);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("failed to start {line}"))?;
    let mut pipe = child.stdin.take().context("a piped standard input is missing")?;
    let input = input.to_owned();
    // A program that ends without reading all of its input is not an error: its answer tells why.
    let writer = thread::spawn(move || drop(pipe.write_all(input.as_bytes())));
    let output = child
        .wait_with_output()
        .with_context(|| format!("failed to wait for {line}"))?;
    drop(writer.join());
    Ok(Output {
        ok: output.status.success(),
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        command: line,
    })
}

fn describe(command: &Command) -> String {
    let program = command.get_program().to_string_lossy();
    let name = program.rsplit('/').next().unwrap_or_default();
    let arguments = command
        .get_args()
        .map(|argument| format!(" {}", quoted(&argument.to_string_lossy())));
    std::iter::once(name.to_owned()).chain(arguments).collect()
}

// As one would type it; none of our arguments holds a single quote.
fn quoted(argument: &str) -> String {
    let plain = |character: char| character.is_ascii_alphanumeric() || "-_./=:,@%+".contains(character);
    if argument.chars().all(plain) {
        argument.to_owned()
    } else {
        format!("'{argument}'")
    }
}

// === impl Output ===

impl Output {
    /// This output, or an error that shows it.
    pub(crate) fn success(self) -> anyhow::Result<Self> {
        if self.ok {
            return Ok(self);
        }
        bail!("{self}")
    }

    /// The standard output as JSON.
    pub(crate) fn json(&self) -> anyhow::Result<Value> {
        serde_json::from_str(&self.stdout).with_context(|| format!("no JSON came from {}", self.command))
    }

    /// What a webhook said when it refused the request; nothing if none did.
    pub(crate) fn refusal(&self) -> Option<&str> {
        let (_, text) = self.stderr.split_once("denied the request: ")?;
        Some(text.trim_end())
    }

    /// The warnings that the API server sent along, in order.
    pub(crate) fn warnings(&self) -> Vec<&str> {
        self.stderr
            .lines()
            .filter_map(|line| line.strip_prefix("Warning: "))
            .collect()
    }
}

impl fmt::Display for Output {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "$ {}\n{}{}", self.command, self.stdout, self.stderr)
    }
}
