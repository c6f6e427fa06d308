//! What the page shows, worked out: the template only places it.

use std::cmp::Reverse;

use vcluster_guard_core::rule::{Rule, Severity};
use vcluster_guard_core::rules::TABLE;

use super::super::group::{Group, groups, kinds, unattached};
use super::super::{Explained, Finding, ObjectPatch, Observation, Outcome, Report, Summary, words};

/// How many of the worst vClusters are named at the top.
const WORST: usize = 10;

/// Up to so many things that could not be read stand before everything else.
const UNREAD: usize = 10;

/// Up to so many vClusters are shown unfolded.
const FEW: usize = 5;

/// The whole page.
pub(super) struct View<'r> {
    pub(super) summary: &'r Summary,
    pub(super) incomplete: &'r [String],
    /// Those with more to say than that they were judged, worst first.
    pub(super) cards: Vec<Card<'r>>,
    /// The others.
    pub(super) clean: Vec<Group<'r>>,
    /// The rules that spoke, worst first, then most often.
    pub(super) columns: Vec<Column>,
    /// What was observed of no vCluster of the page.
    pub(super) notes: Vec<&'r Observation>,
    /// What was observed of its vClusters, by kind.
    pub(super) kinds: Vec<(&'static str, Vec<&'r Observation>)>,
    /// Those that count.
    pub(super) info: usize,
    pub(super) exempt: usize,
    pub(super) undecided: usize,
    pub(super) lacking: String,
}

/// One vCluster.
pub(super) struct Card<'r> {
    pub(super) group: Group<'r>,
    pub(super) open: bool,
    /// One for each column.
    pub(super) cells: Vec<Option<Cell>>,
}

/// What one rule says of one vCluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) tone: Tone,
    pub(super) count: usize,
    /// Which of the findings of its vCluster is the first of that rule.
    pub(super) first: usize,
}

/// One rule that spoke.
pub(super) struct Column {
    pub(super) rule: &'static Rule,
    pub(super) tone: Tone,
    /// In how many findings.
    pub(super) count: usize,
    /// Of how many vClusters.
    pub(super) vclusters: usize,
}

/// A severity, or that it does not count. The worst is the least, so that it sorts first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tone {
    Deny,
    Warn,
    Info,
    Exempt,
}

impl Tone {
    pub(super) fn of(finding: &Finding) -> Self {
        match finding.severity {
            _ if finding.exemption.is_some() => Self::Exempt,
            Severity::Deny => Self::Deny,
            Severity::Warn => Self::Warn,
            Severity::Info => Self::Info,
        }
    }

    /// Also the class in the style.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Deny => "deny",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Exempt => "exempt",
        }
    }

    /// Who sees no colours reads a letter.
    pub(super) fn letter(self) -> &'static str {
        match self {
            Self::Deny => "D",
            Self::Warn => "W",
            Self::Info => "I",
            Self::Exempt => "E",
        }
    }
}

/// A part of a bar, in thousandths of its width.
pub(super) struct Slice {
    pub(super) class: &'static str,
    pub(super) label: &'static str,
    pub(super) count: usize,
    pub(super) start: usize,
    pub(super) width: usize,
}

impl<'r> View<'r> {
    pub(super) fn of(report: &'r Report) -> Self {
        let groups = groups(report);
        let kinds = kinds(&groups);
        let (speaking, clean): (Vec<_>, Vec<_>) = groups
            .into_iter()
            .partition(|group: &Group<'_>| group.speaks() || !group.explained.is_empty());
        let columns = columns(&speaking);
        let open = speaking.len() <= FEW;
        let card = |group| Card {
            cells: columns.iter().map(|column| cell(&group, column.rule)).collect(),
            group,
            open,
        };
        let exempt = report.findings.iter().filter(|finding| finding.exemption.is_some());
        let exempt = exempt.count();
        Self {
            summary: report.summary(),
            info: report.summary().info.saturating_sub(exempt),
            exempt,
            incomplete: &report.incomplete,
            cards: speaking.into_iter().map(card).collect(),
            clean,
            notes: unattached(report).collect(),
            kinds,
            undecided: report.undecided.len(),
            lacking: words::lacking(&report.undecided),
            columns,
        }
    }

    /// The rows of the matrix, with their number.
    pub(super) fn rows(&self) -> impl Iterator<Item = (usize, &Card<'r>)> {
        self.cards.iter().enumerate().filter(|(_, card)| !card.group.is_clean())
    }

    /// Whether what could not be read is folded: a thousand lines of it would be all that is seen.
    pub(super) fn hides_incomplete(&self) -> bool {
        self.incomplete.len() > UNREAD
    }

    /// The worst, with their number, unless all of them are in sight anyway.
    pub(super) fn worst(&self) -> Vec<(usize, &Card<'r>)> {
        self.rows()
            .filter(|(_, card)| card.tone() < Some(Tone::Info))
            .take(WORST)
            .collect()
    }

    /// vClusters by their worst finding.
    pub(super) fn slices(&self) -> Vec<Slice> {
        let worst = |tone: Tone| self.rows().filter(|(_, card)| card.tone() == Some(tone)).count();
        let parts = [
            ("deny", "denied", worst(Tone::Deny)),
            ("warn", "warned of", worst(Tone::Warn)),
            ("info", "with infos only", worst(Tone::Info)),
            ("exempt", "exempt", worst(Tone::Exempt)),
        ];
        let clean = self
            .summary
            .vclusters
            .saturating_sub(parts.iter().map(|(.., count)| count).sum());
        let mut before = 0;
        let slice = |(class, label, count)| {
            let share = |count: usize| count * 1000 / self.summary.vclusters.max(1);
            let (start, end) = (share(before), share(before + count));
            before += count;
            Slice {
                class,
                label,
                count,
                start,
                width: end - start,
            }
        };
        parts
            .into_iter()
            .chain([("clean", "clean", clean)])
            .map(slice)
            .filter(|slice| slice.count > 0)
            .collect()
    }

    /// How long a bar is, in thousandths of the longest.
    pub(super) fn length(&self, column: &Column) -> usize {
        let longest = self.columns.iter().map(|column| column.count).max().unwrap_or(1);
        column.count * 1000 / longest.max(1)
    }
}

impl Card<'_> {
    /// The worst of its findings.
    pub(super) fn tone(&self) -> Option<Tone> {
        self.group.findings.iter().map(|finding| Tone::of(finding)).min()
    }

    /// Its findings, with number and tone.
    pub(super) fn findings(&self) -> impl Iterator<Item = (usize, Tone, &Finding)> {
        let findings = self.group.findings.iter().enumerate();
        findings.map(|(number, finding)| (number, Tone::of(finding), *finding))
    }

    /// How many findings of each tone there are, without those there are none of.
    pub(super) fn counts(&self) -> Vec<(Tone, usize)> {
        let count = |tone| {
            self.group
                .findings
                .iter()
                .filter(|finding| Tone::of(finding) == tone)
                .count()
        };
        let counts = [Tone::Deny, Tone::Warn, Tone::Info, Tone::Exempt].map(|tone| (tone, count(tone)));
        counts.into_iter().filter(|(_, count)| *count > 0).collect()
    }

    /// The tones of its findings, for the filter.
    pub(super) fn tones(&self) -> String {
        let words: Vec<&str> = self.counts().iter().map(|(tone, _)| tone.word()).collect();
        words.join(" ")
    }

    pub(super) fn lacking(&self) -> String {
        words::lacking(self.group.undecided.iter().copied())
    }
}

/// What became of a rule, in a word.
pub(super) fn outcome(explained: &Explained) -> &'static str {
    match explained.outcome {
        Outcome::Failed => "found something",
        Outcome::Undecided => "undecided",
        Outcome::Passed => "passed",
        Outcome::NotApplicable => "does not apply",
    }
}

/// A patch as a person reads it.
pub(super) fn pretty(patch: &ObjectPatch) -> String {
    serde_json::to_string_pretty(&patch.patch).unwrap_or_default()
}

fn columns(groups: &[Group<'_>]) -> Vec<Column> {
    let column = |rule: &&'static Rule| {
        let cells: Vec<Cell> = groups.iter().filter_map(|group| cell(group, rule)).collect();
        Some(Column {
            rule,
            tone: cells.iter().map(|cell| cell.tone).min()?,
            count: cells.iter().map(|cell| cell.count).sum(),
            vclusters: cells.len(),
        })
    };
    let mut columns: Vec<Column> = TABLE.iter().filter_map(column).collect();
    columns.sort_by_key(|column| (column.tone, Reverse(column.count)));
    columns
}

fn cell(group: &Group<'_>, rule: &Rule) -> Option<Cell> {
    let mut of = group
        .findings
        .iter()
        .enumerate()
        .filter(|(_, finding)| finding.rule == rule.id);
    let (first, finding) = of.next()?;
    let rest: Vec<Tone> = of.map(|(_, finding)| Tone::of(finding)).collect();
    Some(Cell {
        tone: rest.iter().copied().fold(Tone::of(finding), Ord::min),
        count: rest.len() + 1,
        first,
    })
}
