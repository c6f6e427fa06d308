//! Values at one place of an object, in one of the ways in which they are written.

use alloc::string::String;

use serde_json::Value;

use crate::carrier::locate::Place;
use crate::config::yaml::Document;

/// Values at one place of the object. Its `Debug` shows none of them.
pub(super) struct Layer {
    /// JSON pointer in the object to the map, the text or the parameter.
    pub(super) pointer: String,
    /// Where the values begin inside that.
    pub(super) inside: &'static str,
    pub(super) values: Value,
    pub(super) form: Form,
    /// Whether something of it is yet to be filled in.
    pub(super) open: bool,
}

/// How values are written.
pub(super) enum Form {
    /// As a part of the object.
    Map,
    /// As a text in the object; here for its lines.
    Text(Document),
    /// As one parameter.
    Parameter,
}

impl core::fmt::Debug for Layer {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Layer")
            .field("pointer", &self.pointer)
            .finish_non_exhaustive()
    }
}

/// Where a key of the values is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// JSON pointer in the object: to the key itself, or to the text that holds it.
    pub pointer: String,
    /// 1-based line in that text.
    pub line: Option<usize>,
}

impl Layer {
    pub(super) fn written(&self, place: &Place) -> Written {
        let (pointer, line) = match &self.form {
            Form::Map => ([&self.pointer, self.inside, &place.pointer].concat(), None),
            Form::Text(text) => {
                let line = (place.depth > 0).then(|| text.line_of(&place.pointer));
                (self.pointer.clone(), line)
            }
            Form::Parameter => (self.pointer.clone(), None),
        };
        Written { pointer, line }
    }
}
