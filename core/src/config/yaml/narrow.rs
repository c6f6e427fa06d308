//! Keys as long as go-yaml takes them. A key without `?` may have 1024 characters (scannerc.go
//! `yaml_parser_stale_simple_keys`), of which the parser beneath counts the bytes: in lines where that could matter,
//! each character beyond ASCII becomes one byte until the values come out.

use alloc::{string::String, vec::Vec};

use super::text::{BREAKS, Text};

/// What a key may have of characters.
const LONGEST_KEY: usize = 1024;
/// Like any character beyond ASCII it is a letter of plain scalars and no part of anchors, tags and escapes.
const STAND_IN: char = '^';
/// How a quoted scalar could make a stand-in of its own.
const ESCAPES: [&str; 2] = ["5e", "5E"];

/// Narrows a text where that could matter.
pub(super) fn narrow(text: &mut Text) {
    let content = &text.content;
    let is_short = |line: &str| line.len() <= LONGEST_KEY;
    if content.is_ascii() || content.split_inclusive(BREAKS).all(is_short) {
        return;
    }
    if content.contains(STAND_IN) || ESCAPES.iter().any(|escape| content.contains(escape)) {
        return;
    }
    let mut narrowed = String::with_capacity(content.len());
    for line in content.split_inclusive(BREAKS) {
        if is_short(line) {
            narrowed.push_str(line);
            continue;
        }
        narrowed.extend(line.chars().map(|c| {
            if c.is_ascii() || BREAKS.contains(&c) {
                return c;
            }
            text.wide.push(c);
            STAND_IN
        }));
    }
    text.content = narrowed;
}

/// What was narrowed in a text, and where it stands.
pub(super) struct Narrowed<'t> {
    places: Vec<usize>,
    wide: &'t [char],
}

impl<'t> Narrowed<'t> {
    pub(super) fn of(text: &'t Text) -> Self {
        let stand_ins = || text.content.match_indices(STAND_IN).map(|(at, _)| at).collect();
        Self {
            // Most texts were not narrowed, and need not be searched.
            places: if text.wide.is_empty() { Vec::new() } else { stand_ins() },
            wide: &text.wide,
        }
    }

    /// Widens a value that ends before `end`.
    pub(super) fn widen(&self, value: &mut String, end: usize) {
        if self.places.is_empty() {
            return;
        }
        // A comment may stand between its tag and the value, but nothing behind the value.
        let behind = self.places.partition_point(|at| *at < end);
        let first = behind.checked_sub(value.matches(STAND_IN).count());
        let mut wide = first
            .and_then(|first| self.wide.get(first..behind))
            .unwrap_or_default()
            .iter();
        let widened = value.chars().map(|c| match c {
            STAND_IN => wide.next().copied().unwrap_or(c),
            c => c,
        });
        *value = widened.collect();
    }
}
