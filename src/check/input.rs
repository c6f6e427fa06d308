//! Files, directories and standard input, as objects by release, and as values of releases to come.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::{Context, bail};
use serde_json::Value;
use vcluster_guard_core::carrier::values::{self, Carrier, Refusal, Refused, VALUES_KIND};
use vcluster_guard_core::config::yaml;
use vcluster_guard_core::join::Releases;
use vcluster_guard_core::object::ObjectRef;

use super::place::{File, Lines, Place};
use crate::report::Source;

/// A manifest is text; whoever hands us more has mistaken the file.
const MAX_FILE_BYTES: u64 = 256 << 20;

/// What was read.
#[derive(Debug, Default)]
pub(super) struct Input {
    pub(super) releases: Releases,
    /// What could not be read.
    pub(super) problems: Vec<String>,
    /// What was seen and not judged.
    pub(super) notes: Vec<String>,
    carriers: Vec<(Place, Carrier)>,
    objects: BTreeMap<(String, String, String), (Place, Value)>,
    lines: Lines,
}

impl Input {
    /// Reads every file, every manifest below every directory, and standard input for `-`.
    pub(super) fn read(files: &[PathBuf]) -> anyhow::Result<Self> {
        let mut input = Self::default();
        for file in files {
            input.path(file)?;
        }
        let (releases, problems) = super::releases(input.objects.values().map(|(_, object)| object));
        input.releases = releases;
        input.problems.extend(problems);
        Ok(input)
    }

    fn path(&mut self, path: &Path) -> anyhow::Result<()> {
        if path.as_os_str() == "-" {
            let mut text = Vec::new();
            std::io::stdin()
                .take(MAX_FILE_BYTES)
                .read_to_end(&mut text)
                .context("cannot read standard input")?;
            return self.text("-", text);
        }
        let about = fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?;
        if about.is_dir() {
            return self.directory(path);
        }
        if about.len() > MAX_FILE_BYTES {
            bail!(
                "{} is larger than {} MiB; is it a manifest?",
                path.display(),
                MAX_FILE_BYTES >> 20
            );
        }
        let text = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        self.text(&path.display().to_string(), text)
    }

    fn directory(&mut self, directory: &Path) -> anyhow::Result<()> {
        let entries = fs::read_dir(directory).with_context(|| format!("cannot list {}", directory.display()))?;
        let mut paths = entries
            .map(|entry| Ok(entry?.path()))
            .collect::<Result<Vec<PathBuf>, std::io::Error>>()?;
        paths.sort();
        for path in paths {
            let manifest = path
                .extension()
                .is_some_and(|extension| ["yaml", "yml", "json"].iter().any(|&e| extension == e));
            if path.is_dir() || manifest {
                self.path(&path)?;
            }
        }
        Ok(())
    }

    fn text(&mut self, file: &str, text: Vec<u8>) -> anyhow::Result<()> {
        let named = if file == "-" { "standard input" } else { file };
        let documents = match yaml::documents(&text) {
            Ok(documents) => documents,
            Err(error) => {
                let line = error.line.map(|line| format!(" line {line}")).unwrap_or_default();
                bail!("{named}{line}: {}", error.message);
            }
        };
        let file = Rc::new(File {
            name: file.into(),
            text,
        });
        for (number, document) in documents.into_iter().enumerate() {
            let place = |pointer: String| Place {
                file: file.clone(),
                document: number,
                pointer,
            };
            if crate::policy::looks_like_one(&document.value) {
                self.problems
                    .push(format!("{named} looks like a policy file; pass it with --config"));
                continue;
            }
            let is_list = text_at(&document.value, "/kind").ends_with("List");
            match document.value.get("items").and_then(Value::as_array) {
                Some(items) if is_list => {
                    for (index, item) in items.iter().enumerate() {
                        self.object(place(format!("/items/{index}")), item.clone());
                    }
                }
                _ => self.object(place(String::new()), document.value),
            }
        }
        Ok(())
    }

    fn object(&mut self, place: Place, object: Value) {
        self.values(&place, &object);
        let [kind, namespace, name] =
            ["/kind", "/metadata/namespace", "/metadata/name"].map(|pointer| text_at(&object, pointer).to_owned());
        if !kind.is_empty() {
            self.objects.insert((kind, namespace, name), (place, object));
        }
    }

    /// The values in an object, if it carries any.
    fn values(&mut self, place: &Place, object: &Value) {
        // Of several documents in one file each is a vCluster of its own.
        let name = match place.document {
            0 => place.file.name.clone(),
            number => format!("{}#{}", place.file.name, number + 1),
        };
        for carrier in values::read(object, &name) {
            match carrier {
                Ok(carrier) => self.carriers.push((place.clone(), carrier)),
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
        let Source { file, line } = self.lines.source(place, pointer, error.line);
        self.problems.push(format!("{file} line {line}: {named}: {why}"));
    }

    fn find(&self, object: &ObjectRef) -> Option<&(Place, Value)> {
        let key = |namespace: &str| (object.kind.clone(), namespace.to_owned(), object.name.clone());
        // The chart's budgets are rendered without a namespace.
        self.objects
            .get(&key(&object.namespace))
            .or_else(|| self.objects.get(&key("")))
    }

    /// Where a path of an object was read.
    pub(super) fn source(&self, object: &ObjectRef, path: &str) -> Option<Source> {
        let (place, value) = self.find(object)?;
        Some(self.lines.in_object(place, value, path))
    }

    /// The object itself.
    pub(super) fn object_of(&self, object: &ObjectRef) -> Option<&Value> {
        self.find(object).map(|(_, object)| object)
    }

    /// Every set of values, in the order in which they were read.
    pub(super) fn carriers(&self) -> impl Iterator<Item = (&Place, &Carrier)> {
        self.carriers.iter().map(|(place, carrier)| (place, carrier))
    }

    /// The values that this input has for the same vCluster. Two lone values files need not share a name.
    pub(super) fn carrier_of(&self, later: &Carrier) -> Option<&Carrier> {
        let mut follows = self
            .carriers()
            .map(|(_, carrier)| carrier)
            .filter(|old| later.follows(old));
        let alone = || match self.carriers.as_slice() {
            [(_, old)] => Some(old).filter(|old| old.object.kind == VALUES_KIND && later.object.kind == VALUES_KIND),
            _ => None,
        };
        follows.next().or_else(alone)
    }

    /// Where a path of values is written.
    pub(super) fn source_in_values(&self, place: &Place, carrier: &Carrier, path: &str) -> Source {
        self.lines.in_values(place, carrier, path)
    }
}

fn text_at<'v>(object: &'v Value, pointer: &str) -> &'v str {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}
