//! `vcluster-guard check`: the judgement on rendered manifests and on values, offline.

mod input;
mod place;
mod values;

use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::Value;
use vcluster_guard_core::join::{Parts, Releases, World};
use vcluster_guard_core::policy::Policy;
use vcluster_guard_core::rule::Severity;

use crate::clock;
use crate::judging::{self, Judging};
use crate::report::{Report, Shown};
use input::Input;

/// Flags of `check`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    shown: Shown,
    /// The release before the change: rules about transitions then decide
    #[arg(long, value_name = "FILE", env = "VCLUSTER_GUARD_BEFORE")]
    before: Option<PathBuf>,
    /// Other live objects, such as the config Secret of a workload that is checked alone
    #[arg(long, value_name = "FILE", env = "VCLUSTER_GUARD_CONTEXT")]
    context: Vec<PathBuf>,
    /// The policy file
    #[arg(long, value_name = "FILE", env = "VCLUSTER_GUARD_CONFIG")]
    config: Option<PathBuf>,
    /// The least severity that makes the exit code 1
    #[arg(long, value_enum, default_value_t = FailOn::Deny, env = "VCLUSTER_GUARD_FAIL_ON")]
    fail_on: FailOn,
    /// Manifests, values, directories of them, or - for standard input
    #[arg(required = true, value_name = "FILE|DIR|-")]
    files: Vec<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum FailOn {
    Deny,
    Warn,
}

/// Something asked for could not be read, and nothing else was found to deny.
const EXIT_INCOMPLETE: u8 = 2;

/// Runs the command.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let policy = crate::policy::load(args.config.as_deref())?;
    once_from_stdin(args.files.iter().chain(&args.before).chain(&args.context))?;
    let now = Input::read(&args.files)?;
    let before = args
        .before
        .as_ref()
        .map(|file| Input::read(std::slice::from_ref(file)))
        .transpose()?;
    let context = (!args.context.is_empty())
        .then(|| Input::read(&args.context))
        .transpose()?;
    let report = check(&now, before.as_ref(), context.as_ref(), &policy);
    if report.summary().vclusters == 0 && report.notes.is_empty() && report.incomplete.is_empty() {
        // In a pipeline that is taken for "all is well", so it is said.
        eprintln!("note: no vCluster was found in the input");
    }
    for note in &report.notes {
        eprintln!("note: {note}");
    }
    args.shown.write(&report)?;
    Ok(exit_code(&report, args.fail_on))
}

/// What was read from standard input cannot be read again.
pub(crate) fn once_from_stdin<'a>(files: impl Iterator<Item = &'a PathBuf>) -> anyhow::Result<()> {
    if files.filter(|file| file.as_os_str() == "-").count() > 1 {
        anyhow::bail!("- stands for standard input, which can be read only once: give a file for the others");
    }
    Ok(())
}

fn exit_code(report: &Report, fail_on: FailOn) -> ExitCode {
    let least = match fail_on {
        FailOn::Deny => Severity::Deny,
        FailOn::Warn => Severity::Warn,
    };
    if report.findings.iter().any(|finding| finding.severity >= least) {
        ExitCode::from(1)
    } else if !report.incomplete.is_empty() {
        ExitCode::from(EXIT_INCOMPLETE)
    } else {
        ExitCode::SUCCESS
    }
}

fn check(now: &Input, before: Option<&Input>, context: Option<&Input>, policy: &Policy) -> Report {
    let mut report = Report::new();
    let judging = Judging {
        policy,
        now: clock::now(),
    };
    for input in [Some(now), before, context].into_iter().flatten() {
        report.incomplete.extend(input.problems.iter().cloned());
        report.notes.extend(input.notes.iter().cloned());
    }
    let live = context.map(|context| &context.releases);
    let world = World::new(&now.releases, live);
    // A live vCluster of which the manifests show no more than an autoscaler.
    let unseen = Parts::default();
    let autoscaled = world.autoscaled(&now.releases).map(|(release, _)| (release, &unseen));
    for (release, parts) in now.releases.iter().chain(autoscaled) {
        let earlier = before.and_then(|before| before.releases.get(release));
        let mut subject = parts.subject(release, earlier, live.and_then(|live| live.get(release)));
        world.surround(&mut subject);
        let settings = policy.for_namespace(&release.namespace, None);
        judging.judge(&mut report, &subject, &settings, |object, path| {
            now.source(object, path)
        });
        let patches = judging::workloads(parts).filter_map(|(part, workload)| {
            let object = subject.object(part);
            let changes =
                before.is_none_or(|before| template_changes(before.object_of(&object), now.object_of(&object)));
            changes.then(|| judging::mend(object, workload, &settings))?
        });
        report.patches.extend(patches);
    }
    values::check(&mut report, now, before, live, &world, &judging);
    report
}

/// An object that was not there before is new: its template counts as changed.
fn template_changes(before: Option<&Value>, now: Option<&Value>) -> bool {
    let template = |object: Option<&Value>| object.and_then(|object| object.pointer("/spec/template").cloned());
    before.is_none() || template(before) != template(now)
}

/// Kept apart from [`Input`] so that the tests can hand objects over.
pub(crate) fn releases<'a>(objects: impl Iterator<Item = &'a Value>) -> (Releases, Vec<String>) {
    let mut releases = Releases::default();
    let problems = objects
        .filter_map(|object| releases.add(object).err())
        .map(|error| error.to_string())
        .collect();
    releases.settle();
    (releases, problems)
}
