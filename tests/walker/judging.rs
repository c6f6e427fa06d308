//! Whether what a case says comes true at both doors.

use crate::case::Case;
use crate::doors::{self, Said};
use crate::files::Topic;

/// Judges at both doors, and compares.
pub(crate) fn judge(case: &Case, topic: Topic, verdict: &str) -> Result<(), String> {
    let mut at_admission = Said::default();
    let mut lines = Vec::new();
    if let Some(wanted) = case.at_admission() {
        at_admission = doors::admission(case, topic)?;
        same("admission says", &at_admission.lines, wanted)?;
        compare_mends(case, &at_admission)?;
        lines.extend_from_slice(&at_admission.lines);
    }
    if let Some(wanted) = case.in_check() {
        let in_check = doors::check(case, topic);
        same("check says", &in_check, wanted)?;
        lines.extend(in_check);
    }
    let real = if at_admission.patch.is_empty() || verdict != "mend" {
        verdict_of(&lines)
    } else {
        "mend"
    };
    (real == verdict)
        .then_some(())
        .ok_or_else(|| format!("the verdict is {real}"))
}

fn compare_mends(case: &Case, said: &Said) -> Result<(), String> {
    if let Some(patch) = case.patch() {
        same("the patch is", &said.patch, patch)?;
    }
    match case.notes() {
        Some(notes) => same("the notes are", &said.notes, notes),
        None => Ok(()),
    }
}

fn same<T: PartialEq + serde::Serialize>(what: &str, real: &[T], wanted: &[T]) -> Result<(), String> {
    let json = |items| serde_json::to_string::<[T]>(items).unwrap();
    (real == wanted)
        .then_some(())
        .ok_or_else(|| format!("{what} {}, not {}", json(real), json(wanted)))
}

/// The worst of what is said.
fn verdict_of(lines: &[String]) -> &'static str {
    let says = |word: &&str| {
        lines
            .iter()
            .any(|line| line.split([' ', ',']).any(|first| first == *word))
    };
    ["deny", "warn", "info", "undecided"]
        .into_iter()
        .find(says)
        .unwrap_or("allow")
}
