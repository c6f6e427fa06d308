//! Where things were read: a file, and the line of the key at fault.
//!
//! Only findings want lines, so the text is kept and read again for them; the trees of a thousand manifests would not
//! fit where their texts do.

use std::cell::RefCell;
use std::rc::Rc;

use serde_json::Value;
use vcluster_guard_core::carrier::locate;
use vcluster_guard_core::carrier::values::Carrier;
use vcluster_guard_core::config::yaml::{self, Document};
use vcluster_guard_core::recognise;

use crate::report::Source;

/// A file that was read.
#[derive(Debug)]
pub(super) struct File {
    pub(super) name: String,
    pub(super) text: Vec<u8>,
}

/// Where an object was read.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) file: Rc<File>,
    /// Which document of it.
    pub(super) document: usize,
    /// JSON pointer to the object inside that document.
    pub(super) pointer: String,
}

/// Reads files again, for lines. Keeps the last one: findings come object by object.
#[derive(Debug, Default)]
pub(super) struct Lines {
    last: RefCell<Option<(Rc<File>, Vec<Document>)>>,
}

impl Lines {
    /// The line of what a finding's path names in an object of a manifest.
    pub(super) fn in_object(&self, place: &Place, object: &Value, path: &str) -> Source {
        match config_text(object) {
            Some((pointer, Some(text))) => {
                let line = yaml::documents(text.as_bytes()).ok().and_then(|documents| {
                    let document = documents.first()?;
                    let found = locate::place(&document.value, path);
                    Some(if found.depth > 0 {
                        document.line_of(&found.pointer)
                    } else {
                        line_in_path(path).unwrap_or(1)
                    })
                });
                self.source(place, pointer, line)
            }
            Some((pointer, None)) => self.source(place, pointer, None),
            None => self.source(place, &locate::place(object, path).pointer, None),
        }
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
            line: line.unwrap_or(1),
        }
    }

    fn with<T>(&self, place: &Place, ask: impl FnOnce(&Document) -> T) -> Option<T> {
        let mut last = self.last.borrow_mut();
        let (_, documents) = match last.take() {
            Some(kept) if Rc::ptr_eq(&kept.0, &place.file) => last.insert(kept),
            _ => {
                let documents = yaml::documents(&place.file.text).ok()?;
                last.insert((place.file.clone(), documents))
            }
        };
        documents.get(place.document).map(ask)
    }
}

/// Where a config Secret holds its config, with the text where that is not encoded.
fn config_text(object: &Value) -> Option<(&'static str, Option<&str>)> {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str);
    let is_secret = text("/kind") == Some("Secret") && text("/apiVersion") == Some("v1");
    recognise::config_secret(text("/metadata/name")?).filter(|_| is_secret)?;
    // stringData wins over data.
    match text("/stringData/config.yaml") {
        Some(config) => Some(("/stringData/config.yaml", Some(config))),
        None => text("/data/config.yaml").map(|_| ("/data/config.yaml", None)),
    }
}

/// `config.yaml line 12` names a line of the text by itself.
fn line_in_path(path: &str) -> Option<usize> {
    path.rsplit_once(" line ")?.1.parse().ok()
}
