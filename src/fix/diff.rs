//! What was changed, as a unified diff. Values files hold passwords: a line that may hold one ends the context of a
//! change, and where it is changed itself it is left out.

use std::borrow::Cow;
use std::fmt::Write;

use similar::{Algorithm, DiffOp, DiffTag, capture_diff_slices};

use super::plain::{Beside, code, is_harmless};
use crate::report::one_line;

/// Lines of context.
const CONTEXT: usize = 3;
const HIDDEN: &str = "[not shown: the line may hold a secret]";
const HIDDEN_COMMENT: &str = " # [not shown]";

/// A unified diff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Diff {
    pub(super) text: String,
    /// Whether lines of it are not shown, so that it cannot be applied.
    pub(super) hides: bool,
}

/// One line of the two texts.
#[derive(Clone, Copy)]
struct Line<'t> {
    mark: char,
    text: &'t str,
    /// How many lines of either text stand before it.
    before: (usize, usize),
    /// A changed line that is not shown.
    hidden: bool,
}

/// The difference of two texts of one file.
pub(super) fn unified(name: &str, old: &str, new: &str) -> Diff {
    let (old, new): (Vec<&str>, Vec<&str>) = (lines(old), lines(new));
    let ops = capture_diff_slices(Algorithm::Myers, &old, &new);
    let all: Vec<Line<'_>> = ops.iter().flat_map(|op| of(*op, &old, &new)).collect();
    let shown = shown(&all);
    let mut diff = Diff {
        text: String::new(),
        hides: false,
    };
    let mut rest = all.iter().zip(shown).peekable();
    while let Some((first, is_shown)) = rest.next() {
        if !is_shown {
            continue;
        }
        let mut hunk = vec![*first];
        while let Some((line, _)) = rest.next_if(|(_, is_shown)| *is_shown) {
            hunk.push(*line);
        }
        if diff.text.is_empty() {
            let name = one_line(name);
            diff.write(format_args!("--- {name}\n+++ {name}\n"));
        }
        diff.hunk(&hunk);
    }
    diff
}

fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

fn of<'t>(op: DiffOp, old: &[&'t str], new: &[&'t str]) -> Vec<Line<'t>> {
    let (was, is) = (op.old_range(), op.new_range());
    let numbered = |mark: char, at: usize, text: Option<&&'t str>, before: (usize, usize)| Line {
        mark,
        text: text.copied().unwrap_or_default(),
        before: (
            before.0 + if mark == '+' { 0 } else { at },
            before.1 + if mark == '-' { 0 } else { at },
        ),
        hidden: false,
    };
    let (start, between) = ((was.start, is.start), (was.end, is.start));
    if op.tag() == DiffTag::Equal {
        return was
            .clone()
            .map(|at| numbered(' ', at - was.start, old.get(at), start))
            .collect();
    }
    let gone = was.clone().map(|at| numbered('-', at - was.start, old.get(at), start));
    let come = is.clone().map(|at| numbered('+', at - is.start, new.get(at), between));
    let (mut gone, mut come): (Vec<_>, Vec<_>) = (gone.collect(), come.collect());
    hide(&mut gone, &mut come);
    gone.append(&mut come);
    gone
}

/// A line that is not shown hides the one that it becomes, which may hold the same. Where lines come and go, nobody
/// knows which becomes which.
fn hide<'t>(gone: &mut [Line<'t>], come: &mut [Line<'t>]) {
    for line in gone.iter_mut().chain(&mut *come) {
        line.hidden = !is_harmless(line.text, Beside::Change);
    }
    let any = gone.iter().chain(&*come).any(|line| line.hidden);
    let are_pairs = gone.len() == come.len();
    for (one, other) in gone.iter_mut().zip(come.iter_mut()).filter(|_| are_pairs) {
        let hidden = one.hidden || other.hidden;
        (one.hidden, other.hidden) = (hidden, hidden);
    }
    if any && !are_pairs && !gone.is_empty() && !come.is_empty() {
        gone.iter_mut().chain(come).for_each(|line| line.hidden = true);
    }
}

/// Which lines are shown: the changes, and what stands beside them up to the first line that may hold a secret.
fn shown(lines: &[Line<'_>]) -> Vec<bool> {
    let mut shown: Vec<bool> = lines.iter().map(|line| line.mark != ' ').collect();
    let changes: Vec<usize> = shown
        .iter()
        .enumerate()
        .filter_map(|(at, change)| change.then_some(at))
        .collect();
    let harmless = |at: &usize| {
        lines
            .get(*at)
            .is_some_and(|line| line.mark == ' ' && is_harmless(line.text, Beside::Nothing))
    };
    for change in changes {
        let before = (0..change).rev().take(CONTEXT).take_while(harmless);
        let after = (change + 1..lines.len()).take(CONTEXT).take_while(harmless);
        for at in before.chain(after).collect::<Vec<_>>() {
            if let Some(shown) = shown.get_mut(at) {
                *shown = true;
            }
        }
    }
    shown
}

impl Diff {
    fn write(&mut self, text: std::fmt::Arguments<'_>) {
        // Writing to a String cannot fail.
        let _ = self.text.write_fmt(text);
    }

    fn hunk(&mut self, lines: &[Line<'_>]) {
        let count = |other: char| lines.iter().filter(|line| line.mark != other).count();
        let (old, new) = (count('+'), count('-'));
        let before = lines.first().map_or((0, 0), |line| line.before);
        // Of no lines, the number is that of the line before.
        let start = |before: usize, count: usize| before + usize::from(count > 0);
        self.write(format_args!(
            "@@ -{},{old} +{},{new} @@\n",
            start(before.0, old),
            start(before.1, new)
        ));
        for line in lines {
            self.line(line);
        }
    }

    fn line(&mut self, line: &Line<'_>) {
        let text = line.text.trim_end_matches(['\n', '\r']);
        let end = line.text.get(text.len()..).unwrap_or_default();
        let text = match code(text) {
            _ if line.hidden => HIDDEN.into(),
            Some(code) if code.len() < text.trim_end().len() => format!("{code}{HIDDEN_COMMENT}").into(),
            _ => Cow::Borrowed(text),
        };
        self.hides |= text != line.text.trim_end_matches(['\n', '\r']);
        self.write(format_args!("{}{text}{}\n", line.mark, end.trim_end_matches('\n')));
        if !line.text.ends_with('\n') {
            self.write(format_args!("\\ No newline at end of file\n"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered(lines: usize) -> String {
        let numbers = (1..=lines).map(|line| format!("key{line}:\n"));
        numbers.collect::<Vec<_>>().concat()
    }

    #[test]
    fn changes_are_shown_with_three_lines_around() {
        let old = numbered(12);
        let new = old
            .replace("key5:\n", "replicas: 5\n")
            .replace("key12:\n", "key12:\nkey13:\n");
        let wanted = "--- a.yaml\n+++ a.yaml\n@@ -2,7 +2,7 @@\n key2:\n key3:\n key4:\n-key5:\n+replicas: 5\n key6:\n key7:\n \
                      key8:\n@@ -10,3 +10,4 @@\n key10:\n key11:\n key12:\n+key13:\n";
        assert_eq!(
            unified("a.yaml", &old, &new),
            Diff {
                text: wanted.into(),
                hides: false
            }
        );
    }

    #[test]
    fn a_line_that_may_hold_a_secret_ends_the_context() {
        for secret in [
            "a: hunter2",
            "value: \"83749201\"",
            "value: 83749201",
            "replicas: 3 # hunter2",
            "# hunter2",
            "#      value: hunter2",
            "endpoint: a,b:hunter2@c",
            "- hunter2",
            "image: hunter2",
            "hunter 2:",
            "{a: hunter2}",
            "replicas: \"3",
            "replicas: hunter2",
        ] {
            let old = format!("a:\n{secret}\nb:\nreplicas: 2\n{secret}\nd:\n");
            let diff = unified("a.yaml", &old, &old.replace("replicas: 2", "replicas: 3"));
            let wanted = "--- a.yaml\n+++ a.yaml\n@@ -3,2 +3,2 @@\n b:\n-replicas: 2\n+replicas: 3\n";
            assert_eq!(diff.text, wanted, "{secret}");
            assert!(!diff.hides);
        }
    }

    #[test]
    fn a_change_of_no_lines_counts_from_the_line_before() {
        let diff = unified("a", "x: s\ny: s\n", "x: s\nreplicas: 1\ny: s\n");
        assert_eq!(diff.text, "--- a\n+++ a\n@@ -1,0 +2,1 @@\n+replicas: 1\n");
    }

    #[test]
    fn of_a_changed_line_the_comment_is_not_shown() {
        let diff = unified("a", "replicas: 2   # hunter2\n", "replicas: 3   # hunter2\n");
        let wanted = "--- a\n+++ a\n@@ -1,1 +1,1 @@\n-replicas: 2 # [not shown]\n+replicas: 3 # [not shown]\n";
        assert_eq!(
            diff,
            Diff {
                text: wanted.into(),
                hides: true
            }
        );
    }

    #[test]
    fn what_a_hidden_line_becomes_is_hidden_too() {
        let diff = unified("a", "a: hunter2\nreplicas: 2\n", "replicas: 1\nreplicas: 3\n");
        let wanted = format!("--- a\n+++ a\n@@ -1,2 +1,2 @@\n-{HIDDEN}\n-replicas: 2\n+{HIDDEN}\n+replicas: 3\n");
        assert_eq!(
            diff,
            Diff {
                text: wanted,
                hides: true
            }
        );
        let diff = unified("a", "a: hunter2\n", "replicas: 1\nreplicas: 3\n");
        assert_eq!(
            diff.text,
            format!("--- a\n+++ a\n@@ -1,1 +1,2 @@\n-{HIDDEN}\n+{HIDDEN}\n+{HIDDEN}\n")
        );
    }

    #[test]
    fn a_text_in_one_line_is_not_shown() {
        let old = "{\"values\": \"a: 1\\ndataSource: mysql://s3cret\"}";
        let diff = unified("a", old, &old.replace("a: 1", "a: 2"));
        assert!(diff.hides);
        assert_eq!(
            diff.text,
            format!(
                "--- a\n+++ a\n@@ -1,1 +1,1 @@\n-{HIDDEN}\n\\ No newline at end of file\n+{HIDDEN}\n\\ No newline at end of file\n"
            )
        );
    }

    #[test]
    fn equal_texts_do_not_differ() {
        assert_eq!(unified("a", "x: 1\n", "x: 1\n").text, "");
    }
}
