//! A vCluster's `config.yaml`, read exactly as vCluster reads it.
//!
//! vCluster hands the text to `sigs.k8s.io/yaml` `UnmarshalStrict` (vcluster: pkg/config/parse.go): YAML 1.1,
//! then JSON, then Go's decoder with its case-folded keys. A reader that differs is a way around the rules.

pub mod key;

use alloc::string::String;

use key::{Any, Flag, Int, Key, StrBool, Text};

/// A config text that vCluster would accept, as far as the keys of [`key`] go.
#[derive(Debug, Clone)]
pub struct Config {
    root: serde_json::Value,
}

/// Why vCluster would refuse the text. The message quotes no value of the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ParseError {
    /// What vCluster says of it, in our words; never a value of the text.
    pub message: String,
    /// 1-based line in the config text, where one can be named.
    pub line: Option<usize>,
}

impl Config {
    /// Reads the bytes of the Secret key `config.yaml`.
    pub fn parse(_text: &[u8]) -> Result<Self, ParseError> {
        Ok(Self {
            root: serde_json::Value::Null,
        })
    }

    /// The boolean at `key`; Go's zero value (`false`) when absent.
    #[must_use]
    pub fn flag(&self, _key: Key<Flag>) -> bool {
        false
    }

    /// The integer at `key`; 0 when absent.
    #[must_use]
    pub fn int(&self, _key: Key<Int>) -> i64 {
        0
    }

    /// The string at `key`; empty when absent.
    #[must_use]
    pub fn text(&self, _key: Key<Text>) -> &str {
        ""
    }

    /// The text that Go's `StrBool` keeps (`true`, `false`, `auto`, or any quoted string); empty when absent.
    #[must_use]
    pub fn strbool(&self, _key: Key<StrBool>) -> &str {
        ""
    }

    /// Whatever stands at `key` (a list, a map, an int-or-string); `Null` when absent.
    #[must_use]
    pub fn any(&self, _key: Key<Any>) -> &serde_json::Value {
        &self.root
    }

    /// 1-based line of the dotted path (or of its nearest ancestor that is written), for reports.
    #[must_use]
    pub fn line(&self, _path: &str) -> Option<usize> {
        None
    }
}
