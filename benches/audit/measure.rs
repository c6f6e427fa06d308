//! One run of the program as a process, and what it took.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::ensure;

/// How often the memory of the process is looked at. Its peak is kept by the kernel, so only the very end can be missed.
const BETWEEN_LOOKS: Duration = Duration::from_millis(5);

/// What a run took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Taken {
    pub(crate) time: Duration,
    /// Peak of the resident memory, in bytes.
    pub(crate) memory: u64,
    /// Processor time, in user and kernel.
    pub(crate) cpu: Duration,
}

/// Audits the whole cluster with more flags; the report goes to `output`.
pub(crate) fn audit(program: &Path, kubeconfig: &Path, output: &Path, flags: &[&str]) -> anyhow::Result<Taken> {
    let mut command = Command::new(program);
    command
        .args(["audit", "-o", "json", "--kubeconfig"])
        .arg(kubeconfig)
        .args(flags);
    let (status, taken) = run(command.stdout(File::create(output)?))?;
    ensure!(
        status.code() == Some(1),
        "the audit ended with {status}, and there was something to deny"
    );
    Ok(taken)
}

/// Runs a command to its end. Whatever the caller's environment says, the defaults are measured.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<(ExitStatus, Taken)> {
    let start = Instant::now();
    let mut child = command.env_clear().stdin(Stdio::null()).spawn()?;
    let (mut memory, mut cpu) = (0, Duration::ZERO);
    let status = loop {
        if let Some(peak) = peak(child.id()) {
            memory = peak;
        }
        if let Some(now) = processor(child.id()) {
            cpu = now;
        }
        if let Some(status) = child.try_wait()? {
            break status;
        }
        sleep(BETWEEN_LOOKS);
    };
    let time = start.elapsed();
    Ok((status, Taken { time, memory, cpu }))
}

#[expect(clippy::cast_precision_loss, reason = "for people")]
pub(crate) fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

fn peak(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib << 10)
}

fn processor(process: u32) -> Option<Duration> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name of the program may hold anything, so count after it: utime and stime, in ticks of 10 ms.
    let (_, rest) = stat.rsplit_once(')')?;
    let ticks = rest.split_whitespace().skip(11).take(2);
    let ticks: u32 = ticks.map(|field| field.parse::<u32>().unwrap_or_default()).sum();
    Some(Duration::from_millis(10) * ticks)
}
