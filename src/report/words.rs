//! Phrases that the reports for people share.

use std::borrow::Cow;
use std::collections::BTreeMap;

use vcluster_guard_core::rule::Need;

use super::{Observation, Report, Undecided};

/// Moves the cursor of a terminal, or turns what follows around: no text of a manifest may.
pub(super) fn moves(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// On one line.
pub(crate) fn one_line(text: &str) -> Cow<'_, str> {
    if text.contains(moves) {
        text.replace(moves, " ").into()
    } else {
        text.into()
    }
}

/// One line on stderr. A line of its own, or what moves the cursor, would be taken for something else by a terminal and
/// by the runner of a pipeline.
pub(crate) fn say(word: &str, text: &str) {
    eprintln!("{word}: {}", one_line(text));
}

/// `1 vCluster`, `2 vClusters`.
pub(super) fn counted(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

/// `2 deny, 1 info`, without what there is none of.
pub(super) fn counts(deny: usize, warn: usize, info: usize) -> String {
    let all = [(deny, "deny"), (warn, "warn"), (info, "info")];
    let some = all.into_iter().filter(|(count, _)| *count > 0);
    some.map(|(count, word)| format!("{count} {word}"))
        .collect::<Vec<_>>()
        .join(", ")
}

/// The whole report in one line.
pub(super) fn summary(report: &Report) -> String {
    let summary = report.summary();
    let exempt = report.findings.iter().filter(|finding| finding.exemption.is_some());
    let always = [(summary.deny, "deny"), (summary.warn, "warn"), (summary.info, "info")];
    let further = [
        (exempt.count(), "of them exempt"),
        (report.undecided.len(), "undecided"),
        (report.incomplete.len(), "not read"),
    ];
    let further = further.into_iter().filter(|(count, _)| *count > 0);
    let parts = always
        .into_iter()
        .chain(further)
        .map(|(count, what)| format!("{count} {what}"));
    let parts: Vec<String> = parts.collect();
    format!("{}: {}", counted(summary.vclusters, "vCluster"), parts.join(", "))
}

/// What was missing, and how many rules lacked it: `the nodes of the host cluster (4 rules)`. Empty when nothing was.
pub(super) fn lacking<'u>(undecided: impl IntoIterator<Item = &'u Undecided>) -> String {
    let mut needs: BTreeMap<Need, usize> = BTreeMap::new();
    for undecided in undecided {
        *needs.entry(undecided.needs).or_default() += 1;
    }
    let each = needs
        .iter()
        .map(|(need, count)| format!("{} ({count})", need.in_words()));
    each.collect::<Vec<_>>().join(", ")
}

/// How many vClusters are named before the others are only counted.
const NAMED: usize = 8;

/// The vClusters of several observations: `a/b, a/c and 7 more`.
pub(super) fn together(observations: &[&Observation]) -> String {
    let names: Vec<String> = observations
        .iter()
        .filter_map(|observation| observation.vcluster())
        .collect();
    let more = match names.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let first: Vec<&str> = names.iter().take(NAMED).map(String::as_str).collect();
    format!("{}{more}", first.join(", "))
}
