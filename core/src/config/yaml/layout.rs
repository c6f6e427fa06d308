//! Where everything of a text stands, for whoever edits it in place. Offsets are those of the text itself, so a text
//! that has to be mended before it can be read has no layout.

mod builder;

use alloc::vec::Vec;
use core::ops::Range;

use libyaml_safer::{EventData, ScalarStyle};

use super::{ScanError, events, events::Events, scalar::Scalar, text, text::BREAKS};
use crate::config::ParseError;
use builder::{Builder, index};

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
    let mut builder = Builder::new(text);
    loop {
        let event = events.next()?;
        match event.data {
            EventData::DocumentEnd { .. } | EventData::StreamEnd => return Ok(Some((line, builder.layout()))),
            _ => builder.take(events, event)?,
        }
    }
}
