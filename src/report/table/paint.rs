//! Lines of a table: wrapped, indented, coloured.

use std::io::{self, Write};

use anstyle::{AnsiColor, Effects, Style};
use textwrap::{Options, WordSeparator, WordSplitter};
use vcluster_guard_core::rule::Severity;

use super::super::group::Group;
use super::super::words;
use super::Table;

pub(super) const BOLD: Style = Style::new().effects(Effects::BOLD);
pub(super) const DIM: Style = Style::new().effects(Effects::DIMMED);

/// Below it wrapped text is harder to read than a terminal that wraps by itself; beyond it, lines are too long to read.
const WIDTHS: std::ops::RangeInclusive<usize> = 40..=140;

/// How far the lines below a label are indented: `  DENY  `.
const INDENT: &str = "        ";

/// The word for a severity, and its colour.
pub(super) fn word(severity: Severity) -> (&'static str, Style) {
    match severity {
        Severity::Deny => ("DENY", BOLD.fg_color(Some(anstyle::Color::Ansi(AnsiColor::Red)))),
        Severity::Warn => ("WARN", BOLD.fg_color(Some(anstyle::Color::Ansi(AnsiColor::Yellow)))),
        Severity::Info => ("INFO", BOLD.fg_color(Some(anstyle::Color::Ansi(AnsiColor::Blue)))),
    }
}

/// What lines are written on.
pub(super) struct Paper<'o> {
    table: Table,
    out: &'o mut dyn Write,
}

impl<'o> Paper<'o> {
    pub(super) fn new(table: Table, out: &'o mut dyn Write) -> Self {
        Self { table, out }
    }

    /// The vCluster, what is known of it, and how many findings it has.
    pub(super) fn heading(&mut self, group: &Group<'_>) -> io::Result<()> {
        let vcluster = group.vcluster;
        let name = words::one_line(&vcluster.name()).into_owned();
        let facts = match vcluster.facts() {
            facts if facts.is_empty() => String::new(),
            facts => format!(" ({})", facts.join(", ")),
        };
        let counts = match words::counts(vcluster.deny, vcluster.warn, vcluster.info) {
            counts if counts.is_empty() => "clean".to_owned(),
            counts => counts,
        };
        let text = format!("vCluster {name}{facts}: {counts}");
        let styled = format!("vCluster {name}");
        self.wrapped(&text, "", "  ", &[(BOLD, styled.as_str())])
    }

    /// `  DENY  rule: text`, further lines below the text.
    pub(super) fn labelled(
        &mut self,
        indent: &str,
        label: &str,
        style: Style,
        head: &str,
        text: &str,
    ) -> io::Result<()> {
        let first = format!("{indent}{label}  {head}");
        let styles = [
            (Style::new(), indent),
            (style, label),
            (Style::new(), "  "),
            (BOLD, head),
        ];
        self.wrapped(&format!("{first}{text}"), "", INDENT, &styles)
    }

    /// `        fix:   text`, further lines below the text.
    pub(super) fn detail(&mut self, head: &str, text: &str) -> io::Result<()> {
        let first = format!("{INDENT}{head}");
        let further = " ".repeat(first.len());
        self.wrapped(text, &first, &further, &[(DIM, first.as_str())])
    }

    /// `note: text`, further lines indented.
    pub(super) fn hanging(&mut self, head: &str, text: &str) -> io::Result<()> {
        self.wrapped(text, head, "  ", &[(BOLD, head)])
    }

    /// One line in one style.
    pub(super) fn styled(&mut self, style: Style, text: &str) -> io::Result<()> {
        self.wrapped(text, "", "  ", &[(style, text)])
    }

    /// An empty line.
    pub(super) fn gap(&mut self) -> io::Result<()> {
        writeln!(self.out)
    }

    /// Wraps at spaces alone, so that names and paths can be copied whole. `styles` are those of what the first line
    /// begins with.
    fn wrapped(&mut self, text: &str, first: &str, further: &str, styles: &[(Style, &str)]) -> io::Result<()> {
        let width = self.table.width.clamp(*WIDTHS.start(), *WIDTHS.end());
        let options = Options::new(width)
            .break_words(false)
            .word_separator(WordSeparator::AsciiSpace)
            .word_splitter(WordSplitter::NoHyphenation)
            .initial_indent(first)
            .subsequent_indent(further);
        let text = words::one_line(text);
        for (index, line) in textwrap::wrap(&text, options).iter().enumerate() {
            let mut rest: &str = line;
            for (style, part) in styles.iter().filter(|_| index == 0 && self.table.colored) {
                let Some(after) = rest.strip_prefix(part) else { break };
                write!(self.out, "{style}{part}{style:#}")?;
                rest = after;
            }
            writeln!(self.out, "{rest}")?;
        }
        Ok(())
    }
}
