//! An audit that stays: at once, then again and again from start to start, until it is told to end.
//!
//! Nothing of a run outlives it but the reports in the cluster and the metrics. A run that is asked to end is dropped
//! where it waits for an answer: it reads, and a report is written whole or not at all.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use arc_swap::ArcSwap;
use tokio::time::{Instant, sleep_until};
use tower::util::rng::{HasherRng, Rng};
use vcluster_guard_core::policy::Policy;

use super::Auditor;
use super::reports::{Published, Reports};
use crate::clock;
use crate::duration;
use crate::metrics::{self, Metrics};
use crate::policy::Watched;
use crate::report::Report;
use crate::serve::life::{Life, Phase};
use crate::serve::signals::Signals;
use crate::serve::{listener, plain, probes};

/// How often the policy file is looked at.
const POLICY_LOOKS: Duration = Duration::from_secs(5);
/// Several auditors of one cluster, or one in each of many, should not read at the same moment for ever.
const JITTER: f64 = 0.1;
/// Less would only be lists without end.
const SHORTEST: Duration = Duration::from_secs(1);

/// Flags of an audit that stays.
#[derive(Debug, clap::Args)]
#[group(skip)]
pub(crate) struct Args {
    /// Stay, and audit again so long after the start of each run
    #[arg(long, env = "VCLUSTER_GUARD_INTERVAL", value_name = "DURATION", value_parser = interval)]
    pub(super) interval: Option<Duration>,
    /// With --interval: address of /livez and /readyz (plain HTTP)
    #[arg(
        long,
        env = "VCLUSTER_GUARD_HEALTH_LISTEN",
        default_value = "0.0.0.0:8081",
        value_name = "ADDR"
    )]
    health_listen: SocketAddr,
    /// With --interval: address of /metrics (plain HTTP)
    #[arg(
        long,
        env = "VCLUSTER_GUARD_METRICS_LISTEN",
        default_value = "0.0.0.0:8080",
        value_name = "ADDR"
    )]
    metrics_listen: SocketAddr,
}

fn interval(text: &str) -> Result<Duration, String> {
    let interval = duration::parse(text).map_err(|error| error.to_string())?;
    if interval < SHORTEST {
        return Err(format!("too short: the shortest interval is {SHORTEST:?}"));
    }
    Ok(interval)
}

/// Audits until a signal comes.
pub(super) async fn stay(args: &super::Args, every: Duration) -> anyhow::Result<ExitCode> {
    let mut signals = Signals::catch().context("failed to catch signals")?;
    let health = listener::bind(args.stay.health_listen, "--health-listen").await?;
    let scrape = listener::bind(args.stay.metrics_listen, "--metrics-listen").await?;
    let (metrics, audit) = Metrics::with_audit();
    let metrics = Arc::new(metrics);
    let policy = Watched::start(args.config.as_deref(), &metrics)?;
    let mut rounds = Rounds {
        auditor: super::auditor(args).await?,
        policy: policy.current(),
        audit,
        reports: args.reports.then(Reports::default),
        args,
    };
    let life = Life::new();
    tracing::info!(
        health = %health.local_addr()?,
        metrics = %scrape.local_addr()?,
        ?every,
        version = env!("CARGO_PKG_VERSION"),
        "auditing"
    );
    plain::serve(health, probes::health(life.clone(), || true));
    plain::serve(scrape, probes::metrics(Arc::clone(&metrics)));
    tokio::spawn(policy.watch(POLICY_LOOKS, metrics));
    let signal = tokio::select! {
        signal = signals.next() => signal,
        failed = rounds.go_on(every, &life) => return failed,
    };
    life.enter(Phase::Draining);
    tracing::info!(signal, "stopped");
    Ok(ExitCode::SUCCESS)
}

/// One run after the other, never two at a time.
struct Rounds<'a> {
    args: &'a super::Args,
    auditor: Auditor,
    policy: Arc<ArcSwap<Policy>>,
    audit: metrics::Audit,
    reports: Option<Reports>,
}

impl Rounds<'_> {
    /// Ends only when a report that was asked for cannot be printed.
    async fn go_on(&mut self, every: Duration, life: &Life) -> anyhow::Result<ExitCode> {
        let mut random = HasherRng::default();
        loop {
            let start = Instant::now();
            self.run(start).await?;
            life.enter(Phase::Serving);
            sleep_until(start + every.mul_f64(1.0 + JITTER * random.next_f64())).await;
        }
    }

    async fn run(&mut self, start: Instant) -> anyhow::Result<()> {
        let policy = self.args.in_mode(Policy::clone(&self.policy.load()));
        let report = self.auditor.run(&policy, |_| {}).await;
        let published = match &mut self.reports {
            Some(reports) => self.auditor.publish(reports, &report).await,
            None => Published::default(),
        };
        self.tell(&report, published, start.elapsed());
        if self.args.shown.is_asked_for() {
            self.args.shown.tell(&report)?;
        }
        Ok(())
    }

    fn tell(&self, report: &Report, published: Published, took: Duration) {
        for what in &report.incomplete {
            tracing::warn!(what, "not read");
        }
        let summary = report.summary();
        tracing::info!(
            vclusters = summary.vclusters,
            deny = summary.deny,
            warn = summary.warn,
            info = summary.info,
            undecided = report.undecided.len(),
            incomplete = report.incomplete.len(),
            reports_written = published.written,
            reports_removed = published.removed,
            reports_failed = published.failed,
            milliseconds = took.as_millis(),
            "audited"
        );
        self.audit.run(&counted(report), took, clock::now().0);
        for (result, count) in published.counts() {
            self.audit.reports(result, count);
        }
    }
}

fn counted(report: &Report) -> metrics::Run {
    let mut findings = BTreeMap::new();
    for finding in &report.findings {
        *findings.entry((finding.rule, finding.severity.as_str())).or_insert(0) += 1;
    }
    metrics::Run {
        vclusters: report.summary().vclusters,
        findings,
        undecided: report.undecided.len(),
        incomplete: report.incomplete.len(),
    }
}
