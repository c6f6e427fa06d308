//! One file to its objects. Whatever is wrong with one document of it leaves the others as they are.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use serde_json::{Deserializer, Value};
use vcluster_guard_core::carrier::locate;
use vcluster_guard_core::carrier::values::{self, Carrier, Refusal, Refused};
use vcluster_guard_core::config::yaml::{self, Piece};
use vcluster_guard_core::join::Item;
use vcluster_guard_core::object::ObjectRef;

use super::files::{self, Named, Texts};
use super::place::{File, Lines, Place};
use crate::report::Source;

/// Lists in lists are flattened as deep as kubectl would ever find them.
const NESTED_LISTS: usize = 16;

/// Kinds without a namespace that are read.
const CLUSTER_WIDE: [&str; 2] = ["Node", "PriorityClass"];

/// What one file holds for us.
#[derive(Debug, Default)]
pub(super) struct Reading {
    pub(super) objects: Vec<Object>,
    pub(super) carriers: Vec<(Place, Carrier)>,
    /// What could not be read.
    pub(super) problems: Vec<String>,
    /// What was seen and not judged.
    pub(super) notes: Vec<String>,
    /// Documents with something in them, so far.
    documents: usize,
    /// Of what names none.
    namespace: Option<String>,
}

/// An object that is part of a vCluster, or decides over one.
#[derive(Debug)]
pub(super) struct Object {
    pub(super) name: ObjectRef,
    pub(super) place: Place,
    pub(super) item: Item,
    /// Of all its content.
    pub(super) digest: u64,
}

impl Reading {
    /// Reads a whole file, or the text that stands in its place.
    pub(super) fn of(named: &Named, texts: &Texts, namespace: Option<&str>) -> Self {
        let mut reading = Self {
            namespace: namespace.map(String::from),
            ..Self::default()
        };
        let name = named.path.display().to_string();
        let other = texts.get(&name).map(|text| Ok(text.clone()));
        let text = match other.unwrap_or_else(|| files::read(&named.path)) {
            Ok(text) => text,
            Err(problem) => {
                reading.problems.push(problem);
                return reading;
            }
        };
        let file = Arc::new(File {
            name,
            title: files::name(&named.path),
            directly: named.directly,
            text,
        });
        match json_values(&file.text) {
            Some(values) => {
                for (piece, value) in values {
                    reading.document(&file, &piece, 0, value);
                }
            }
            None => {
                for piece in yaml::pieces(&file.text) {
                    reading.piece(&file, &piece);
                }
            }
        }
        reading
    }

    fn piece(&mut self, file: &Arc<File>, piece: &Piece) {
        let text = file.text.get(piece.range.clone()).unwrap_or_default();
        match yaml::documents(text) {
            Ok(documents) => {
                for (number, document) in documents.into_iter().enumerate() {
                    self.document(file, piece, number, document.value);
                }
            }
            Err(error) => {
                let line = error.line.map(|line| format!(" line {}", line + piece.lines_before));
                let line = line.unwrap_or_default();
                self.problems.push(format!("{}{line}: {}", file.title, error.message));
            }
        }
    }

    fn document(&mut self, file: &Arc<File>, piece: &Piece, number: usize, value: Value) {
        if crate::policy::looks_like_one(&value) {
            let what = format!("{} looks like a policy file; pass it with --config", file.title);
            let told = if file.directly {
                &mut self.problems
            } else {
                &mut self.notes
            };
            told.push(what);
            return;
        }
        self.documents += 1;
        let place = Place {
            file: Arc::clone(file),
            range: piece.range.clone(),
            lines_before: piece.lines_before,
            document: number,
            pointer: String::new(),
        };
        self.object(place, value, NESTED_LISTS);
    }

    fn object(&mut self, place: Place, mut object: Value, depth: usize) {
        let kind = text_at(&object, "/kind");
        let Some(kind_of_items) = kind.strip_suffix("List").map(str::to_owned) else {
            return self.single(place, object);
        };
        let version = text_at(&object, "/apiVersion").to_owned();
        let Some(Value::Array(items)) = object.get_mut("items").map(Value::take) else {
            return self.single(place, object);
        };
        if depth == 0 {
            let what = format!("{}: lists are nested too deeply", place.file.title);
            self.problems.push(what);
            return;
        }
        for (index, mut item) in items.into_iter().enumerate() {
            // The API server leaves out what the list says already.
            if let Some(item) = item.as_object_mut().filter(|_| !kind_of_items.is_empty()) {
                item.entry("kind").or_insert_with(|| kind_of_items.clone().into());
                item.entry("apiVersion").or_insert_with(|| version.clone().into());
            }
            let place = Place {
                pointer: format!("{}/items/{index}", place.pointer),
                ..place.clone()
            };
            self.object(place, item, depth - 1);
        }
    }

    fn single(&mut self, place: Place, mut object: Value) {
        self.settle(&mut object);
        let object = &object;
        self.values(&place, object);
        let item = match Item::of(object) {
            Ok(Some(item)) => item,
            Ok(None) => return,
            Err(error) => {
                let pointer = locate::place(object, &error.misfit.path).pointer;
                let Source { line, .. } = Lines::default().source(&place, &pointer, None);
                self.problems.push(format!("{} line {line}: {error}", place.file.title));
                return;
            }
        };
        let mut hasher = DefaultHasher::new();
        object.hash(&mut hasher);
        self.objects.push(Object {
            name: ObjectRef {
                api_version: text_at(object, "/apiVersion").to_owned().into(),
                kind: text_at(object, "/kind").to_owned().into(),
                namespace: text_at(object, "/metadata/namespace").into(),
                name: text_at(object, "/metadata/name").into(),
            },
            place,
            item,
            digest: hasher.finish(),
        });
    }

    /// Gives an object the namespace that it does not name, as `kubectl -n` does.
    fn settle(&self, object: &mut Value) {
        let Some(namespace) = &self.namespace else { return };
        if CLUSTER_WIDE.contains(&text_at(object, "/kind")) || !text_at(object, "/metadata/namespace").is_empty() {
            return;
        }
        if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.insert("namespace".into(), namespace.as_str().into());
        }
    }

    /// The values in an object, if it carries any.
    fn values(&mut self, place: &Place, object: &Value) {
        // Of several documents in one file each is a vCluster of its own.
        let name = match self.documents {
            0 | 1 => place.file.name.clone(),
            number => format!("{}#{number}", place.file.name),
        };
        for carrier in values::read(object, &name) {
            match carrier {
                Ok(mut carrier) => {
                    if let Some(namespace) = self.namespace.as_ref().filter(|_| carrier.release.namespace.is_empty()) {
                        carrier.release.namespace.clone_from(namespace);
                    }
                    self.carriers.push((place.clone(), carrier));
                }
                Err(refused) => self.refuse(place, &refused),
            }
        }
    }

    fn refuse(&mut self, place: &Place, refused: &Refused) {
        let Refused { object, why } = refused;
        let named = format!("{} {}", object.kind, object.name);
        let Refusal::Unreadable { pointer, error } = why else {
            self.notes.push(format!("{named}: {why}"));
            return;
        };
        let Source { line, .. } = Lines::default().source(place, pointer, error.line);
        self.problems
            .push(format!("{} line {line}: {named}: {why}", place.file.title));
    }
}

/// The values of a JSON text, one or several as kubectl takes them, if it is one.
fn json_values(text: &[u8]) -> Option<Vec<(Piece, Value)>> {
    if text.trim_ascii_start().first() != Some(&b'{') {
        return None;
    }
    let mut values = Vec::new();
    let mut stream = Deserializer::from_slice(text).into_iter::<Value>();
    let (mut start, mut lines_before) = (0, 0);
    while let Some(value) = stream.next() {
        // A YAML flow mapping begins like this, too.
        let value = value.ok()?;
        let range = start..stream.byte_offset();
        let line_feeds = text.get(range.clone())?.split(|&byte| byte == b'\n').count() - 1;
        start = range.end;
        values.push((Piece { range, lines_before }, value));
        lines_before += line_feeds;
    }
    Some(values)
}

fn text_at<'v>(object: &'v Value, pointer: &str) -> &'v str {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}
