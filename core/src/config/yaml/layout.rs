//! Where everything of a text stands, for whoever edits it in place. Offsets are those of the text itself, so a text
//! that has to be mended before it can be read has no layout.

use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use libyaml_safer::{Event, EventData, MappingStyle, ScalarStyle, SequenceStyle};

use super::{ScanError, events, events::Events, scalar, scalar::Scalar, text, text::BREAKS};
use crate::config::ParseError;

/// Place of a node in its layout.
pub(crate) type Id = usize;

/// The top of a document.
pub(crate) const ROOT: Id = 0;

/// One document.
#[derive(Debug, Default)]
pub(crate) struct Layout {
    nodes: Vec<Node>,
}

/// One node.
#[derive(Debug)]
pub(crate) struct Node {
    /// Where it begins, its anchor and tag included.
    pub(crate) outer: usize,
    /// Where its content begins.
    pub(crate) start: usize,
    /// Behind its last byte.
    pub(crate) end: usize,
    /// Column of [`Node::outer`], in characters.
    pub(crate) column: usize,
    /// 0-based line of [`Node::outer`].
    pub(crate) line: u64,
    /// Whether a tag fixes its type.
    pub(crate) tagged: bool,
    /// Whether an alias stands for it elsewhere.
    pub(crate) shared: bool,
    pub(crate) kind: Kind,
}

/// What a node is.
#[derive(Debug)]
pub(crate) enum Kind {
    Scalar(Style, Scalar),
    Sequence { flow: bool, items: Vec<Id> },
    Mapping { flow: bool, pairs: Vec<(Id, Id)> },
    Alias,
}

/// How a scalar is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    Plain,
    SingleQuoted,
    DoubleQuoted,
    Literal,
    Folded,
}

impl Style {
    fn of(style: ScalarStyle) -> Self {
        match style {
            ScalarStyle::SingleQuoted => Self::SingleQuoted,
            ScalarStyle::DoubleQuoted => Self::DoubleQuoted,
            ScalarStyle::Literal => Self::Literal,
            ScalarStyle::Folded => Self::Folded,
            _ => Self::Plain,
        }
    }
}

const MENDED: ScanError = ScanError::new("it can only be read after it was mended in memory");

impl Layout {
    /// The layout of the only document of a text, which is UTF-8 without a byte order mark.
    pub(crate) fn of(text: &str) -> Result<Self, ParseError> {
        let mut documents = read(text)?.into_iter();
        let (_, layout) = documents
            .next()
            .ok_or_else(|| ParseError::new("there is no document", None))?;
        Ok(layout)
    }

    pub(crate) fn node(&self, id: Id) -> Option<&Node> {
        self.nodes.get(id)
    }

    pub(crate) fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.nodes.iter()
    }

    fn is_null(&self) -> bool {
        self.node(ROOT)
            .is_none_or(|node| matches!(node.kind, Kind::Scalar(_, Scalar::Null)))
    }
}

/// Where the documents of a text stand that [`super::documents`] reads of it, in the same order. A piece begins with a
/// line and ends where the next document begins.
pub(crate) fn pieces(text: &str) -> Result<Vec<Range<usize>>, ParseError> {
    let documents = read(text)?;
    let ends = documents.iter().skip(1).map(|(start, _)| *start);
    let ends = ends.chain([text.len()]);
    let pieces = documents.iter().zip(ends).filter(|((_, layout), _)| !layout.is_null());
    Ok(pieces.map(|((start, _), end)| *start..end).collect())
}

/// Every document, with the start of its first line.
fn read(original: &str) -> Result<Vec<(usize, Layout)>, ParseError> {
    let text = text::decode(original.as_bytes());
    if text.fault.is_some() || text.content != original {
        return Err(text.fault.unwrap_or(MENDED).into());
    }
    let read = |events: &mut Events<'_>| {
        let mut documents = Vec::new();
        while let Some(document) = document(events, original)? {
            documents.push(document);
        }
        Ok(documents)
    };
    Ok(events::once(text, read)?)
}

struct Builder<'t> {
    layout: Layout,
    open: Vec<(Id, Vec<Id>)>,
    anchors: Vec<(String, Id)>,
    text: &'t str,
}

fn document(events: &mut Events<'_>, text: &str) -> Result<Option<(usize, Layout)>, ScanError> {
    let start = loop {
        let event = events.next()?;
        match event.data {
            EventData::StreamStart { .. } => {}
            EventData::DocumentStart { .. } => break index(event.start_mark.index, text),
            _ => return Ok(None),
        }
    };
    let line = text.get(..start).unwrap_or_default().rfind(BREAKS).map_or(0, |at| {
        at + text
            .get(at..)
            .and_then(|rest| rest.chars().next())
            .map_or(1, char::len_utf8)
    });
    let mut builder = Builder {
        layout: Layout::default(),
        open: Vec::new(),
        anchors: Vec::new(),
        text,
    };
    loop {
        let event = events.next()?;
        match event.data {
            EventData::DocumentEnd { .. } | EventData::StreamEnd => return Ok(Some((line, builder.layout))),
            _ => builder.take(events, event)?,
        }
    }
}

/// A line feed may have been added behind the text for the parser's sake.
fn index(mark: u64, text: &str) -> usize {
    usize::try_from(mark).unwrap_or(usize::MAX).min(text.len())
}

impl Builder<'_> {
    fn take(&mut self, events: &Events<'_>, event: Event) -> Result<(), ScanError> {
        let line = event.start_mark.line;
        let (outer, end) = (
            index(event.start_mark.index, self.text),
            index(event.end_mark.index, self.text),
        );
        let bare = events.has_bare_tag(&event);
        let (anchor, tag, kind) = match event.data {
            EventData::Scalar {
                anchor,
                tag,
                value,
                plain_implicit,
                style,
                ..
            } => {
                let plain = plain_implicit && !(tag.is_none() && bare);
                let value = scalar::resolve(tag.as_deref(), value, plain).map_err(|error| error.at(line))?;
                (anchor, tag, Kind::Scalar(Style::of(style), value))
            }
            EventData::Alias { anchor } => {
                self.share(&anchor);
                (None, None, Kind::Alias)
            }
            EventData::SequenceStart { anchor, tag, style, .. } => {
                let flow = style == SequenceStyle::Flow;
                (
                    anchor,
                    tag,
                    Kind::Sequence {
                        flow,
                        items: Vec::new(),
                    },
                )
            }
            EventData::MappingStart { anchor, tag, style, .. } => {
                let flow = style == MappingStyle::Flow;
                (
                    anchor,
                    tag,
                    Kind::Mapping {
                        flow,
                        pairs: Vec::new(),
                    },
                )
            }
            EventData::SequenceEnd | EventData::MappingEnd => {
                self.close(end);
                return Ok(());
            }
            _ => return Ok(()),
        };
        let node = Node {
            outer,
            start: content(self.text, outer, end),
            end,
            column: usize::try_from(event.start_mark.column).unwrap_or_default(),
            line,
            tagged: tag.is_some() || bare,
            shared: false,
            kind,
        };
        self.add(node, anchor);
        Ok(())
    }

    fn add(&mut self, node: Node, anchor: Option<String>) {
        let id = self.layout.nodes.len();
        let is_collection = matches!(node.kind, Kind::Sequence { .. } | Kind::Mapping { .. });
        self.layout.nodes.push(node);
        if let Some((_, items)) = self.open.last_mut() {
            items.push(id);
        }
        if let Some(anchor) = anchor {
            self.anchors.push((anchor, id));
        }
        if is_collection {
            self.open.push((id, Vec::new()));
        }
    }

    fn share(&mut self, name: &str) {
        let anchored = self.anchors.iter().rev().find(|(anchor, _)| anchor == name);
        if let Some(node) = anchored.and_then(|(_, id)| self.layout.nodes.get_mut(*id)) {
            node.shared = true;
        }
    }

    fn close(&mut self, mark: usize) {
        let Some((id, children)) = self.open.pop() else { return };
        let first = children.first().and_then(|&first| self.layout.nodes.get(first));
        let first = first.map(|first| (first.outer, first.column));
        let last = children
            .last()
            .and_then(|&last| self.layout.nodes.get(last))
            .map(|last| last.end);
        let Some(node) = self.layout.nodes.get_mut(id) else {
            return;
        };
        let in_flow = match &mut node.kind {
            Kind::Sequence { flow, items } => {
                *items = children;
                *flow
            }
            Kind::Mapping { flow, pairs } => {
                let two = children.chunks_exact(2);
                *pairs = two.filter_map(|two| Some((*two.first()?, *two.get(1)?))).collect();
                *flow
            }
            Kind::Scalar(..) | Kind::Alias => return,
        };
        if in_flow {
            node.end = mark;
        } else {
            // The end of a block is told only with the token behind it.
            node.end = last.unwrap_or(node.start);
            if let (Kind::Mapping { .. }, Some((start, column))) = (&node.kind, first) {
                node.start = start;
                node.column = column;
            }
        }
    }
}

/// Where the content of a node begins, behind its anchor and tag.
fn content(text: &str, outer: usize, end: usize) -> usize {
    let mut at = outer;
    loop {
        let rest = text.get(at..end).unwrap_or_default();
        let skipped = match rest.as_bytes().first() {
            Some(b'&' | b'!') => rest.find(|c: char| c.is_whitespace()).unwrap_or(rest.len()),
            // Blanks and comments, but only behind a property.
            Some(b'#') if at > outer => rest.find(BREAKS).unwrap_or(rest.len()),
            Some(_) if at > outer => {
                let trimmed = rest.trim_start_matches([' ', '\t']).trim_start_matches(BREAKS);
                rest.len() - trimmed.len()
            }
            _ => 0,
        };
        if skipped == 0 {
            return at;
        }
        at += skipped;
    }
}
