//! `vcluster-guard serve`: answers AdmissionReviews over TLS.
//!
//! [`listener`] accepts, [`connection`] does the handshake and HTTP/1.1, [`routes`] picks the door, [`admission`]
//! takes one call from its head to its answer, [`review`] reads and writes the AdmissionReview, and the guard
//! ([`judge`]) decides. [`tls`] keeps the certificate fresh, [`probes`] tells the kubelet, [`life`] orders the end.

mod admission;
mod args;
mod body;
mod connection;
mod crowd;
mod descriptors;
pub(crate) mod judge;
pub(crate) mod life;
pub(crate) mod listener;
pub(crate) mod plain;
pub(crate) mod probes;
mod refusal;
pub(crate) mod review;
mod routes;
pub(crate) mod signals;
#[cfg(test)]
pub(crate) mod testing;
pub(crate) mod tls;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_util::task::TaskTracker;

pub(crate) use args::Args;

use crate::gather::{self, Access, Gather};
use crate::guard::Guard;
use crate::metrics::Metrics;
use crate::policy;
use crate::telemetry;
use admission::Desk;
use body::Budget;
use connection::{Host, Patience};
use crowd::Crowd;
use life::{Life, Phase};
use signals::Signals;
use tls::watch::Watch;
use tls::{Certificates, Files};

/// More threads only cost memory: a judgement takes microseconds.
const MOST_WORKERS: usize = 4;

/// Runs the command.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    telemetry::start(args.log_format, &args.log_level)?;
    let workers = std::thread::available_parallelism()
        .map_or(2, usize::from)
        .clamp(2, MOST_WORKERS);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(workers)
        .enable_all()
        .build()
        .context("failed to start the runtime")?;
    runtime.block_on(serve(args))
}

/// The three ports, bound.
struct Ports {
    admission: TcpListener,
    health: TcpListener,
    metrics: TcpListener,
}

impl Ports {
    async fn bind(args: &Args) -> anyhow::Result<Self> {
        Ok(Self {
            admission: listener::bind(args.listen, "--listen").await?,
            health: listener::bind(args.health_listen, "--health-listen").await?,
            metrics: listener::bind(args.metrics_listen, "--metrics-listen").await?,
        })
    }
}

async fn serve(args: &Args) -> anyhow::Result<ExitCode> {
    let mut signals = Signals::catch().context("failed to catch signals")?;
    let warm = tokio::task::spawn_blocking(tls::warm_up);
    // kube's client takes the process default.
    let _already_set = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let files = Files {
        cert: args.tls_cert.clone(),
        key: args.tls_key.clone(),
    };
    let pair = files.load().await.context(
        "failed to load the certificate: give --tls-cert and --tls-key a matching pair \
         (`vcluster-guard certs dev --dir certs` makes one)",
    )?;
    let ports = Ports::bind(args).await?;
    let certificates = Certificates::new(pair);
    let metrics = Arc::new(Metrics::new());
    let life = Life::new();
    let policy = policy::Watched::start(args.config.as_deref(), &metrics)?;
    let gather = gather(args, policy.deadline(), &metrics).await?;
    let guard = Guard::new(gather, Arc::clone(&metrics), policy.current());
    let desk = Desk {
        judge: guard,
        budget: Budget::default(),
        metrics: Arc::clone(&metrics),
        longest_call: args.call_timeout,
    };
    let tls = TlsAcceptor::from(Arc::new(tls::server_config(Arc::clone(&certificates))?));
    let admission = Host {
        tls: Some(tls),
        router: routes::router(&Arc::new(desk)),
        life: life.clone(),
        patience: Patience::default(),
    };
    tokio::spawn(policy.watch(args.tls_reload_interval, Arc::clone(&metrics)));
    tokio::spawn(Watch::new(files, Arc::clone(&certificates), Arc::clone(&metrics)).run(args.tls_reload_interval));
    warm.await.context("failed to gather randomness")?;
    let places = descriptors::places(args.max_connections);
    let servers = open(ports, admission, places, &metrics, &certificates)?;
    stop(args, &life, &mut signals, servers).await
}

/// Where facts come from. That they come from nowhere is said at the start, and only there.
async fn gather(args: &Args, deadline: Duration, metrics: &Arc<Metrics>) -> anyhow::Result<Gather> {
    let access = if args.no_lookups {
        Access::None("look-ups are off".into())
    } else {
        gather::connect(&args.cluster).await?
    };
    match &access {
        Access::Cluster(cluster) => tracing::info!(url = cluster.url(), "looking facts up in a cluster"),
        Access::None(reason) => tracing::warn!(
            %reason,
            "no look-ups: what a request does not show stays undecided, such as the values behind a workload or scale"
        ),
    }
    Ok(Gather::new(access, deadline, Arc::clone(metrics)))
}

/// Starts the listeners.
fn open(
    ports: Ports,
    admission: Host,
    places: usize,
    metrics: &Arc<Metrics>,
    certificates: &Arc<Certificates>,
) -> anyhow::Result<TaskTracker> {
    let life = admission.life.clone();
    let certificates = Arc::clone(certificates);
    let health = probes::health(life.clone(), move || certificates.is_valid());
    let scrape = probes::metrics(Arc::clone(metrics));
    let addresses = (
        ports.admission.local_addr()?,
        ports.health.local_addr()?,
        ports.metrics.local_addr()?,
    );
    let servers = TaskTracker::new();
    servers.spawn(listener::run(ports.admission, admission, Crowd::new(places)));
    plain::serve(ports.health, health);
    plain::serve(ports.metrics, scrape);
    servers.close();
    life.enter(Phase::Serving);
    let (admission, health, metrics) = addresses;
    tracing::info!(%admission, %health, %metrics, version = env!("CARGO_PKG_VERSION"), "listening");
    Ok(servers)
}

/// Waits for a signal, then ends in order: not ready, lame duck, drain. A second signal ends it now.
async fn stop(args: &Args, life: &Life, signals: &mut Signals, servers: TaskTracker) -> anyhow::Result<ExitCode> {
    let signal = signals.next().await;
    let delay = args.shutdown_delay;
    tracing::info!(
        signal,
        ?delay,
        "not ready any more; serving on until nobody sends calls here"
    );
    life.enter(Phase::LameDuck);
    let orderly = async {
        tokio::time::sleep(delay).await;
        life.enter(Phase::Draining);
        drain(args.drain_timeout, &servers).await;
    };
    tokio::select! {
        () = orderly => {}
        signal = signals.next() => tracing::warn!(signal, "stopping now"),
    }
    tracing::info!("stopped");
    Ok(ExitCode::SUCCESS)
}

async fn drain(most: Duration, servers: &TaskTracker) {
    if tokio::time::timeout(most, servers.wait()).await.is_err() {
        tracing::warn!("some calls did not end in time");
    }
}
