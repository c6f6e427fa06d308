//! `vcluster-guard fix`: writes the mend of what `check` finds, in place.
//!
//! ```text
//! files -> judge -> remedies (values), patches (workloads) -> drafts -> judge again -> diff, or files
//! ```
//!
//! Nothing is shown or written that was not judged again: what is said to be mended is found no more, and nothing new.

mod diff;
mod draft;
mod ledger;
mod manifests;
mod outcome;
mod plain;
mod table;
mod values;

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, bail};
use vcluster_guard_core::policy::{Mode, Policy};

use crate::check::{self, File, Given, Run, Texts};
use crate::files::{self, Readers};
use crate::report::{EXIT_ERROR, FailOn, Report, say};
use draft::{Drafts, Failed};
use ledger::{Ledger, Unfit};
use outcome::{Changed, Outcome};

/// Flags of `fix`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Show what would be changed, as a unified diff: the default
    #[arg(long, env = "VCLUSTER_GUARD_DIFF", conflicts_with = "write")]
    diff: bool,
    /// Change the files; of standard input, the mended text goes to standard output
    #[arg(long, env = "VCLUSTER_GUARD_WRITE")]
    write: bool,
    /// How the outcome is told
    #[arg(short, long, env = "VCLUSTER_GUARD_FIX_OUTPUT", value_enum, default_value_t = Output::Table)]
    output: Output,
    #[command(flatten)]
    given: Given,
}

/// How the outcome is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Output {
    /// For people
    Table,
    /// For programs
    Json,
}

const STDIN: &str = "-";

/// Runs the command.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let mut beside = args.given.beside()?;
    mend_in_every_mode(&mut beside.policy);
    let from_stdin = args.given.stdin_is_a_file();
    if from_stdin && args.write && args.output == Output::Json {
        bail!("the mended text of standard input goes to standard output, where -o json would go too: use one of them");
    }
    // It is judged twice and can be read once.
    let mut texts = Texts::new();
    if from_stdin {
        let text = check::read(Path::new(STDIN)).map_err(anyhow::Error::msg)?;
        texts.insert(STDIN.into(), text);
    }
    let now = args.given.files(&texts)?;
    let run = Run::new(&now, &beside);
    let judge_again = |drafts: &Drafts| {
        let mut texts = texts.clone();
        texts.extend(drafts.texts());
        let after = args.given.files(&texts)?;
        anyhow::Ok(Run::new(&after, &beside).report())
    };
    let (mut drafts, mut ledger, mut last) = mend(&run, judge_again)?;
    let failed = if args.write { write(&drafts) } else { Vec::new() };
    if !failed.is_empty() {
        drafts.lose(&failed);
        // What is said is what lies there now. What was written is told even if it cannot be judged.
        last = judge_again(&drafts).unwrap_or(last);
        ledger.lose(&failed);
    }
    let changed: Vec<Changed> = drafts.changed().map(|(file, text)| Changed::of(file, &text)).collect();
    tell(args, &Outcome::new(ledger, &last, changed, args.write), &last)?;
    texts.extend(drafts.texts());
    if let Some(text) = texts.get(STDIN).filter(|_| args.write) {
        std::io::stdout().lock().write_all(text)?;
    }
    if failed.is_empty() {
        Ok(last.exit_code(FailOn::Deny))
    } else {
        Ok(ExitCode::from(EXIT_ERROR))
    }
}

/// In mode audit admission leaves everything as it is; who runs `fix` asks for the mend.
fn mend_in_every_mode(policy: &mut Policy) {
    let namespaces = policy
        .namespaces
        .iter_mut()
        .filter_map(|namespace| namespace.mode.as_mut());
    for mode in namespaces.chain([&mut policy.mode]) {
        if *mode == Mode::Audit {
            *mode = Mode::Warn;
        }
    }
}

/// Mends what can be mended. A workload for which that would bring a new finding is left as it is.
fn mend(
    run: &Run<'_>,
    judge_again: impl Fn(&Drafts) -> anyhow::Result<Report>,
) -> anyhow::Result<(Drafts, Ledger, Report)> {
    let first = run.report();
    let mut unfit = Unfit::new();
    loop {
        let (mut drafts, mut ledger) = (Drafts::default(), Ledger::default());
        values::mend(run, &mut drafts, &mut ledger);
        manifests::mend(run, &first, &unfit, &mut drafts, &mut ledger);
        if ledger.mended.is_empty() {
            return Ok((drafts, ledger, first));
        }
        let last = judge_again(&drafts)?;
        let known = unfit.len();
        unfit.extend(ledger.unfit(&first, &last));
        if unfit.len() == known {
            ledger.prove(&first, &last)?;
            return Ok((drafts, ledger, last));
        }
    }
}

/// Writes every file that has changed; those that cannot be written, and why. One does not stop the others.
fn write(drafts: &Drafts) -> Vec<Failed> {
    let changed = drafts.changed().filter(|(file, _)| file.name != STDIN);
    changed
        .filter_map(|(file, text)| Some((file.name.clone(), write_one(file, &text).err()?)))
        .collect()
}

fn write_one(file: &File, text: &[u8]) -> anyhow::Result<()> {
    // A link stays a link: what it leads to is changed.
    let path = std::fs::canonicalize(&file.name).context("it is not found")?;
    let now = std::fs::read(&path).context("it cannot be read")?;
    // Under another of its names, it may have been written just now.
    if now == text {
        return Ok(());
    }
    if now != file.text {
        bail!("it was changed by somebody else meanwhile, and is left as it is");
    }
    files::write(&path, text, Readers::AsBefore)
}

/// The diff, or what was written, is the product and goes to standard output; the story goes where it does not mix.
fn tell(args: &Args, outcome: &Outcome, last: &Report) -> anyhow::Result<()> {
    for note in &last.notes {
        say("note", note);
    }
    if args.output == Output::Json {
        return outcome.write_json(&mut std::io::stdout().lock());
    }
    if args.write && !args.given.stdin_is_a_file() {
        return Ok(table::write(outcome, &mut std::io::stdout().lock())?);
    }
    if !args.write {
        outcome.write_diff(&mut std::io::stdout().lock())?;
    }
    Ok(table::write(outcome, &mut std::io::stderr().lock())?)
}
