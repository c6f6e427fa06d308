//! The report for people: by vCluster, the worst first, and a summary line.

mod explained;
mod paint;

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::{self, Write};

use vcluster_guard_core::rule::Severity;
use vcluster_guard_core::rules;

use self::paint::{BOLD, DIM, Paper, word};
use super::group::{Group, groups, kinds, unattached};
use super::{Finding, Format, Report, words};

/// A table of a width, in characters, with or without colours.
#[derive(Debug, Clone, Copy)]
pub(super) struct Table {
    pub(super) width: usize,
    pub(super) colored: bool,
}

/// With more vClusters than these, what happens otherwise is told once a rule, and clean ones are only counted.
const FEW: usize = 12;

impl Format for Table {
    fn write(&self, report: &Report, out: &mut dyn Write) -> anyhow::Result<()> {
        let groups = groups(report);
        let mut page = Page {
            paper: Paper::new(*self, out),
            brief: groups.iter().filter(|group| group.speaks()).count() > FEW,
        };
        let brief = page.brief;
        let told = |group: &&Group<'_>| if brief { !group.is_clean() } else { group.speaks() };
        for group in groups.iter().filter(told) {
            page.group(group)?;
        }
        page.clean(&groups.iter().filter(|group| !told(group)).collect::<Vec<_>>())?;
        if page.brief {
            page.by_rule(report)?;
            page.together(report, &groups)?;
        }
        page.explained(report)?;
        page.rest(report)?;
        page.paper.styled(BOLD, &words::summary(report))?;
        Ok(())
    }
}

/// The table while it is written.
struct Page<'o> {
    paper: Paper<'o>,
    /// Findings in two lines instead of four; mends and observations together.
    brief: bool,
}

impl Page<'_> {
    fn group(&mut self, group: &Group<'_>) -> io::Result<()> {
        self.paper.heading(group)?;
        for finding in &group.findings {
            self.finding(finding)?;
        }
        if self.brief {
            return self.paper.gap();
        }
        for patch in &group.patches {
            let edits = words::counted(patch.patch.as_array().map_or(0, Vec::len), "edit");
            let object = &patch.object;
            let text = format!(
                "{} {}: {edits}; -o json and -o html show the patch",
                object.kind, object.name
            );
            self.paper.labelled("  ", "MEND", DIM, "", &text)?;
        }
        for observation in &group.observations {
            self.paper.labelled("  ", "NOTE", DIM, "", &observation.sentence())?;
        }
        self.paper.gap()
    }

    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        let Finding {
            rule,
            severity,
            message,
            ..
        } = finding;
        let (label, style) = word(*severity);
        let source = finding
            .source
            .as_ref()
            .map(|source| format!(" ({source})"))
            .unwrap_or_default();
        if self.brief {
            let text = format!("{message}; {}{source}", finding.place());
            self.paper.labelled("  ", label, style, &format!("{rule}: "), &text)?;
        } else {
            self.paper.labelled("  ", label, style, &format!("{rule}: "), message)?;
            self.paper.detail("where: ", &format!("{}{source}", finding.place()))?;
        }
        if let Some(exemption) = &finding.exemption {
            return self.paper.detail("", &exemption.to_string());
        }
        if !self.brief {
            self.paper.detail("then:  ", &finding.consequence)?;
        }
        self.paper.detail("fix:   ", &finding.fix)
    }

    fn clean(&mut self, clean: &[&Group<'_>]) -> io::Result<()> {
        match clean.len() {
            0 => return Ok(()),
            1..=FEW => {
                let names: Vec<String> = clean.iter().map(|group| group.vcluster.name()).collect();
                self.paper.hanging("clean: ", &names.join(", "))?;
            }
            count => self.paper.hanging("clean: ", &words::counted(count, "vCluster"))?,
        }
        self.paper.gap()
    }

    /// How often each rule spoke, and what happens if nothing is done.
    fn by_rule(&mut self, report: &Report) -> io::Result<()> {
        let mut counts: BTreeMap<(Severity, &str), usize> = BTreeMap::new();
        for finding in &report.findings {
            *counts.entry((finding.severity, finding.rule)).or_default() += 1;
        }
        let mut counts: Vec<_> = counts.into_iter().collect();
        counts.sort_by_key(|((severity, rule), count)| (Reverse((*severity, *count)), *rule));
        if counts.is_empty() {
            return Ok(());
        }
        self.paper.styled(BOLD, "By rule")?;
        for ((severity, rule), count) in counts {
            let (label, style) = word(severity);
            let consequence = rules::by_id(rule).map_or("", |rule| rule.consequence);
            self.paper
                .labelled("  ", label, style, &format!("{rule} ({count}): "), consequence)?;
        }
        self.paper.gap()
    }

    /// What would be told of each vCluster, were there fewer.
    fn together(&mut self, report: &Report, groups: &[Group<'_>]) -> io::Result<()> {
        for (title, observations) in kinds(groups) {
            let text = format!("{title} ({}): {}", observations.len(), words::together(&observations));
            self.paper.hanging("note: ", &text)?;
        }
        if !report.patches.is_empty() {
            let objects = words::counted(report.patches.len(), "object");
            let text = format!("{objects} can be mended at admission; -o json and -o html show the patches");
            self.paper.hanging("mend: ", &text)?;
        }
        if report.patches.is_empty() && report.observations.is_empty() {
            return Ok(());
        }
        self.paper.gap()
    }

    /// What belongs to no single vCluster.
    fn rest(&mut self, report: &Report) -> io::Result<()> {
        let mut gap = false;
        for observation in unattached(report) {
            let about = observation
                .vcluster()
                .map(|about| format!("{about}: "))
                .unwrap_or_default();
            self.paper
                .hanging("note: ", &format!("{about}{}", observation.sentence()))?;
            gap = true;
        }
        for what in &report.incomplete {
            self.paper.hanging("not read: ", what)?;
            gap = true;
        }
        let lacking = words::lacking(&report.undecided);
        if !lacking.is_empty() {
            self.paper.hanging("undecided for lack of: ", &lacking)?;
            gap = true;
        }
        if gap { self.paper.gap() } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use textwrap::core::display_width;

    use super::super::fixture;
    use super::*;

    const PLAIN: Table = Table {
        width: 100,
        colored: false,
    };

    #[test]
    fn a_report_reads_worst_first() {
        fixture::assert_written(&PLAIN, &fixture::report(), "table.txt");
    }

    #[test]
    fn a_fleet_is_told_briefly() {
        fixture::assert_written(&PLAIN, &fixture::fleet(2 * FEW + 2), "fleet.txt");
    }

    #[test]
    fn a_clean_fleet_has_no_rules_to_count() {
        let mut report = fixture::fleet(2 * FEW);
        report.findings.clear();
        let written = fixture::written(&PLAIN, &report);
        assert!(written.starts_with("clean: 24 vClusters\n\nnote: "), "{written}");
    }

    #[test]
    fn nothing_of_a_manifest_moves_the_cursor() {
        let written = fixture::written(&PLAIN, &fixture::report());
        let moves = |character: char| character.is_control() && character != '\n' || character == '\u{202e}';
        assert_eq!(written.find(moves), None);
    }

    #[test]
    fn colours_change_no_text() {
        let colored = fixture::written(&Table { colored: true, ..PLAIN }, &fixture::report());
        assert!(colored.contains("\u{1b}[1m\u{1b}[31mDENY\u{1b}[0m"), "{colored}");
        assert_eq!(
            anstream::adapter::strip_str(&colored).to_string(),
            fixture::written(&PLAIN, &fixture::report())
        );
    }

    #[test]
    fn lines_are_no_wider_than_the_terminal_unless_a_word_is() {
        for width in [60, 72, 140] {
            let written = fixture::written(&Table { width, ..PLAIN }, &fixture::report());
            let too_wide = |line: &&str| display_width(line) > width && line.trim().contains(' ');
            let text = written.lines().filter(too_wide).collect::<Vec<_>>();
            assert_eq!(text, Vec::<&str>::new(), "at {width}");
        }
    }
}
