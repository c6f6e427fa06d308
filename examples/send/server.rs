//! The server that is started for the samples.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{sleep, timeout};

const START: Duration = Duration::from_secs(10);
const STOP: Duration = Duration::from_secs(5);

/// A running `vcluster-guard serve`; it ends with this.
pub(crate) struct Server {
    process: Child,
    port: u16,
    certs: PathBuf,
}

impl Server {
    /// Builds and starts it, and waits until it is ready.
    pub(crate) async fn start(port: u16, certs: &Path) -> anyhow::Result<Self> {
        let program = program().await?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        if TcpListener::bind(address).is_err() {
            bail!("port {port} is taken on this machine: stop what listens there, or choose another with --port");
        }
        make_certificates(&program, certs).await?;
        let health = free_address()?;
        let process = Command::new(&program)
            .arg("serve")
            .args(["--listen", &address.to_string()])
            .args(["--health-listen", &health.to_string()])
            .args(["--metrics-listen", &free_address()?.to_string()])
            .arg("--tls-cert")
            .arg(certs.join("tls.crt"))
            .arg("--tls-key")
            .arg(certs.join("tls.key"))
            .args(["--no-lookups", "--shutdown-delay", "0s", "--log-level", "error"])
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("failed to start {}", program.display()))?;
        let mut server = Self {
            process,
            port,
            certs: certs.to_owned(),
        };
        tokio::select! {
            ready = timeout(START, until_ready(health)) => ready.context("the server did not get ready in time")?,
            ended = server.ended() => {
                ended?;
                bail!("the server was stopped before it was ready");
            }
        }
        println!(
            "vcluster-guard serves on {} with its built-in policy, without a cluster.",
            server.url()
        );
        Ok(server)
    }

    pub(crate) fn url(&self) -> String {
        format!("https://localhost:{}", self.port)
    }

    pub(crate) fn authority(&self) -> PathBuf {
        self.certs.join("ca.crt")
    }

    /// Waits for its end. With ^C in a terminal it hears the signal, too, and may be gone before us.
    pub(crate) async fn ended(&mut self) -> anyhow::Result<()> {
        let status = self.process.wait().await?;
        ensure!(
            status.success(),
            "the server ended by itself ({status}); what it said stands above"
        );
        Ok(())
    }

    /// Ends it. With ^C in a terminal it has already heard.
    pub(crate) async fn stop(&mut self) -> anyhow::Result<()> {
        if let Ok(Some(_)) = self.process.try_wait() {
            return Ok(());
        }
        if timeout(STOP / 10, self.process.wait()).await.is_err() {
            self.process.kill().await.context("failed to stop the server")?;
        }
        Ok(())
    }
}

/// Ends on ^C or SIGTERM.
pub(crate) async fn interrupted() {
    let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

/// The program of the same profile: it lies one folder above the examples. Under cargo it is built first, because
/// `cargo run --example` builds the example alone.
async fn program() -> anyhow::Result<PathBuf> {
    let example = std::env::current_exe().context("failed to find this program's own file")?;
    let folder = example
        .parent()
        .and_then(Path::parent)
        .context("this program does not lie in a target folder")?;
    if let Some(cargo) = std::env::var_os("CARGO") {
        let is_release = folder.file_name().is_some_and(|name| name == "release");
        let mut build = Command::new(cargo);
        build
            .args(["build", "--quiet", "--bin", "vcluster-guard"])
            .args(is_release.then_some("--release"));
        let status = build.status().await.context("failed to run cargo")?;
        ensure!(status.success(), "vcluster-guard could not be built");
    }
    let program = folder.join("vcluster-guard");
    ensure!(
        program.exists(),
        "{} is not there: run `cargo build` first",
        program.display()
    );
    Ok(program)
}

async fn make_certificates(program: &Path, certs: &Path) -> anyhow::Result<()> {
    let status = Command::new(program)
        .args(["certs", "dev", "--dir"])
        .arg(certs)
        .status()
        .await?;
    ensure!(status.success(), "the development certificates could not be made");
    Ok(())
}

/// An address nobody listens on now.
fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

async fn until_ready(health: SocketAddr) {
    while !is_ready(health).await.unwrap_or(false) {
        sleep(Duration::from_millis(20)).await;
    }
}

async fn is_ready(health: SocketAddr) -> std::io::Result<bool> {
    let mut stream = TcpStream::connect(health).await?;
    stream
        .write_all(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer.starts_with("HTTP/1.1 200"))
}
