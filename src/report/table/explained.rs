//! The explanations, below the findings: by vCluster, in the order of the table of rules.

use std::io;

use anstyle::Style;

use super::super::vcluster;
use super::super::{Explained, Outcome, Report};
use super::Page;
use super::paint::{BOLD, DIM};

impl Page<'_> {
    /// What each rule said of each vCluster, and why.
    pub(super) fn explained(&mut self, report: &Report) -> io::Result<()> {
        let of = |explained: &Explained| (explained.namespace.clone(), explained.release.clone());
        for rules in report.explained.chunk_by(|a, b| of(a) == of(b)) {
            let Some(first) = rules.first() else { continue };
            let name = vcluster::name(&first.namespace, &first.release);
            self.paper.styled(BOLD, &format!("Explained: {name}"))?;
            for explained in rules {
                self.explanation(explained)?;
            }
            self.paper.gap()?;
        }
        Ok(())
    }

    fn explanation(&mut self, explained: &Explained) -> io::Result<()> {
        let (label, style) = word(explained.outcome);
        let head = format!("{}: ", explained.rule);
        self.paper.labelled("  ", label, style, &head, &explained.why)?;
        if explained.read.is_empty() {
            return Ok(());
        }
        self.paper.detail("read:  ", &explained.read.join(", "))
    }
}

/// The word for an outcome, and its style.
fn word(outcome: Outcome) -> (&'static str, Style) {
    match outcome {
        Outcome::Failed => ("FAIL", BOLD),
        Outcome::Undecided => ("OPEN", BOLD),
        Outcome::Passed => ("PASS", Style::new()),
        Outcome::NotApplicable => ("NONE", DIM),
    }
}
