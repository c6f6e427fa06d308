//! The flags that say how a report is shown, and its way to standard output.

use std::io::{BufWriter, Write};

use anstream::ColorChoice;

use super::words::say;
use super::{Format, Report, github, html, json, junit, sarif, table};

/// Flags of every command with a report.
#[derive(Debug, clap::Args)]
pub(crate) struct Shown {
    /// How the findings are shown [default: table]
    #[arg(short, long, env = "VCLUSTER_GUARD_OUTPUT", value_enum)]
    output: Option<Output>,
    /// Whether the table has colours; `auto` asks the terminal and `NO_COLOR`
    #[arg(long, value_name = "WHEN", env = "VCLUSTER_GUARD_COLOR", value_enum, default_value_t = Color::Auto)]
    color: Color,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Output {
    /// For people, in a terminal
    Table,
    /// For programs; docs/report.schema.json describes it
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// JUnit XML: what is denied fails, warnings do not
    Junit,
    /// Annotations of GitHub Actions
    Github,
    /// One page for a browser
    Html,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Color {
    Auto,
    Always,
    Never,
}

/// How wide a table is that nobody looks at.
const WIDTH_IN_A_FILE: usize = 100;

impl Shown {
    /// Writes the report to standard output, and what is to be known of it to standard error.
    pub(crate) fn tell(&self, report: &Report) -> anyhow::Result<()> {
        for note in &report.notes {
            say("note", note);
        }
        if !self.is_for_people() {
            // The table says it itself; whoever pipes another form into a program still wants to see it.
            for what in &report.incomplete {
                say("not read", what);
            }
        }
        let mut out = BufWriter::new(std::io::stdout().lock());
        self.format().write(report, &mut out)?;
        out.flush()?;
        Ok(())
    }

    /// Whether somebody said how, rather than taking what is usual.
    pub(crate) fn is_asked_for(&self) -> bool {
        self.output.is_some()
    }

    /// Whether a person reads it, who sees all of it.
    fn is_for_people(&self) -> bool {
        self.output() == Output::Table
    }

    fn output(&self) -> Output {
        self.output.unwrap_or(Output::Table)
    }

    fn format(&self) -> Box<dyn Format> {
        match self.output() {
            Output::Table => Box::new(self.table()),
            Output::Json => Box::new(json::Json),
            Output::Sarif => Box::new(sarif::Sarif),
            Output::Junit => Box::new(junit::Junit),
            Output::Github => Box::new(github::Github),
            Output::Html => Box::new(html::Html),
        }
    }

    fn table(&self) -> table::Table {
        let stdout = std::io::stdout();
        let colored = match self.color {
            Color::Auto => anstream::AutoStream::choice(&stdout) != ColorChoice::Never,
            Color::Always => true,
            Color::Never => false,
        };
        let width = terminal_size::terminal_size_of(&stdout).map(|(width, _)| usize::from(width.0));
        table::Table {
            width: width.unwrap_or(WIDTH_IN_A_FILE),
            colored,
        }
    }
}
