//! Takes a key or an item away. Comments are somebody's words: they stay.

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;

use super::Refused;
use super::find::{find, is_key};
use super::page::{Page, Splice, refuse};
use crate::config::yaml::layout::{Kind, Node, Style};

pub(super) fn remove(page: &Page<'_>, path: &[String]) -> Result<Vec<Splice>, Refused> {
    let found = find(page, path)?;
    let node = page.node(found.id)?;
    let (Some(&parent), Some(token), true) = (found.parents.last(), path.last(), found.rest.is_empty()) else {
        return Err(refuse(node, "it is not written here"));
    };
    if page
        .layout
        .nodes()
        .any(|inner| inner.shared && node.outer <= inner.outer && inner.end <= node.end)
    {
        return Err(refuse(node, "an alias elsewhere stands for a part of it"));
    }
    let (members, start) = Members::of(page, page.node(parent)?, node, token)?;
    match &members.parent.kind {
        Kind::Mapping { flow: true, .. } | Kind::Sequence { flow: true, .. } => members.cut_from_flow(page),
        _ => members.cut_from_block(page, start),
    }
}

/// The members of a collection, one of which goes.
struct Members<'p> {
    parent: &'p Node,
    spans: Vec<Range<usize>>,
    at: usize,
    /// The collection when nothing is left of it.
    empty: &'static str,
}

impl<'p> Members<'p> {
    /// The members beside the one that `token` names, and where that one begins, its key or dash included.
    fn of(page: &'p Page<'_>, parent: &'p Node, node: &Node, token: &str) -> Result<(Self, usize), Refused> {
        let at = |id: &usize| page.layout.node(*id);
        Ok(match &parent.kind {
            Kind::Mapping { pairs, .. } => {
                let keys = pairs.iter().filter_map(|(key, _)| at(key));
                let named = keys.enumerate().find(|(_, key)| is_key(key, token));
                let (index, start) = named.map_or((0, node.outer), |(index, key)| (index, key.outer));
                let span = |(key, value): &(usize, usize)| Some(at(key)?.outer..at(value)?.end);
                let members = Self {
                    parent,
                    spans: pairs.iter().filter_map(span).collect(),
                    at: index,
                    empty: "{}",
                };
                (members, start)
            }
            Kind::Sequence { items, .. } => {
                let members = Self {
                    parent,
                    spans: items.iter().filter_map(at).map(|item| item.outer..item.end).collect(),
                    at: token.parse().unwrap_or_default(),
                    empty: "[]",
                };
                (members, page.slice(0..node.outer).rfind('-').unwrap_or_default())
            }
            Kind::Scalar(..) | Kind::Alias => return Err(refuse(node, "it is not written here")),
        })
    }

    /// With the comma that parts it from its neighbour.
    fn cut_from_flow(&self, page: &Page<'_>) -> Result<Vec<Splice>, Refused> {
        let gone = self.spans.get(self.at).cloned().unwrap_or_default();
        let next = self.spans.get(self.at + 1);
        let before = self.at.checked_sub(1).and_then(|before| self.spans.get(before));
        let range = match (next, before) {
            (Some(next), _) => gone.start..next.start,
            (None, Some(before)) => before.end..gone.end,
            (None, None) => gone.clone(),
        };
        let parts = page
            .slice(range.start..gone.start)
            .chars()
            .chain(page.slice(gone.end..range.end).chars());
        if parts.into_iter().any(|c| !c.is_whitespace() && c != ',') {
            return Err(refuse(self.parent, "a comment stands between it and its neighbour"));
        }
        Ok(vec![Splice::new(range, "")])
    }

    /// With its lines, of which comments stay.
    fn cut_from_block(&self, page: &Page<'_>, start: usize) -> Result<Vec<Splice>, Refused> {
        let gone = start..self.spans.get(self.at).map_or(start, |span| span.end);
        let line = page.line_start(start);
        let indent = page.slice(line..start);
        if !indent.chars().all(|c| c == ' ') {
            return Err(refuse(self.parent, "it shares its line with what stands before it"));
        }
        // A block scalar ends where the next line begins.
        let whole_lines = gone.end > start && page.line_start(gone.end) == gone.end;
        let end = if whole_lines {
            gone.end
        } else {
            let end = page.line_end(gone.end);
            end + page.break_at(end).len()
        };
        let kept = comments(page, line..end, indent);
        if self.spans.len() > 1 {
            return Ok(vec![Splice::new(line..end, kept)]);
        }
        self.leave_empty(page, line..end, kept)
    }

    /// Nothing is left: the collection becomes an empty one behind its key.
    fn leave_empty(&self, page: &Page<'_>, lines: Range<usize>, kept: String) -> Result<Vec<Splice>, Refused> {
        let Some(colon) = colon_before(page, self.parent.outer) else {
            return Err(refuse(self.parent, "nothing else stands there"));
        };
        let empty = Splice::insert(colon, format!(" {}", self.empty));
        Ok(vec![empty, Splice::new(lines, kept)])
    }
}

/// Behind the colon that leads to a block on lines of its own, past its comments.
fn colon_before(page: &Page<'_>, at: usize) -> Option<usize> {
    let line = page.line_start(at);
    let leaves = page.layout.nodes().filter(|node| matches!(node.kind, Kind::Scalar(..)));
    let key = leaves.filter(|node| node.end <= line).max_by_key(|node| node.end)?;
    let gap = page.slice(key.end..line);
    let blank = gap.len() - gap.trim_start_matches(' ').len();
    let behind = gap.get(blank..)?.strip_prefix(':')?;
    behind.starts_with([' ', '\n', '\r']).then_some(key.end + blank + 1)
}

/// The comments in these lines, on lines of their own.
fn comments(page: &Page<'_>, range: Range<usize>, indent: &str) -> String {
    let mut leaves: Vec<(usize, usize)> = page
        .layout
        .nodes()
        .filter(|node| range.start <= node.outer && node.end <= range.end)
        .filter_map(|node| leaf(page, node))
        .collect();
    leaves.push((range.end, range.end));
    leaves.sort_unstable();
    let (mut at, mut kept) = (range.start, String::new());
    for (start, end) in leaves {
        let gap = page.slice(at..start.max(at));
        for line in gap.split_inclusive(['\n', '\r']) {
            if let Some(comment) = line.find('#').and_then(|at| line.get(at..)) {
                kept.push_str(indent);
                kept.push_str(comment.trim_end_matches(['\n', '\r']));
                kept.push_str(page.break_near(range.start));
            }
        }
        at = end.max(at);
    }
    kept
}

/// Where something stands in which a `#` is no comment.
fn leaf(page: &Page<'_>, node: &Node) -> Option<(usize, usize)> {
    match &node.kind {
        // Behind the `|` there may be a comment.
        Kind::Scalar(Style::Literal | Style::Folded, _) => Some((page.line_end(node.start), node.end)),
        Kind::Scalar(..) | Kind::Alias => Some((node.start, node.end)),
        Kind::Sequence { .. } | Kind::Mapping { .. } => None,
    }
}
