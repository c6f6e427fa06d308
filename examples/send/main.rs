//! Sends the samples under examples/reviews to a vcluster-guard and shows what it answers.
//!
//! `make run` runs this: it makes development certificates, starts the server on <https://localhost:9443> with the
//! built-in policy and no cluster, sends the samples as kube-apiserver would, and keeps serving until ^C.
//! With `--server URL --ca FILE` it asks a server that runs already.

mod client;
mod diff;
mod server;
mod show;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::Parser;
use serde_json::Value;

use client::Client;
use server::Server;

/// Sends AdmissionReviews and shows the answers.
#[derive(Debug, Parser)]
struct Args {
    /// A server that runs already, such as `https://localhost:9443`; without it one is started
    #[arg(long, value_name = "URL", requires = "ca")]
    server: Option<String>,

    /// The authority that signed its certificate
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,

    /// Port for the server that is started
    #[arg(long, default_value_t = 9443, value_name = "PORT")]
    port: u16,

    /// Directory for development certificates
    #[arg(long, default_value = "certs", value_name = "DIR")]
    certs: PathBuf,

    /// End after the samples
    #[arg(long)]
    once: bool,

    /// AdmissionReviews in JSON; without any, those under examples/reviews
    files: Vec<PathBuf>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(&Args::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(args: &Args) -> anyhow::Result<()> {
    let files = if args.files.is_empty() {
        samples()?
    } else {
        args.files.clone()
    };
    if let (Some(url), Some(ca)) = (&args.server, &args.ca) {
        return send_all(&Client::new(url, ca)?, &files).await;
    }
    let mut server = Server::start(args.port, &args.certs).await?;
    let client = Client::new(&server.url(), &server.authority())?;
    tokio::select! {
        sent = send_all(&client, &files) => sent?,
        ended = server.ended() => return ended,
        () = server::interrupted() => return server.stop().await,
    }
    if !args.once {
        show::serving(&server.url(), &server.authority());
        tokio::select! {
            ended = server.ended() => return ended,
            () = server::interrupted() => {}
        }
    }
    server.stop().await
}

/// The samples of the repository, in order.
fn samples() -> anyhow::Result<Vec<PathBuf>> {
    let root = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from("."), PathBuf::from);
    let folder = root.join("examples/reviews");
    let entries = folder.read_dir().with_context(|| {
        format!(
            "failed to read {}: run this in the repository, or name files",
            folder.display()
        )
    })?;
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|file| file.extension().is_some_and(|extension| extension == "json"))
        .collect();
    files.sort();
    if files.is_empty() {
        bail!("there is no sample in {}", folder.display());
    }
    Ok(files)
}

async fn send_all(client: &Client, files: &[PathBuf]) -> anyhow::Result<()> {
    for file in files {
        send(client, file)
            .await
            .with_context(|| format!("failed to send {}", file.display()))?;
    }
    Ok(())
}

/// Sends one review as kube-apiserver does: a workload is mended first, and what comes of it is validated.
async fn send(client: &Client, file: &Path) -> anyhow::Result<()> {
    let text = std::fs::read(file)?;
    let mut review: Value = serde_json::from_slice(&text).context("it is no JSON")?;
    show::asked(file, &review);
    if is_workload(&review) {
        let answer = client.post("/mutate", &review).await?;
        let before = review.clone();
        let patched = diff::apply(&mut review, &answer)?;
        show::mended(&before, &review, &patched, &answer);
    }
    let answer = client.post("/validate", &review).await?;
    show::judged(&answer);
    Ok(())
}

/// Only workloads are registered with the mutating webhook.
fn is_workload(review: &Value) -> bool {
    matches!(
        review["request"]["kind"]["kind"].as_str(),
        Some("StatefulSet" | "Deployment")
    )
}
