//! The two servers as processes of their own, and what the system tells of them.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use serde_json::Value;

/// `/proc` counts processor time in ticks of 10 ms, whatever the kernel itself counts in.
const TICK: Duration = Duration::from_millis(10);
/// A server that has not begun by this line of its log will not.
const MOST_LINES: usize = 100;

/// The program that is measured, and certificates to serve with.
pub(crate) struct Program {
    file: PathBuf,
    certificates: PathBuf,
}

impl Program {
    /// Makes certificates in `dir`. Without a file it is the program that was built along with this one.
    pub(crate) fn new(file: Option<&Path>, dir: &Path) -> anyhow::Result<Self> {
        let program = Self {
            file: file.map_or_else(
                || PathBuf::from(env!("CARGO_BIN_EXE_vcluster-guard")),
                Path::to_path_buf,
            ),
            certificates: dir.to_path_buf(),
        };
        let made = program.command().args(["certs", "dev", "--dir"]).arg(dir).output();
        let made = made.with_context(|| format!("failed to run {}", program.file.display()))?;
        ensure!(
            made.status.success(),
            "it made no certificates: {}",
            String::from_utf8_lossy(&made.stderr)
        );
        Ok(program)
    }

    pub(crate) fn authority(&self) -> PathBuf {
        self.certificates.join("ca.crt")
    }

    /// Bytes on disk.
    pub(crate) fn size(&self) -> anyhow::Result<u64> {
        Ok(fs::metadata(&self.file)?.len())
    }

    /// Whatever the caller's environment says, the defaults are measured.
    fn command(&self) -> Command {
        let mut command = Command::new(&self.file);
        command.env_clear().stdin(Stdio::null());
        command
    }

    fn pair(&self) -> [PathBuf; 2] {
        ["tls.crt", "tls.key"].map(|name| self.certificates.join(name))
    }
}

/// A server that listens. It is killed when dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Server {
    /// The guard with the built-in policy and no cluster.
    pub(crate) fn guard(program: &Program) -> anyhow::Result<Self> {
        let [cert, key] = program.pair();
        let mut command = program.command();
        command
            .arg("serve")
            .arg("--tls-cert")
            .arg(cert)
            .arg("--tls-key")
            .arg(key);
        for port in ["--listen", "--health-listen", "--metrics-listen"] {
            command.args([port, "127.0.0.1:0"]);
        }
        // ^C reaches it as well: it should not stay for the callers of a cluster.
        command.args(["--no-lookups", "--log-format", "json", "--shutdown-delay", "0s"]);
        let mut child = Guarded(Some(command.stderr(Stdio::piped()).spawn()?));
        let log = child.0.as_mut().and_then(|child| child.stderr.take());
        let mut log = BufReader::new(log.context("no log")?);
        let address = listening(&mut log)?;
        // Unread, a full pipe would stop it.
        thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        child.listens_on(address)
    }

    /// The floor: this very program in another role.
    pub(crate) fn floor(program: &Program) -> anyhow::Result<Self> {
        let [cert, key] = program.pair();
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("--floor").arg("--cert").arg(cert).arg("--key").arg(key);
        // Its standard input stays open as long as this process is there.
        let spawned = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut child = Guarded(Some(spawned));
        let output = child.0.as_mut().and_then(|child| child.stdout.take());
        let mut line = String::new();
        BufReader::new(output.context("no output")?).read_line(&mut line)?;
        let address = line.trim().parse().context("the floor tells no address")?;
        child.listens_on(address)
    }

    /// Resident memory in bytes.
    pub(crate) fn memory(&self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
        Some(kib << 10)
    }

    /// Processor time until now, in user and kernel.
    pub(crate) fn cpu(&self) -> Option<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).ok()?;
        // The name of the program may hold anything, so count after it: utime and stime are fields 14 and 15.
        let (_, rest) = stat.rsplit_once(')')?;
        let ticks = rest.split_whitespace().skip(11).take(2);
        let ticks: u32 = ticks.map(|field| field.parse::<u32>().unwrap_or_default()).sum();
        Some(TICK * ticks)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

/// A child that is killed, should nothing come of it.
struct Guarded(Option<Child>);

impl Guarded {
    fn listens_on(mut self, address: SocketAddr) -> anyhow::Result<Server> {
        let child = self.0.take().context("no child")?;
        Ok(Server { child, address })
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            end(child);
        }
    }
}

fn end(child: &mut Child) {
    // It may have ended by itself.
    let _killed = child.kill();
    let _reaped = child.wait();
}

/// The admission address, from the log line that tells all addresses.
fn listening(log: &mut impl BufRead) -> anyhow::Result<SocketAddr> {
    for _ in 0..MOST_LINES {
        let mut line = String::new();
        if log.by_ref().take(1 << 16).read_line(&mut line)? == 0 {
            bail!("the guard ended before it listened");
        }
        let event: Value = serde_json::from_str(&line).with_context(|| format!("the guard says: {line}"))?;
        if event["message"] == "listening" {
            let address = event["admission"].as_str().context("no address")?;
            return Ok(address.parse()?);
        }
    }
    bail!("the guard does not listen")
}
