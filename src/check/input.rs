//! What was read from all files: objects by release, and values of releases to come.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::PathBuf;

use serde_json::Value;
use vcluster_guard_core::carrier::values::{Carrier, VALUES_KIND};
use vcluster_guard_core::join::Releases;
use vcluster_guard_core::object::ObjectRef;

use super::files::{Files, Named, Texts};
use super::place::{Lines, Place};
use super::reading::{Object, Reading};
use crate::parallel;
use crate::report::Source;

/// What was read.
#[derive(Debug, Default)]
pub(crate) struct Input {
    pub(super) releases: Releases,
    /// What could not be read.
    pub(super) problems: Vec<String>,
    /// What was seen and not judged.
    pub(super) notes: Vec<String>,
    carriers: Vec<(Place, Carrier)>,
    places: BTreeMap<Key, Place>,
}

/// Kind, namespace, name.
type Key = (String, String, String);

impl Input {
    /// Reads every file, every manifest below every directory, and standard input for `-`, or the texts that stand in
    /// their place. What names no namespace is of the one that is given.
    pub(super) fn read(paths: &[PathBuf], texts: &Texts, namespace: Option<&str>) -> anyhow::Result<Self> {
        let listed = Files::list(paths)?;
        let mut input = Self {
            problems: listed.problems,
            notes: listed.notes,
            ..Self::default()
        };
        let mut objects = BTreeMap::new();
        let read = |named: &Named| Reading::of(named, texts, namespace);
        for reading in parallel::map("reading", &listed.named, read) {
            input.problems.extend(reading.problems);
            input.notes.extend(reading.notes);
            input.carriers.extend(reading.carriers);
            for object in reading.objects {
                input.keep(&mut objects, object);
            }
        }
        for (key, object) in objects {
            input.places.insert(key, object.place);
            input.releases.insert(object.item);
        }
        input.releases.settle();
        Ok(input)
    }

    /// As `kubectl apply` does it: of two objects of one name the later one counts.
    fn keep(&mut self, objects: &mut BTreeMap<Key, Object>, object: Object) {
        let name = &object.name;
        let key = (name.kind.to_string(), name.namespace.clone(), name.name.clone());
        let mut entry = match objects.entry(key) {
            Entry::Vacant(entry) => {
                entry.insert(object);
                return;
            }
            Entry::Occupied(entry) => entry,
        };
        let (first, second) = (entry.get().place.named(), object.place.named());
        let named = format!("{} {}", object.name.kind, object.name.name);
        if object.digest == entry.get().digest {
            self.notes.push(format!(
                "{named} stands twice, and both are the same: {first} and {second}"
            ));
        } else {
            self.problems.push(format!(
                "{first}: {named} is not judged: another one of that name at {second} replaces it; \
                 check what goes to different clusters in separate runs"
            ));
        }
        entry.insert(object);
    }

    /// Where an object was read.
    pub(crate) fn place(&self, object: &ObjectRef) -> Option<&Place> {
        let key = |namespace: &str| (object.kind.to_string(), namespace.to_owned(), object.name.clone());
        // The chart's budgets are rendered without a namespace.
        self.places
            .get(&key(&object.namespace))
            .or_else(|| self.places.get(&key("")))
    }

    /// Every set of values, in the order in which they were read.
    pub(crate) fn carriers(&self) -> &[(Place, Carrier)] {
        &self.carriers
    }

    /// The values that this input has for the same vCluster. Two lone values files need not share a name.
    pub(super) fn carrier_of(&self, later: &Carrier) -> Option<&Carrier> {
        let carriers = self.carriers.iter().map(|(_, carrier)| carrier);
        let mut follows = carriers.filter(|old| later.follows(old));
        let alone = || match self.carriers.as_slice() {
            [(_, old)] => Some(old).filter(|old| old.object.kind == VALUES_KIND && later.object.kind == VALUES_KIND),
            _ => None,
        };
        follows.next().or_else(alone)
    }

    /// For what is asked of the files once more.
    pub(crate) fn again(&self) -> Again<'_> {
        Again {
            input: self,
            lines: Lines::default(),
        }
    }
}

/// An input whose files are read again, one at a time.
#[derive(Debug)]
pub(crate) struct Again<'i> {
    input: &'i Input,
    lines: Lines,
}

impl Again<'_> {
    /// Where a path of an object was read.
    pub(crate) fn source(&self, object: &ObjectRef, path: &str) -> Option<Source> {
        let place = self.input.place(object)?;
        Some(self.lines.in_object(place, object, path))
    }

    /// Where a path of values is written.
    pub(super) fn source_in_values(&self, place: &Place, carrier: &Carrier, path: &str) -> Source {
        self.lines.in_values(place, carrier, path)
    }

    /// The object itself.
    pub(super) fn object(&self, object: &ObjectRef) -> Option<Value> {
        self.lines.object(self.input.place(object)?)
    }
}
