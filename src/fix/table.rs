//! The outcome for people: by vCluster, what was mended before what is left.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::ledger::Mended;
use super::outcome::{Left, Outcome};
use crate::report::{Source, one_line};

/// A table while it is written.
struct Page<'o, W> {
    out: &'o mut W,
    /// Whether the files have been changed.
    written: bool,
}

pub(super) fn write(outcome: &Outcome, out: &mut impl Write) -> io::Result<()> {
    let mut page = Page {
        out,
        written: outcome.written,
    };
    let mended = outcome.mended.iter().map(|it| (&*it.namespace, &*it.release));
    let left = outcome.left.iter().map(|it| (&*it.namespace, &*it.release));
    let mut vclusters: Vec<(&str, &str)> = mended.chain(left).collect();
    vclusters.sort_unstable();
    vclusters.dedup();
    for vcluster in vclusters {
        page.vcluster(outcome, vcluster)?;
    }
    for what in &outcome.unmended {
        page.line(&format!("not mended: {what}"))?;
    }
    for what in &outcome.incomplete {
        page.line(&format!("not read: {what}"))?;
    }
    for file in outcome.files.iter().filter(|file| file.hides && !outcome.written) {
        let name = &file.file;
        page.line(&format!(
            "lines of the diff of {name} are not shown, so it cannot be applied; --write changes the file"
        ))?;
    }
    page.summary(outcome)
}

impl<W: Write> Page<'_, W> {
    fn line(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{}", one_line(text))
    }

    fn vcluster(&mut self, outcome: &Outcome, (namespace, release): (&str, &str)) -> io::Result<()> {
        let mut heading = format!("vCluster {release}");
        if !namespace.is_empty() {
            // Writing to a String cannot fail.
            let _ = write!(heading, " in namespace {namespace}");
        }
        self.line(&heading)?;
        for mended in outcome
            .mended
            .iter()
            .filter(|it| it.namespace == namespace && it.release == release)
        {
            self.mended(mended)?;
        }
        for left in outcome
            .left
            .iter()
            .filter(|it| it.namespace == namespace && it.release == release)
        {
            self.left(left)?;
        }
        self.line("")
    }

    fn mended(&mut self, mended: &Mended) -> io::Result<()> {
        let word = if self.written { "MENDED" } else { "MEND" };
        let rule = mended.rule.map(|rule| format!("{rule}: ")).unwrap_or_default();
        let place = place(mended.source.as_ref());
        self.line(&format!("  {word:<6}  {rule}{}{place}", mended.message))?;
        for change in &mended.changes {
            self.line(&format!("          {change}"))?;
        }
        mended
            .caution
            .map_or(Ok(()), |caution| self.line(&format!("          note: {caution}")))
    }

    fn left(&mut self, left: &Left) -> io::Result<()> {
        let severity = left.severity.as_str().to_ascii_uppercase();
        let place = place(left.source.as_ref());
        self.line(&format!("  {severity:<6}  {}: {}{place}", left.rule, left.message))?;
        self.line(&format!(
            "          where:  {} {}: {}",
            left.object.kind, left.object.name, left.path
        ))?;
        if let Some(reason) = &left.reason {
            self.line(&format!("          left:   {reason}"))?;
        }
        if left.exempt {
            return Ok(());
        }
        if left.changes.is_empty() {
            return self.line(&format!("          choose: {}", left.fix));
        }
        for change in &left.changes {
            self.line(&format!("          by hand: {change}"))?;
        }
        Ok(())
    }

    fn summary(&mut self, outcome: &Outcome) -> io::Result<()> {
        let (counts, files) = (&outcome.summary, outcome.files.len());
        let verb = if self.written { "mended" } else { "can be mended" };
        let plural = if files == 1 { "" } else { "s" };
        let left = format!("{} deny, {} warn, {} info", counts.deny, counts.warn, counts.info);
        self.line(&format!(
            "{} {verb} in {files} file{plural}; left: {left}",
            counts.mended
        ))
    }
}

/// Where a finding stands in the file as it was.
fn place(source: Option<&Source>) -> String {
    source.map(|source| format!(" ({source})")).unwrap_or_default()
}
