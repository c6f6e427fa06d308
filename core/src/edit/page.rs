//! A document with its layout, and what an edit changes of it.

use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use super::Refused;
use crate::config::yaml::layout::{Id, Kind, Layout, Node};

/// What ends a line where edits are made.
const BREAKS: [char; 2] = ['\n', '\r'];

/// A document of which the places are known.
#[derive(Debug)]
pub(super) struct Page<'t> {
    pub(super) text: &'t str,
    pub(super) layout: Layout,
}

/// A part of the text, and what stands there afterwards.
#[derive(Debug)]
pub(super) struct Splice {
    pub(super) range: Range<usize>,
    pub(super) with: String,
}

impl Splice {
    pub(super) fn new(range: Range<usize>, with: impl Into<String>) -> Self {
        Self {
            range,
            with: with.into(),
        }
    }

    pub(super) fn insert(at: usize, with: impl Into<String>) -> Self {
        Self::new(at..at, with)
    }
}

/// How many line ends a text has.
pub(super) fn lines_in(text: &str) -> usize {
    let lone = text
        .split('\n')
        .map(|line| line.strip_suffix('\r').unwrap_or(line).matches('\r').count());
    text.matches('\n').count() + lone.sum::<usize>()
}

/// Refuses an edit at the line of a node.
pub(super) fn refuse(node: &Node, why: &'static str) -> Refused {
    Refused::new(why).at(usize::try_from(node.line).unwrap_or_default() + 1)
}

impl<'t> Page<'t> {
    pub(super) fn of(text: &'t str) -> Result<Self, Refused> {
        Ok(Self {
            text,
            layout: Layout::of(text)?,
        })
    }

    /// The text with the splices made, which do not overlap.
    pub(super) fn splice(&self, mut splices: Vec<Splice>) -> String {
        splices.sort_by_key(|splice| splice.range.start);
        let mut out = String::with_capacity(self.text.len());
        let mut at = 0;
        for splice in splices {
            out.push_str(self.slice(at..splice.range.start));
            out.push_str(&splice.with);
            at = splice.range.end;
        }
        out.push_str(self.slice(at..self.text.len()));
        out
    }

    pub(super) fn slice(&self, range: Range<usize>) -> &'t str {
        self.text.get(range).unwrap_or_default()
    }

    pub(super) fn node(&self, id: Id) -> Result<&Node, Refused> {
        self.layout.node(id).ok_or(Refused::new("the place is not in the text"))
    }

    /// Where the line of a place begins.
    pub(super) fn line_start(&self, at: usize) -> usize {
        self.slice(0..at).rfind(BREAKS).map_or(0, |found| found + 1)
    }

    /// Where the line of a place ends, before what ends it.
    pub(super) fn line_end(&self, at: usize) -> usize {
        self.slice(at..self.text.len())
            .find(BREAKS)
            .map_or(self.text.len(), |found| at + found)
    }

    /// What ends the line that ends at `at`; empty at the end of the text.
    pub(super) fn break_at(&self, at: usize) -> &'static str {
        let rest = self.slice(at..self.text.len());
        match rest.as_bytes() {
            [b'\r', b'\n', ..] => "\r\n",
            [b'\r', ..] => "\r",
            [b'\n', ..] => "\n",
            _ => "",
        }
    }

    /// What ends lines near a place: that of its own line, else that of the line before.
    pub(super) fn break_near(&self, at: usize) -> &'static str {
        let own = self.break_at(self.line_end(at));
        if !own.is_empty() {
            return own;
        }
        let before = self.slice(0..self.line_start(at));
        match before.as_bytes() {
            [.., b'\r', b'\n'] => "\r\n",
            [.., b'\r'] => "\r",
            _ => "\n",
        }
    }

    /// By how much a map inside a map is indented, and a list inside a map.
    pub(super) fn steps(&self) -> (usize, usize) {
        let (mut map, mut list) = (None, None);
        for node in self.layout.nodes() {
            let Kind::Mapping { flow: false, pairs } = &node.kind else {
                continue;
            };
            for value in pairs.iter().filter_map(|(_, value)| self.layout.node(*value)) {
                let step = value.column.checked_sub(node.column);
                match &value.kind {
                    Kind::Mapping { flow: false, .. } => map = map.or(step.filter(|&step| step > 0)),
                    Kind::Sequence { flow: false, .. } => list = list.or(step),
                    _ => {}
                }
            }
        }
        (map.unwrap_or(2), list.unwrap_or(0))
    }
}
