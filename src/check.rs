//! `vcluster-guard check`: the judgement on rendered manifests and on values, offline.

mod files;
mod given;
mod input;
mod place;
mod reading;
mod values;

use std::process::ExitCode;

use serde_json::Value;
use vcluster_guard_core::carrier::values::Carrier;
use vcluster_guard_core::exemption::SOON_SECONDS;
use vcluster_guard_core::fact::Fact;
use vcluster_guard_core::join::{Parts, Releases, World};
use vcluster_guard_core::object::Release;
use vcluster_guard_core::rule::Rule;

use crate::clock;
use crate::explain;
use crate::judging::Judging;
use crate::mending;
use crate::parallel;
use crate::report::{FailOn, Report, Shown};
pub(crate) use files::{Texts, read};
use given::Beside;
pub(crate) use given::{Given, once_from_stdin};
pub(crate) use input::Input;
pub(crate) use place::{File, Place};

/// Flags of `check`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    shown: Shown,
    #[command(flatten)]
    given: Given,
    /// Also say what each rule, or each of these, read and why it said what it said
    #[arg(
        long,
        value_name = "RULE,…",
        num_args = 0..,
        require_equals = true,
        value_delimiter = ',',
        env = "VCLUSTER_GUARD_EXPLAIN"
    )]
    explain: Option<Vec<String>>,
    /// The least severity that makes the exit code 1
    #[arg(long, value_enum, default_value_t = FailOn::Deny, env = "VCLUSTER_GUARD_FAIL_ON")]
    fail_on: FailOn,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let explain = args.explain.as_deref().map(explain::wanted).transpose()?;
    let beside = args.given.beside()?;
    let now = args.given.files(&Texts::new())?;
    let run = Run::new(&now, &beside);
    let report = run.explaining(explain.as_deref().unwrap_or_default()).report();
    if report.summary().vclusters == 0 && report.notes.is_empty() && report.incomplete.is_empty() {
        // In a pipeline that is taken for "all is well", so it is said.
        eprintln!("note: no vCluster was found in the input");
    }
    args.shown.tell(&report)?;
    Ok(report.exit_code(args.fail_on))
}

/// Everything that the vClusters of one run are judged with.
pub(crate) struct Run<'r> {
    pub(crate) now: &'r Input,
    beside: &'r Beside,
    world: World<'r>,
    judging: Judging<'r>,
}

impl<'r> Run<'r> {
    pub(crate) fn new(now: &'r Input, beside: &'r Beside) -> Self {
        let context = beside.context.as_ref();
        let host = beside.kube_version.map_or(Fact::Unknown, Fact::Known);
        Self {
            now,
            beside,
            world: World::new(&now.releases, context.map(|context| &context.releases)).on(host),
            judging: Judging {
                policy: &beside.policy,
                now: clock::now(),
                soon: SOON_SECONDS,
                explain: &[],
            },
        }
    }

    /// The same, and these rules are explained.
    fn explaining(mut self, rules: &'r [&'static Rule]) -> Self {
        self.judging.explain = rules;
        self
    }

    /// Judges all of them.
    pub(crate) fn report(&self) -> Report {
        let mut report = Report::new();
        let beside = self.before().into_iter().chain(&self.beside.context);
        for input in std::iter::once(self.now).chain(beside) {
            report.incomplete.extend(input.problems.iter().cloned());
            report.notes.extend(input.notes.iter().cloned());
        }
        // A live vCluster of which the manifests show no more than an autoscaler.
        let unseen = Parts::default();
        let autoscaled = self.world.autoscaled(&self.now.releases);
        let autoscaled = autoscaled.map(|(release, _)| (release, &unseen));
        let releases: Vec<_> = self.now.releases.iter().chain(autoscaled).collect();
        for part in parallel::map("judging", &releases, |(release, parts)| self.release(release, parts)) {
            report.append(part);
        }
        for part in parallel::map("judging values", self.now.carriers(), |(place, carrier)| {
            self.values(place, carrier)
        }) {
            report.append(part);
        }
        report
    }

    /// Judges one set of values.
    pub(crate) fn values(&self, place: &Place, carrier: &Carrier) -> Report {
        values::check(self, place, carrier)
    }

    fn before(&self) -> Option<&'r Input> {
        self.beside.before.as_ref()
    }

    fn live(&self) -> Option<&'r Releases> {
        let context = self.beside.context.as_ref();
        context.map(|context| &context.releases)
    }

    fn release(&self, release: &Release, parts: &Parts) -> Report {
        let mut report = Report::new();
        let earlier = self.before().and_then(|before| before.releases.get(release));
        let mut subject = parts.subject(release, earlier, self.live().and_then(|live| live.get(release)));
        self.world.surround(&mut subject);
        let settings = self.judging.policy.for_namespace(&release.namespace, None);
        let now = self.now.again();
        self.judging.judge(&mut report, &subject, &settings, |object, path| {
            now.source(object, path)
        });
        let before = self.before().map(Input::again);
        let patches = mending::workloads(parts).filter_map(|(part, workload)| {
            let object = subject.object(part);
            let changes = before
                .as_ref()
                .is_none_or(|before| template_changes(before.object(&object).as_ref(), now.object(&object).as_ref()));
            changes.then(|| mending::mend(object, workload, &settings))?
        });
        report.patches.extend(patches);
        report
    }
}

/// An object that was not there before is new: its template counts as changed.
fn template_changes(before: Option<&Value>, now: Option<&Value>) -> bool {
    let template = |object: Option<&Value>| object.and_then(|object| object.pointer("/spec/template").cloned());
    before.is_none() || template(before) != template(now)
}
