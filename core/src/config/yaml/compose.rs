//! Events to a tree, one document at a time (go.yaml.in/yaml/v2: decode.go, `parser`). Aliases stay what they are.

use alloc::{collections::BTreeMap, string::String, vec::Vec};

use libyaml_safer::{Event, EventData, MappingStyle, ScalarStyle, SequenceStyle};

use super::{
    ScanError,
    events::Events,
    scalar::{self, Scalar},
};

/// Place of a node in its tree.
pub(super) type NodeId = usize;

#[derive(Debug)]
pub(super) enum Kind {
    Scalar {
        value: Scalar,
        merge: bool,
        /// `|`: its lines are lines of the text.
        literal: bool,
    },
    Sequence(Vec<NodeId>),
    Mapping(Vec<(NodeId, NodeId)>),
    Alias(NodeId),
}

#[derive(Debug)]
pub(super) struct Node {
    /// 0-based.
    pub(super) line: u64,
    pub(super) kind: Kind,
}

/// The nodes of one document; children come after their parents.
#[derive(Debug, Default)]
pub(super) struct Raw {
    pub(super) nodes: Vec<Node>,
}

/// A collection whose end has not come yet.
struct Open {
    id: NodeId,
    mapping: bool,
    items: Vec<NodeId>,
}

/// The next document, or nothing at the end of the stream.
pub(super) fn document(events: &mut Events<'_>) -> Result<Option<Raw>, ScanError> {
    loop {
        match events.next()?.data {
            EventData::StreamStart { .. } => {}
            EventData::DocumentStart { .. } => break,
            _ => return Ok(None),
        }
    }
    let mut composer = Composer::default();
    loop {
        let event = events.next()?;
        if matches!(event.data, EventData::DocumentEnd { .. } | EventData::StreamEnd) {
            return Ok(Some(composer.raw));
        }
        composer.take(events, event)?;
        if composer.ends_with_empty_key() {
            composer.raw.nodes.swap_remove(0);
            return Ok(Some(composer.raw));
        }
    }
}

#[derive(Default)]
struct Composer {
    raw: Raw,
    open: Vec<Open>,
    /// Where the first two collections begin: a block mapping and a bare flow collection, or it does not matter.
    first: Option<u64>,
    second: Option<u64>,
    anchors: BTreeMap<String, NodeId>,
}

impl Composer {
    /// `{}: 1` at the start is the document `{}` to go-yaml, which forgets that an empty flow collection may be
    /// a key (scannerc.go `yaml_parser_decrease_flow_level`), and what follows is never read.
    fn ends_with_empty_key(&self) -> bool {
        self.first.is_some() && self.first == self.second && self.raw.nodes.len() == 2 && self.open.len() == 1
    }

    fn note(&mut self, event: &Event) {
        let start = Some(event.start_mark.index);
        match (self.raw.nodes.len(), &event.data) {
            (
                0,
                EventData::MappingStart {
                    style: MappingStyle::Block,
                    ..
                },
            ) => self.first = start,
            (
                1,
                EventData::MappingStart {
                    anchor: None,
                    tag: None,
                    style: MappingStyle::Flow,
                    ..
                }
                | EventData::SequenceStart {
                    anchor: None,
                    tag: None,
                    style: SequenceStyle::Flow,
                    ..
                },
            ) => self.second = start,
            _ => {}
        }
    }

    fn take(&mut self, events: &Events<'_>, event: Event) -> Result<(), ScanError> {
        let line = event.start_mark.line;
        self.note(&event);
        let plain = events.is_plain(&event);
        match event.data {
            EventData::Scalar {
                anchor,
                tag,
                value,
                plain_implicit,
                style,
                ..
            } => {
                let literal = style == ScalarStyle::Literal;
                let merge = value == "<<" && (plain_implicit || tag.as_deref() == Some(scalar::MERGE));
                let value = scalar::resolve(tag.as_deref(), value, plain).map_err(|e| e.at(line))?;
                self.add(line, anchor, Kind::Scalar { value, merge, literal });
            }
            EventData::Alias { anchor } => {
                let target = self.anchors.get(&anchor).copied();
                let target = target.ok_or(ScanError::new("an alias names an unknown anchor").at(line))?;
                self.add(line, None, Kind::Alias(target));
            }
            EventData::SequenceStart { anchor, .. } => self.begin(line, anchor, false),
            EventData::MappingStart { anchor, .. } => self.begin(line, anchor, true),
            EventData::SequenceEnd | EventData::MappingEnd => self.end(),
            _ => {}
        }
        Ok(())
    }

    fn add(&mut self, line: u64, anchor: Option<String>, kind: Kind) -> NodeId {
        let id = self.raw.nodes.len();
        if let Some(anchor) = anchor {
            self.anchors.insert(anchor, id);
        }
        if let Some(open) = self.open.last_mut() {
            open.items.push(id);
        }
        self.raw.nodes.push(Node { line, kind });
        id
    }

    fn begin(&mut self, line: u64, anchor: Option<String>, mapping: bool) {
        let id = self.add(line, anchor, Kind::Sequence(Vec::new()));
        self.open.push(Open {
            id,
            mapping,
            items: Vec::new(),
        });
    }

    fn end(&mut self) {
        let Some(open) = self.open.pop() else { return };
        let kind = if open.mapping {
            let pairs = open.items.chunks_exact(2);
            Kind::Mapping(pairs.filter_map(|pair| Some((*pair.first()?, *pair.get(1)?))).collect())
        } else {
            Kind::Sequence(open.items)
        };
        if let Some(node) = self.raw.nodes.get_mut(open.id) {
            node.kind = kind;
        }
    }
}
