//! Events to nodes with their places.

use alloc::string::String;
use alloc::vec::Vec;

use libyaml_safer::{Event, EventData, MappingStyle, SequenceStyle};

use super::super::{ScanError, events::Events, scalar, text::BREAKS};
use super::{Id, Kind, Layout, Node, Style};

/// A document while its events come in.
pub(super) struct Builder<'t> {
    layout: Layout,
    open: Vec<(Id, Vec<Id>)>,
    anchors: Vec<(String, Id)>,
    text: &'t str,
}

/// A line feed may have been added behind the text for the parser's sake.
pub(super) fn index(mark: u64, text: &str) -> usize {
    usize::try_from(mark).unwrap_or(usize::MAX).min(text.len())
}

impl<'t> Builder<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            layout: Layout::default(),
            open: Vec::new(),
            anchors: Vec::new(),
            text,
        }
    }

    pub(super) fn layout(self) -> Layout {
        self.layout
    }

    pub(super) fn take(&mut self, events: &Events<'_>, event: Event) -> Result<(), ScanError> {
        let line = event.start_mark.line;
        let (outer, end) = (
            index(event.start_mark.index, self.text),
            index(event.end_mark.index, self.text),
        );
        let (plain, bare) = (events.is_plain(&event), events.has_bare_tag(&event));
        let column = event.start_mark.column;
        let (anchor, tag, kind) = match event.data {
            EventData::SequenceEnd | EventData::MappingEnd => {
                self.close(end);
                return Ok(());
            }
            EventData::Alias { anchor } => {
                self.share(&anchor);
                (None, None, Kind::Alias)
            }
            data => match parts(data, plain).map_err(|error| error.at(line))? {
                Some(parts) => parts,
                None => return Ok(()),
            },
        };
        let node = Node {
            outer,
            start: content(self.text, outer, end),
            end,
            column: usize::try_from(column).unwrap_or_default(),
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

/// Anchor, tag and kind of a node.
type Parts = (Option<String>, Option<String>, Kind);

/// What an event says of the node that it begins, if it begins one.
fn parts(data: EventData, plain: bool) -> Result<Option<Parts>, ScanError> {
    Ok(Some(match data {
        EventData::Scalar {
            anchor,
            tag,
            value,
            style,
            ..
        } => {
            let value = scalar::resolve(tag.as_deref(), value, plain)?;
            (anchor, tag, Kind::Scalar(Style::of(style), value))
        }
        EventData::SequenceStart { anchor, tag, style, .. } => {
            let (flow, items) = (style == SequenceStyle::Flow, Vec::new());
            (anchor, tag, Kind::Sequence { flow, items })
        }
        EventData::MappingStart { anchor, tag, style, .. } => {
            let (flow, pairs) = (style == MappingStyle::Flow, Vec::new());
            (anchor, tag, Kind::Mapping { flow, pairs })
        }
        _ => return Ok(None),
    }))
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
