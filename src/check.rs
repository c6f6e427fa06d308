//! `vcluster-guard check`: the judgement on rendered manifests and on values, offline.

mod files;
mod input;
mod place;
mod reading;
mod values;

use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::Value;
use vcluster_guard_core::carrier::values::Carrier;
use vcluster_guard_core::exemption::SOON_SECONDS;
use vcluster_guard_core::fact::Fact;
use vcluster_guard_core::host::KubeVersion;
use vcluster_guard_core::join::{Parts, Releases, World};
use vcluster_guard_core::object::Release;
use vcluster_guard_core::policy::Policy;
use vcluster_guard_core::rule::Rule;

use crate::audit::Scope;
use crate::clock;
use crate::explain;
use crate::judging::{self, Judging};
use crate::parallel;
use crate::report::{FailOn, Report, Shown};
pub(crate) use files::read;
pub(crate) use input::Input;
pub(crate) use place::{File, Place};

/// Flags of `check`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    shown: Shown,
    /// The release before the change: rules about transitions then decide
    #[arg(long, value_name = "FILE|DIR", env = "VCLUSTER_GUARD_BEFORE")]
    before: Option<PathBuf>,
    /// Other live objects, such as the config Secret of a workload that is checked alone
    #[arg(long, value_name = "FILE|DIR", env = "VCLUSTER_GUARD_CONTEXT")]
    context: Vec<PathBuf>,
    /// The version of Kubernetes that the host cluster runs, such as 1.30 or v1.36.3: some rules depend on it
    #[arg(long, value_name = "VERSION", env = "VCLUSTER_GUARD_KUBE_VERSION")]
    kube_version: Option<KubeVersion>,
    /// The namespace of what names none: values files, and manifests without metadata.namespace
    #[arg(short, long, value_name = "NAME", env = "VCLUSTER_GUARD_NAMESPACE")]
    namespace: Option<Scope>,
    /// The policy file
    #[arg(long, value_name = "FILE", env = "VCLUSTER_GUARD_CONFIG")]
    config: Option<PathBuf>,
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
    /// Manifests, values, directories of *.yaml, *.yml and *.json (but no hidden ones), or - for standard input
    #[arg(required = true, value_name = "FILE|DIR|-")]
    files: Vec<PathBuf>,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let policy = crate::policy::load(args.config.as_deref())?;
    let explain = args
        .explain
        .as_deref()
        .map(explain::wanted)
        .transpose()?
        .unwrap_or_default();
    once_from_stdin(args.files.iter().chain(&args.before).chain(&args.context))?;
    let read = |files: &[PathBuf]| Input::read(files, args.namespace.as_ref().and_then(Scope::named));
    let now = read(&args.files)?;
    let before = args.before.as_ref().map(|file| read(std::slice::from_ref(file)));
    let before = before.transpose()?;
    let context = (!args.context.is_empty()).then(|| read(&args.context)).transpose()?;
    let run = Run::new(&now, before.as_ref(), context.as_ref(), &policy, args.kube_version);
    let report = run.explaining(&explain).report();
    if report.summary().vclusters == 0 && report.notes.is_empty() && report.incomplete.is_empty() {
        // In a pipeline that is taken for "all is well", so it is said.
        eprintln!("note: no vCluster was found in the input");
    }
    args.shown.tell(&report)?;
    Ok(report.exit_code(args.fail_on))
}

/// What was read from standard input cannot be read again.
pub(crate) fn once_from_stdin<'a>(files: impl Iterator<Item = &'a PathBuf>) -> anyhow::Result<()> {
    if files.filter(|file| file.as_os_str() == "-").count() > 1 {
        anyhow::bail!("- stands for standard input, which can be read only once: give a file for the others");
    }
    Ok(())
}

/// Everything that the vClusters of one run are judged with.
pub(crate) struct Run<'r> {
    pub(crate) now: &'r Input,
    before: Option<&'r Input>,
    context: Option<&'r Input>,
    world: World<'r>,
    judging: Judging<'r>,
}

impl<'r> Run<'r> {
    pub(crate) fn new(
        now: &'r Input,
        before: Option<&'r Input>,
        context: Option<&'r Input>,
        policy: &'r Policy,
        kube_version: Option<KubeVersion>,
    ) -> Self {
        let host = kube_version.map_or(Fact::Unknown, Fact::Known);
        Self {
            now,
            before,
            context,
            world: World::new(&now.releases, context.map(|context| &context.releases)).on(host),
            judging: Judging {
                policy,
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
        for input in [Some(self.now), self.before, self.context].into_iter().flatten() {
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

    fn live(&self) -> Option<&'r Releases> {
        self.context.map(|context| &context.releases)
    }

    fn release(&self, release: &Release, parts: &Parts) -> Report {
        let mut report = Report::new();
        let earlier = self.before.and_then(|before| before.releases.get(release));
        let mut subject = parts.subject(release, earlier, self.live().and_then(|live| live.get(release)));
        self.world.surround(&mut subject);
        let settings = self.judging.policy.for_namespace(&release.namespace, None);
        let now = self.now.again();
        self.judging.judge(&mut report, &subject, &settings, |object, path| {
            now.source(object, path)
        });
        let before = self.before.map(Input::again);
        let patches = judging::workloads(parts).filter_map(|(part, workload)| {
            let object = subject.object(part);
            let changes = before
                .as_ref()
                .is_none_or(|before| template_changes(before.object(&object).as_ref(), now.object(&object).as_ref()));
            changes.then(|| judging::mend(object, workload, &settings))?
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
