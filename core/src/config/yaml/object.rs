//! A JSON object while its members come in: what go-yaml takes for the same key, and how
//! sigs.k8s.io/yaml turns a key into a string (yaml.go `convertToJSONableObject`).

use alloc::{collections::BTreeMap, format, string::String, vec::Vec};

use super::{ScanError, compose::NodeId, number, scalar::Scalar};

/// A member of a JSON object.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) key: String,
    /// 0-based line of the key.
    pub(super) line: u64,
    pub(crate) value: NodeId,
}

/// A key as Go compares it: 1, 1.0 and "1" are three keys.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Key<'t> {
    Bool(bool),
    Int(i64),
    Float(u64),
    Text(&'t str),
}

/// The members so far.
#[derive(Default)]
pub(super) struct Object<'t> {
    entries: Vec<Entry>,
    seen: BTreeMap<Key<'t>, usize>,
}

impl<'t> Object<'t> {
    /// Adds a member; strict: a key that is there already is an error, else it is replaced.
    pub(super) fn insert(
        &mut self,
        scalar: &'t Scalar,
        line: u64,
        value: NodeId,
        strict: bool,
    ) -> Result<(), ScanError> {
        let (key, name) = match scalar {
            Scalar::Bool(value) => (Key::Bool(*value), format!("{value}")),
            Scalar::Int(int) => (Key::Int(*int), format!("{int}")),
            Scalar::Float(float) => float_key(*float),
            Scalar::Text(text) => (Key::Text(text), text.clone()),
            Scalar::Null | Scalar::Uint(_) => {
                return Err(ScanError::new("null or a number above 64 bits cannot be a key"));
            }
        };
        // NaN is not even equal to itself.
        let is_nan = matches!(scalar, Scalar::Float(float) if float.is_nan());
        let entry = Entry { key: name, line, value };
        match self.seen.get(&key).and_then(|at| self.entries.get_mut(*at)) {
            Some(_) if strict && !is_nan => return Err(ScanError::new("the same key is given twice")),
            Some(earlier) => *earlier = entry,
            None => {
                self.seen.insert(key, self.entries.len());
                self.entries.push(entry);
            }
        }
        Ok(())
    }

    /// The members, sorted as Go's JSON encoder sorts them.
    pub(super) fn finish(self) -> Vec<Entry> {
        let mut entries = self.entries;
        entries.sort_by(|a, b| a.key.cmp(&b.key));
        // Keys of different types with one name: Go's winner is random.
        entries.dedup_by(|later, earlier| {
            let same = later.key == earlier.key;
            if same {
                core::mem::swap(later, earlier);
            }
            same
        });
        entries
    }
}

fn float_key<'t>(float: f64) -> (Key<'t>, String) {
    let name = match number::format_float32(float).as_str() {
        "+Inf" => ".inf".into(),
        "-Inf" => "-.inf".into(),
        "NaN" => ".nan".into(),
        name => name.into(),
    };
    // The two zeros are one key in Go.
    let same = if float == 0.0 { 0.0 } else { float };
    (Key::Float(f64::to_bits(same)), name)
}
