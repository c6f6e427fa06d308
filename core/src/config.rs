//! A vCluster's `config.yaml`, read exactly as vCluster reads it.
//!
//! vCluster hands the text to `sigs.k8s.io/yaml` `UnmarshalStrict` (vcluster: pkg/config/parse.go): YAML 1.1,
//! then JSON, then Go's decoder with its case-folded keys. A reader that differs is a way around the rules.

mod decode;
mod fold;
mod image;
pub mod key;
mod reads;
mod shape;
mod slot;
pub mod yaml;

use alloc::string::String;
use core::fmt;

use serde_json::Value;

use decode::Decoded;
pub use fold::folds_to;
use key::{Any, Flag, Int, Key, StrBool, Text};
use reads::Reads;

/// What Kubernetes lets a Secret hold (k8s: `MaxSecretSize`).
pub const MAX_BYTES: usize = 1 << 20;

/// A config text that vCluster would accept, as far as the keys of [`key`] go. Its `Debug` shows no value.
#[derive(Clone)]
pub struct Config {
    decoded: Decoded,
    reads: Option<Reads>,
}

/// Why vCluster would refuse the text. The message quotes no value of the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ParseError {
    /// What vCluster says of it, in our words; never a value of the text.
    pub message: String,
    /// 1-based line in the config text, where one can be named.
    pub line: Option<usize>,
    /// Dotted path of the key at fault, where one can be named.
    pub path: Option<&'static str>,
}

impl ParseError {
    pub(crate) fn new(message: impl Into<String>, line: Option<usize>) -> Self {
        Self {
            message: message.into(),
            line,
            path: None,
        }
    }
}

static NULL: Value = Value::Null;

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Config").field(&self.decoded.values.keys()).finish()
    }
}

impl Config {
    /// Reads the bytes of the Secret key `config.yaml`.
    pub fn parse(text: &[u8]) -> Result<Self, ParseError> {
        if text.len() > MAX_BYTES {
            return Err(ParseError::new("the config is larger than a Secret can be", None));
        }
        let tree = yaml::Tree::read_typed(text)?;
        Ok(Self {
            decoded: decode::decode(&tree)?,
            reads: None,
        })
    }

    /// The boolean at `key`; Go's zero value (`false`) when absent.
    #[must_use]
    pub fn flag(&self, key: Key<Flag>) -> bool {
        self.value(key.path).as_bool().unwrap_or_default()
    }

    /// The integer at `key`; 0 when absent.
    #[must_use]
    pub fn int(&self, key: Key<Int>) -> i64 {
        self.value(key.path).as_i64().unwrap_or_default()
    }

    /// The string at `key`; empty when absent.
    #[must_use]
    pub fn text(&self, key: Key<Text>) -> &str {
        self.value(key.path).as_str().unwrap_or_default()
    }

    /// The text that Go's `StrBool` keeps (`true`, `false`, `auto`, or any quoted string); empty when absent.
    #[must_use]
    pub fn strbool(&self, key: Key<StrBool>) -> &str {
        self.value(key.path).as_str().unwrap_or_default()
    }

    /// Whatever stands at `key` (a list, a map, an int-or-string); `Null` when absent.
    ///
    /// An image is always an object of `registry`, `repository` and `tag`, also where the text gives a string. Keys
    /// inside a struct that [`key`] does not spell out are spelled as the text spells them: find them with [`member`].
    #[must_use]
    pub fn any(&self, key: Key<Any>) -> &Value {
        self.value(key.path)
    }

    /// 1-based line of the dotted path (or of its nearest ancestor that is written), for reports.
    #[must_use]
    pub fn line(&self, path: &str) -> Option<usize> {
        let mut path = path;
        loop {
            if let Some(line) = self.decoded.lines.get(path) {
                return Some(*line);
            }
            path = path.rsplit_once('.')?.0;
        }
    }

    /// Whether the text says anything at this very path. Old charts' Secrets lack whole keys, whose zero value is not
    /// what the chart renders.
    #[must_use]
    pub fn is_written(&self, path: &str) -> bool {
        self.note(path);
        self.decoded.lines.contains_key(path)
    }

    /// From now on, remembers which keys are read.
    pub(crate) fn watch(&mut self) {
        self.reads = Some(Reads::default());
    }

    /// The keys that were read since the last call.
    pub(crate) fn take_reads(&self) -> impl Iterator<Item = &'static str> {
        self.reads.iter().flat_map(Reads::take)
    }

    fn note(&self, path: &str) {
        if let Some(reads) = &self.reads {
            reads.note(path);
        }
    }

    fn value(&self, path: &str) -> &Value {
        self.note(path);
        self.decoded.values.get(path).unwrap_or(&NULL)
    }
}

/// The member of a JSON object that Go decodes into the field `name`: of several that fold to it, the last.
#[must_use]
pub fn member<'v>(object: &'v Value, name: &str) -> Option<&'v Value> {
    // Sorted as Go's encoder sorts keys.
    let mut members = object.as_object()?.iter().rev();
    members.find(|(key, _)| folds_to(key, name)).map(|(_, value)| value)
}

#[cfg(test)]
#[path = "config/tests.rs"]
mod tests;
