//! The values of one document, aliases and merges resolved in passing.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Map, Number, Value};

use super::{
    ScanError, compose,
    compose::{Kind, NodeId, Raw},
    events, number,
    object::Entry,
    one_based,
    scalar::Scalar,
    text, walk,
    wordless::Wordless,
};
use crate::config::ParseError;

/// JSON values are dropped and compared by recursion: what lies deeper is left out. Kubernetes' own decoders
/// stop at 10,000, no rule looks deeper than ten.
const JSON_DEPTH: usize = 128;

/// One document.
#[derive(Debug)]
pub(crate) struct Tree {
    raw: Raw,
    maps: BTreeMap<NodeId, Vec<Entry>>,
    wordless: Wordless,
}

/// A value of a tree.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'t> {
    tree: &'t Tree,
    node: NodeId,
}

/// What a value is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Content<'t> {
    Scalar(&'t Scalar),
    List(&'t [NodeId]),
    Map(&'t [Entry]),
}

/// How numbers come out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Numbers {
    /// As Go's JSON encoder writes them.
    Literal,
    /// As Go's `interface{}` holds them: all of them floats.
    Float,
}

impl Tree {
    /// Reads the first document, as strictly as vCluster does. What follows it is not even looked at.
    pub(crate) fn read(raw: &[u8]) -> Result<Self, ParseError> {
        Self::read_typed(raw)?.printable()
    }

    /// Likewise, for a decoder that knows where Go wants a string: it has to refuse what else is [`Wordless`].
    pub(crate) fn read_typed(raw: &[u8]) -> Result<Self, ParseError> {
        let raw = events::over(text::decode(raw), compose::document)?;
        Ok(Self::resolve(raw.unwrap_or_default(), true)?)
    }

    /// A document that is read as kubectl and Helm read it.
    pub(super) fn read_lenient(raw: Raw) -> Result<Self, ParseError> {
        Self::resolve(raw, false)?.printable()
    }

    fn resolve(raw: Raw, strict: bool) -> Result<Self, ScanError> {
        let walk::Resolved { maps, wordless } = walk::resolve(&raw, strict)?;
        Ok(Self { raw, maps, wordless })
    }

    fn printable(self) -> Result<Self, ParseError> {
        self.wordless.refuse(self.root())?;
        Ok(self)
    }

    pub(crate) fn wordless(&self) -> &Wordless {
        &self.wordless
    }

    /// The whole document.
    pub(crate) fn root(&self) -> View<'_> {
        View { tree: self, node: 0 }
    }
}

impl<'t> View<'t> {
    /// Another value of the same tree.
    pub(crate) fn at(self, node: NodeId) -> Self {
        Self { node, ..self }
    }

    /// 1-based line where the value begins.
    pub(crate) fn line(self) -> Option<usize> {
        self.tree.raw.nodes.get(self.node).and_then(|node| one_based(node.line))
    }

    pub(crate) fn content(self) -> Content<'t> {
        let node = self.target();
        match self.kind(node) {
            Some(Kind::Scalar { value, .. }) => Content::Scalar(value),
            Some(Kind::Sequence(items)) => Content::List(items),
            Some(Kind::Mapping(_)) => Content::Map(self.tree.maps.get(&node).map_or(&[], Vec::as_slice)),
            Some(Kind::Alias(_)) | None => Content::Scalar(&Scalar::Null),
        }
    }

    /// The node itself, or what it is an alias of.
    pub(super) fn target(self) -> NodeId {
        match self.kind(self.node) {
            // An alias never names an alias: an anchor cannot stand before one.
            Some(Kind::Alias(target)) => *target,
            _ => self.node,
        }
    }

    /// Whether this is a block scalar that keeps its lines (`|`).
    pub(crate) fn is_literal(self) -> bool {
        matches!(self.kind(self.node), Some(Kind::Scalar { literal: true, .. }))
    }

    fn kind(self, node: NodeId) -> Option<&'t Kind> {
        self.tree.raw.nodes.get(node).map(|node| &node.kind)
    }

    /// As JSON.
    pub(crate) fn to_json(self, numbers: Numbers) -> Value {
        self.json(numbers, JSON_DEPTH)
    }

    fn json(self, numbers: Numbers, depth: usize) -> Value {
        match self.content() {
            Content::Scalar(scalar) => scalar.to_json(numbers),
            _ if depth == 0 => Value::Null,
            Content::List(items) => items
                .iter()
                .map(|item| self.at(*item).json(numbers, depth - 1))
                .collect(),
            Content::Map(entries) => entries
                .iter()
                .map(|entry| (entry.key.clone(), self.at(entry.value).json(numbers, depth - 1)))
                .collect::<Map<_, _>>()
                .into(),
        }
    }
}

impl Entry {
    /// 1-based line of the key.
    pub(crate) fn line(&self) -> Option<usize> {
        one_based(self.line)
    }
}

impl Scalar {
    /// What a user would call it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Int(_) | Self::Uint(_) | Self::Float(_) => "a number",
            Self::Text(_) => "a string",
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "Go converts the same way")]
    pub(crate) fn to_json(&self, numbers: Numbers) -> Value {
        let as_float = numbers == Numbers::Float;
        match self {
            Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(*value),
            Self::Int(value) if as_float => float_json(*value as f64),
            Self::Uint(value) if as_float => float_json(*value as f64),
            Self::Int(value) => (*value).into(),
            Self::Uint(value) => (*value).into(),
            Self::Float(value) => float_json(*value),
            Self::Text(text) => Value::String(text.clone()),
        }
    }

    /// What a Go `int` holds of it: the JSON literal must be an integer of 64 bits.
    pub(crate) fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(value) => Some(*value),
            Self::Float(value) => number::integer_literal(*value)?.parse().ok(),
            _ => None,
        }
    }

    /// What sigs.k8s.io/yaml makes of it where Go wants a string.
    pub(crate) fn coerced(&self) -> Option<String> {
        match self {
            Self::Null => None,
            Self::Bool(value) => Some(value.to_string()),
            Self::Int(value) => Some(value.to_string()),
            Self::Uint(value) => Some(value.to_string()),
            Self::Float(value) => Some(number::format_float32(*value)),
            Self::Text(text) => Some(text.clone()),
        }
    }
}

fn float_json(value: f64) -> Value {
    let integer = number::integer_literal(value).and_then(|literal| {
        let signed = literal.parse::<i64>().ok().filter(|_| !literal.starts_with("-0"));
        signed
            .map(Number::from)
            .or_else(|| literal.parse::<u64>().ok().map(Number::from))
    });
    integer
        .or_else(|| Number::from_f64(value))
        .map_or(Value::Null, Value::Number)
}
