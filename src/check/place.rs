//! Where things were read: a file, and the line of the key at fault.
//!
//! Only findings want lines, so the text is kept and the document is read again for them; the trees of a thousand
//! manifests would not fit where their texts do.

use std::cell::RefCell;
use std::ops::Range;
use std::sync::Arc;

use serde_json::Value;
use vcluster_guard_core::carrier::locate;
use vcluster_guard_core::carrier::values::Carrier;
use vcluster_guard_core::config::yaml::{self, Document};
use vcluster_guard_core::object::ObjectRef;
use vcluster_guard_core::recognise;

use crate::report::Source;

/// A file that was read.
#[derive(Debug)]
pub(crate) struct File {
    /// As the command line names it.
    pub(crate) name: String,
    /// As messages name it.
    pub(crate) title: String,
    /// Whether the command line names the file itself.
    pub(super) directly: bool,
    pub(crate) text: Vec<u8>,
}

/// Where an object was read.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) file: Arc<File>,
    /// The part of the text that can be read by itself.
    pub(crate) range: Range<usize>,
    pub(crate) lines_before: usize,
    /// Which document of that part.
    pub(crate) document: usize,
    /// JSON pointer to the object inside that document.
    pub(crate) pointer: String,
}

impl Place {
    /// For messages: the file, and the line where the object begins.
    pub(super) fn named(&self) -> String {
        let Source { line, .. } = Lines::default().source(self, "", None);
        format!("{} line {line}", self.file.title)
    }

    fn is_beside(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.file, &other.file) && self.range == other.range
    }
}

/// Reads documents again, for lines. Keeps the last ones: findings come object by object.
#[derive(Debug, Default)]
pub(super) struct Lines {
    last: RefCell<Option<(Place, Vec<Document>)>>,
}

impl Lines {
    /// The line of what a finding's path names in an object of a manifest.
    pub(super) fn in_object(&self, place: &Place, object: &ObjectRef, path: &str) -> Source {
        let found = self.with(place, |document| {
            let value = document.value.pointer(&place.pointer).unwrap_or(&Value::Null);
            match config_text(object, value) {
                Some((pointer, text)) => (pointer.to_owned(), text.and_then(|text| line_in_config(text, path))),
                None => (locate::place(value, path).pointer, None),
            }
        });
        let (pointer, line) = found.unwrap_or_default();
        self.source(place, &pointer, line)
    }

    /// The line of what a finding's path names in values.
    pub(super) fn in_values(&self, place: &Place, carrier: &Carrier, path: &str) -> Source {
        let written = carrier.locate(path);
        self.source(place, &written.pointer, written.line)
    }

    /// The line of a place in the object, or of a line of the text that stands there.
    pub(super) fn source(&self, place: &Place, pointer: &str, line: Option<usize>) -> Source {
        let pointer = format!("{}{pointer}", place.pointer);
        let line = self.with(place, |document| match line {
            Some(line) => document.line_in_text(&pointer, line),
            None => document.line_of(&pointer),
        });
        Source {
            file: place.file.name.clone(),
            line: place.lines_before + line.unwrap_or(1),
        }
    }

    /// The object itself.
    pub(super) fn object(&self, place: &Place) -> Option<Value> {
        self.with(place, |document| document.value.pointer(&place.pointer).cloned())?
    }

    fn with<T>(&self, place: &Place, ask: impl FnOnce(&Document) -> T) -> Option<T> {
        let mut last = self.last.borrow_mut();
        let (_, documents) = match last.take() {
            Some(kept) if kept.0.is_beside(place) => last.insert(kept),
            _ => {
                let text = place.file.text.get(place.range.clone())?;
                last.insert((place.clone(), yaml::documents(text).ok()?))
            }
        };
        documents.get(place.document).map(ask)
    }
}

/// Where a config Secret holds its config, with the text where that is not encoded.
fn config_text<'v>(object: &ObjectRef, value: &'v Value) -> Option<(&'static str, Option<&'v str>)> {
    let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str);
    let is_secret = object.kind == "Secret" && object.api_version == "v1";
    recognise::config_secret(&object.name).filter(|_| is_secret)?;
    // stringData wins over data.
    match text("/stringData/config.yaml") {
        Some(config) => Some(("/stringData/config.yaml", Some(config))),
        None => text("/data/config.yaml").map(|_| ("/data/config.yaml", None)),
    }
}

/// The line of a path in the text of a config.
fn line_in_config(text: &str, path: &str) -> Option<usize> {
    let documents = yaml::documents(text.as_bytes()).ok()?;
    let document = documents.first()?;
    let found = locate::place(&document.value, path);
    Some(if found.depth > 0 {
        document.line_of(&found.pointer)
    } else {
        line_in_path(path).unwrap_or(1)
    })
}

/// `config.yaml line 12` names a line of the text by itself.
fn line_in_path(path: &str) -> Option<usize> {
    path.rsplit_once(" line ")?.1.parse().ok()
}
