//! `vcluster-guard audit`: the judgement on what stands in a live cluster.
//!
//! [`reader`] asks the apiserver, [`pages`] reads one list to its end, [`decode`] keeps what the judgement reads,
//! [`lockstep`] walks the lists side by side, [`secrets`] adds the config Secrets that were not listed, and the
//! [`Auditor`] judges one namespace after the other. What could not be read is in [`gaps`].

mod auditor;
mod decode;
mod fleet;
mod gaps;
mod handshake;
mod interval;
mod key;
mod kind;
mod lockstep;
mod pages;
mod reader;
mod reports;
mod secrets;
mod sights;
mod version;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use vcluster_guard_core::policy::{Mode, Policy};

use crate::cluster;
use crate::duration;
use crate::policy;
use crate::progress::Progress;
use crate::report::{FailOn, Report, Shown};
use crate::scope::Scope;
use crate::telemetry;
pub(crate) use auditor::{Auditor, Options};
use reader::Patience;
use reports::Reports;

/// One thread reads pages while another judges.
const WORKERS: usize = 2;

/// What fails is told once it is known to be lost, not at each attempt as the client library would.
const LOG_LEVEL: &str = "warn,kube_client=off";
/// An audit that stays says how each run went.
const LOG_LEVEL_OF_STAY: &str = "info,kube_client=off";

/// Flags of `audit`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    shown: Shown,
    /// One namespace instead of all
    #[arg(
        short,
        long,
        value_name = "NAME",
        env = "VCLUSTER_GUARD_NAMESPACE",
        conflicts_with = "all_namespaces"
    )]
    namespace: Option<Scope>,
    /// Every namespace, which is the default
    #[arg(short = 'A', long, env = "VCLUSTER_GUARD_ALL_NAMESPACES")]
    all_namespaces: bool,
    #[command(flatten)]
    cluster: cluster::Flags,
    /// The policy file
    #[arg(long, value_name = "FILE", env = "VCLUSTER_GUARD_CONFIG")]
    config: Option<PathBuf>,
    /// Keep a report of each vCluster in the cluster: a Report of openreports.io or a PolicyReport of wgpolicyk8s.io,
    /// whichever it knows
    #[arg(long, env = "VCLUSTER_GUARD_REPORTS")]
    reports: bool,
    #[command(flatten)]
    stay: interval::Args,
    /// The least severity that makes the exit code 1
    #[arg(long, value_enum, default_value_t = FailOn::Deny, env = "VCLUSTER_GUARD_FAIL_ON")]
    fail_on: FailOn,
    /// Audit as if the policy said this mode: what would become of the fleet under it
    #[arg(long, value_enum, value_name = "MODE", env = "VCLUSTER_GUARD_AS_IF")]
    as_if: Option<AsIf>,
    /// Exemptions that end within this time are told, such as 14d or 36h
    #[arg(long, value_name = "DURATION", env = "VCLUSTER_GUARD_EXPIRING_WITHIN", default_value = "14d", value_parser = seconds)]
    expiring_within: i64,
    /// Longest time for one answer of the apiserver
    #[arg(long, env = "VCLUSTER_GUARD_REQUEST_TIMEOUT", default_value = "30s", value_name = "DURATION",
          value_parser = duration::parse)]
    request_timeout: Duration,
    /// How often one thing is asked for before it counts as unreadable
    #[arg(long, env = "VCLUSTER_GUARD_ATTEMPTS", default_value_t = 6, value_name = "NUMBER",
          value_parser = clap::value_parser!(u32).range(1..))]
    attempts: u32,
    /// Objects a page, for tests
    #[arg(long, hide = true, env = "VCLUSTER_GUARD_PAGE_SIZE", value_name = "NUMBER",
          value_parser = clap::value_parser!(u32).range(1..))]
    page_size: Option<u32>,
    /// Form of the log on stderr
    #[arg(long, env = "VCLUSTER_GUARD_LOG_FORMAT", value_enum, default_value_t = telemetry::Format::Text)]
    log_format: telemetry::Format,
    /// error, warn, info, debug, trace, or a list such as info,hyper=debug; warn by default, info with --interval
    #[arg(long, env = "VCLUSTER_GUARD_LOG_LEVEL", value_name = "LEVEL")]
    log_level: Option<String>,
}

/// A mode of the policy, for what it would do.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum AsIf {
    Enforce,
    Warn,
    Audit,
}

impl AsIf {
    const fn mode(self) -> Mode {
        match self {
            Self::Enforce => Mode::Enforce,
            Self::Warn => Mode::Warn,
            Self::Audit => Mode::Audit,
        }
    }
}

impl Args {
    /// The policy in the mode that was asked for.
    fn in_mode(&self, mut policy: Policy) -> Policy {
        if let Some(as_if) = self.as_if {
            policy.mode = as_if.mode();
        }
        policy
    }
}

/// A duration as whole seconds.
fn seconds(text: &str) -> Result<i64, duration::NotADuration> {
    duration::parse(text).map(|time| i64::try_from(time.as_secs()).unwrap_or(i64::MAX))
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let usual = args.stay.interval.map_or(LOG_LEVEL, |_| LOG_LEVEL_OF_STAY);
    telemetry::start(args.log_format, args.log_level.as_deref().unwrap_or(usual))?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .enable_all()
        .build()
        .context("failed to start the runtime")?;
    match args.stay.interval {
        Some(every) => runtime.block_on(interval::stay(args, every)),
        None => runtime.block_on(once(args)),
    }
}

async fn once(args: &Args) -> anyhow::Result<ExitCode> {
    let policy = args.in_mode(policy::load(args.config.as_deref())?);
    let auditor = auditor(args).await?;
    let progress = Progress::counting("vClusters judged");
    let mut report = auditor.run(&policy, |judged| progress.at(judged)).await;
    drop(progress);
    if args.reports {
        let published = auditor.publish(&mut Reports::default(), &report).await;
        crate::report::say("note", &published.to_string());
        report.incomplete.extend(published.failure());
    }
    show(&report, args)
}

async fn auditor(args: &Args) -> anyhow::Result<Auditor> {
    let found = cluster::find(&args.cluster).await?;
    let mut config = found.context("no cluster to audit: give --kubeconfig, set KUBECONFIG, or run in a pod")?;
    // Each list is paced, and repeated with what the apiserver says of it in mind.
    config.default_retry = false;
    let options = Options {
        scope: args.namespace.clone().unwrap_or(Scope::All),
        patience: Patience {
            answer: args.request_timeout,
            attempts: args.attempts,
            ..Patience::default()
        },
        page: args.page_size,
        soon: args.expiring_within,
    };
    Ok(Auditor::new(cluster::client(config)?, options))
}

fn show(report: &Report, args: &Args) -> anyhow::Result<ExitCode> {
    if report.summary().vclusters == 0 && report.incomplete.is_empty() {
        eprintln!("note: there is no vCluster here");
    }
    args.shown.tell(report)?;
    Ok(report.exit_code(args.fail_on))
}
