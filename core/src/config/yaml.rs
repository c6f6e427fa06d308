//! YAML as Kubernetes' Go programs read it: `sigs.k8s.io/yaml` over `go.yaml.in/yaml/v2`.
//!
//! ```text
//! bytes -> text -> events (libyaml) -> compose (nodes) -> walk (what Go refuses) -> Tree -> typed config or JSON
//! ```
//!
//! `Tree::read` is strict, as vCluster reads its config; [`documents`] is lenient, as kubectl and Helm read
//! manifests: any number of documents, and the last of several equal keys counts.

mod compose;
mod document;
mod events;
pub(crate) mod layout;
mod mend;
mod narrow;
mod number;
mod object;
#[cfg(test)]
mod oracle;
mod scalar;
mod source;
mod split;
#[cfg(test)]
mod tests;
mod text;
mod timestamp;
mod tree;
mod walk;
mod wordless;

pub use document::{Document, documents};
pub(crate) use scalar::Scalar;
pub use split::{Piece, pieces};
pub(crate) use tree::{Content, Numbers, Tree, View};
pub(crate) use wordless::Wordless;

use serde_json::Value;

use super::ParseError;

/// The first document as JSON, read as strictly as vCluster reads its config: what `YAMLToJSONStrict` makes of it.
pub fn to_json_strict(text: &[u8]) -> Result<Value, ParseError> {
    Ok(Tree::read(text)?.root().to_json(Numbers::Literal))
}

/// Why a text is refused, before it is told to the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct ScanError {
    message: &'static str,
    /// 1-based.
    line: Option<usize>,
    /// Where something stands that only the parser refuses (see [`mend`]).
    mendable: Option<usize>,
}

impl ScanError {
    const fn new(message: &'static str) -> Self {
        Self {
            message,
            line: None,
            mendable: None,
        }
    }

    /// At a 0-based line.
    fn at(self, line: u64) -> Self {
        Self {
            line: one_based(line),
            ..self
        }
    }
}

fn one_based(line: u64) -> Option<usize> {
    usize::try_from(line).ok().map(|line| line.saturating_add(1))
}

impl From<ScanError> for ParseError {
    fn from(error: ScanError) -> Self {
        Self::new(error.message, error.line)
    }
}

/// What a plain scalar of this text is.
pub(crate) fn plain(text: &str) -> Scalar {
    scalar::resolve(None, text.into(), true).unwrap_or(Scalar::Null)
}
