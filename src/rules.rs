//! `vcluster-guard rules`: the table, told.

use std::io::Write;
use std::process::ExitCode;

use serde::Serialize;
use vcluster_guard_core::rule::{Family, Need, Rule, Severity};
use vcluster_guard_core::rules::TABLE;

/// Flags of `rules`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// How the rules are shown
    #[arg(short, long, value_enum, default_value_t = Output::Table, global = true)]
    output: Output,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Output {
    /// For people.
    Table,
    /// For programs; the shape is stable.
    Json,
    /// The table of the README.
    Markdown,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Tell everything about one rule
    Explain {
        /// Its id
        id: String,
    },
}

#[derive(Serialize)]
struct Row {
    id: &'static str,
    title: &'static str,
    severity: Severity,
    family: Family,
    needs: &'static [Need],
}

impl From<&Rule> for Row {
    fn from(rule: &Rule) -> Self {
        Self {
            id: rule.id,
            title: rule.title,
            severity: rule.severity,
            family: rule.family,
            needs: rule.needs,
        }
    }
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let mut out = std::io::stdout().lock();
    match &args.command {
        Some(Command::Explain { id }) => explain(id, &mut out)?,
        None if args.output == Output::Json => {
            let rows: Vec<Row> = TABLE.iter().map(|&rule| Row::from(rule)).collect();
            serde_json::to_writer(&mut out, &serde_json::json!({"rules": rows}))?;
            writeln!(out)?;
        }
        None if args.output == Output::Markdown => {
            writeln!(out, "| rule | | what it finds |\n|---|---|---|")?;
            for rule in TABLE {
                writeln!(out, "| `{}` | {} | {} |", rule.id, rule.severity.as_str(), rule.title)?;
            }
        }
        None => {
            let width = TABLE.iter().map(|rule| rule.id.len()).max().unwrap_or_default();
            for rule in TABLE {
                writeln!(out, "{:width$}  {:4}  {}", rule.id, rule.severity.as_str(), rule.title)?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn explain(id: &str, out: &mut impl Write) -> anyhow::Result<()> {
    let Some(rule) = vcluster_guard_core::rules::by_id(id) else {
        anyhow::bail!("there is no rule \"{id}\"; `vcluster-guard rules` lists them");
    };
    writeln!(out, "{} ({})\n{}\n", rule.id, rule.severity.as_str(), rule.title)?;
    writeln!(
        out,
        "Otherwise: {}\nFix:       {}\nEvidence:  {}\n",
        rule.consequence, rule.fix, rule.why
    )?;
    writeln!(
        out,
        "Switch it off in the policy file:\n  rules: {{{}: {{severity: \"off\"}}}}",
        rule.id
    )?;
    Ok(())
}
