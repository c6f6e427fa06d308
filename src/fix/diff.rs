//! What was changed, as a unified diff. Values files hold passwords: a line that may hold one is not shown, neither
//! beside a change nor as one.

use std::fmt::Write;

use similar::{Algorithm, DiffOp, DiffTag, capture_diff_slices};

/// Lines of context.
const CONTEXT: usize = 3;
const HIDDEN: &str = "[not shown: the line may hold a secret]";

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
    gone.chain(come).collect()
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
            .is_some_and(|line| line.mark == ' ' && !may_hold_secret(line.text))
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
        let hidden = line.mark != ' ' && holds_more(line.text);
        self.hides |= hidden;
        let text = line.text.strip_suffix('\n').unwrap_or(line.text);
        self.write(format_args!("{}{}\n", line.mark, if hidden { HIDDEN } else { text }));
        if !line.text.ends_with('\n') {
            self.write(format_args!("\\ No newline at end of file\n"));
        }
    }
}

/// Words in the keys, and in the values, of what is nobody's business.
const TELLTALE: [&str; 10] = [
    "://",
    "datasource",
    "password",
    "passwd",
    "secret",
    "token",
    "credential",
    "privatekey",
    "apikey",
    "accesskey",
];

fn is_telltale(text: &str) -> bool {
    let text: String = text
        .chars()
        .filter(|c| !matches!(c, '-' | '_'))
        .collect::<String>()
        .to_ascii_lowercase();
    TELLTALE.iter().any(|word| text.contains(word))
}

/// A line beside a change: harmless only where no text of somebody's stands on it.
fn may_hold_secret(line: &str) -> bool {
    let line = line.trim();
    if is_telltale(line) {
        return true;
    }
    if line.is_empty() || line.starts_with('#') || line == "---" {
        return false;
    }
    let bare = line.split_once(" #").map_or(line, |(bare, _)| bare);
    !bare.split(PARTS).all(|part| is_harmless(part, &[]))
}

/// A line that was changed, for the sake of a key that is known. In braces there may be others beside it.
fn holds_more(line: &str) -> bool {
    /// Longer than any key with its value.
    const LONG: usize = 200;
    /// Keys that the changes are about, and their neighbours in a constraint or an image.
    const KNOWN: [&str; 12] = [
        "app",
        "dnsPolicy",
        "enabled",
        "image",
        "podManagementPolicy",
        "registry",
        "release",
        "repository",
        "retentionPolicy",
        "tag",
        "topologyKey",
        "whenUnsatisfiable",
    ];
    let in_braces = line.contains(['{', '[']) && !line.split(PARTS).all(|part| is_harmless(part, &KNOWN));
    line.len() > LONG || is_telltale(line) || in_braces
}

/// What parts the members of a flow collection.
const PARTS: [char; 5] = [',', '{', '}', '[', ']'];

/// `KEY: VALUE`, or a part of it, without a text, or with that of a known key.
fn is_harmless(part: &str, known: &[&str]) -> bool {
    let part = part.trim().trim_start_matches("- ");
    let quotes = ['"', '\''];
    let Some((key, value)) = part.split_once(':') else {
        return part.is_empty() || part == "-";
    };
    let value = value.trim().trim_matches(quotes);
    let number = value.strip_suffix('%').unwrap_or(value);
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number
        || ["", "true", "false", "null", "~", "|", "|-", ">"].contains(&value)
        || known.contains(&key.trim().trim_matches(quotes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered(lines: usize) -> String {
        let numbers = (1..=lines).map(|line| format!("key{line}: {line}\n"));
        numbers.collect::<Vec<_>>().concat()
    }

    #[test]
    fn changes_are_shown_with_three_lines_around() {
        let old = numbered(12);
        let new = old
            .replace("key5: 5\n", "key5: five\n")
            .replace("key12: 12\n", "key12: 12\nkey13: 13\n");
        let wanted = "--- a.yaml\n+++ a.yaml\n@@ -2,7 +2,7 @@\n key2: 2\n key3: 3\n key4: 4\n-key5: 5\n+key5: five\n key6: 6\n key7: 7\n \
                      key8: 8\n@@ -10,3 +10,4 @@\n key10: 10\n key11: 11\n key12: 12\n+key13: 13\n";
        assert_eq!(unified("a.yaml", &old, &new).text, wanted);
    }

    #[test]
    fn a_line_that_may_hold_a_secret_ends_the_context() {
        let old = "a: hunter2\nb: 1\nc: 2\npassword: 3\nd: 4\n";
        let diff = unified("a.yaml", old, &old.replace("c: 2", "c: 3"));
        assert_eq!(
            diff.text,
            "--- a.yaml\n+++ a.yaml\n@@ -2,2 +2,2 @@\n b: 1\n-c: 2\n+c: 3\n"
        );
        assert!(!diff.hides);
    }

    #[test]
    fn a_change_of_no_lines_counts_from_the_line_before() {
        let diff = unified("a", "x: s\ny: s\n", "x: s\nz: 1\ny: s\n");
        assert_eq!(diff.text, "--- a\n+++ a\n@@ -1,0 +2,1 @@\n+z: 1\n");
    }

    #[test]
    fn what_stands_beside_a_change_in_braces_is_shown_only_if_it_is_known() {
        for (line, hidden) in [
            ("image: {registry: ghcr.io, repository: loft-sh/vcluster}", false),
            ("podDisruptionBudget: {enabled: true, minAvailable: \"50%\"}", false),
            ("repository: \"loft-sh/vcluster\"   # old", false),
            ("env: [{name: A, value: hunter2}]", true),
            ("{\"a\": \"hunter2\", \"enabled\": false}", true),
            ("dataSource: x", true),
        ] {
            assert_eq!(holds_more(line), hidden, "{line}");
        }
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
