//! A tree to the values of the known keys, by the rules of Go's JSON decoder (Go: encoding/json decode.go), driven
//! by the table of [`key`](super::key). Keys that are not in the table are not looked at.

use alloc::{collections::BTreeMap, format, vec::Vec};

use serde_json::Value;

use crate::object::is_truthy;

use super::{
    ParseError,
    fold::folds_to,
    key::{self, Kind},
    shape::{self, Shape},
    slot::{Misfit, Slot, misfit},
    yaml::{Content, Scalar, Tree, View, Wordless},
};

/// What the table knows of a config, by path.
#[derive(Clone, Default)]
pub(super) struct Decoded {
    pub(super) values: BTreeMap<&'static str, Value>,
    /// 1-based lines of the known keys and of what leads to them.
    pub(super) lines: BTreeMap<&'static str, usize>,
}

type Row = (&'static str, Kind);

/// Decodes a whole config.
pub(super) fn decode(tree: &Tree) -> Result<Decoded, ParseError> {
    let mut rows: Vec<Row> = key::ALL.to_vec();
    rows.sort_unstable_by_key(|row| row.0);
    let mut decoder = Decoder {
        wordless: tree.wordless().clone(),
        ..Decoder::default()
    };
    decoder.object("", &rows, tree.root())?;
    decoder.wordless.refuse(tree.root())?;
    let shapes: BTreeMap<_, _> = rows
        .into_iter()
        .map(|(path, kind)| (path, shape::of(path, kind)))
        .collect();
    let values = decoder.slots.into_iter().map(|(path, slot)| {
        let shape = shapes.get(path).copied().unwrap_or(Shape::Raw);
        let mut value = slot.into_json(shape);
        if [key::SYNC_TO_HOST.path, key::SYNC_FROM_HOST.path].contains(&path) {
            keep_patches(&mut value);
        }
        (path, value)
    });
    Ok(Decoded {
        values: values.collect(),
        lines: decoder.lines,
    })
}

/// Of what is synced, the patches are all that is asked for. The rest is longer than everything else that is kept.
fn keep_patches(sync: &mut Value) {
    let Some(resources) = sync.as_object_mut() else { return };
    resources.retain(|_, resource| resource.get("patches").is_some_and(is_truthy));
    for resource in resources.values_mut().filter_map(Value::as_object_mut) {
        resource.retain(|name, _| name == "patches");
    }
}

#[derive(Default)]
struct Decoder {
    slots: BTreeMap<&'static str, Slot>,
    lines: BTreeMap<&'static str, usize>,
    wordless: Wordless,
}

/// A member of a struct: its path, and the rows at and below it.
struct Member<'r> {
    path: &'static str,
    name: &'static str,
    rows: &'r [Row],
}

/// The members of the struct at `path`; `rows` are sorted and all below it.
fn members<'r>(path: &str, rows: &'r [Row]) -> Vec<Member<'r>> {
    let start = if path.is_empty() { 0 } else { path.len() + 1 };
    let name = |row: &Row| {
        row.0
            .get(start..)
            .and_then(|rest| rest.split('.').next())
            .unwrap_or_default()
    };
    rows.chunk_by(|a, b| name(a) == name(b))
        .filter_map(|rows| {
            let first = rows.first()?;
            let name = name(first);
            Some(Member {
                path: first.0.get(..start + name.len())?,
                name,
                rows,
            })
        })
        .collect()
}

impl Decoder {
    fn object(&mut self, path: &'static str, rows: &[Row], view: View<'_>) -> Result<(), ParseError> {
        let entries = match view.content() {
            Content::Map(entries) => entries,
            // null leaves a struct as it is.
            Content::Scalar(Scalar::Null) => return Ok(()),
            _ => return Err(refuse(path, &misfit("a map", view))),
        };
        let members = members(path, rows);
        // Sorted by key, as Go's JSON encoder left them: of keys that fold to one field the last one wins.
        for entry in entries {
            let Some(member) = members.iter().find(|member| folds_to(&entry.key, member.name)) else {
                continue;
            };
            if let Some(line) = entry.line() {
                self.lines.insert(member.path, line);
            }
            self.member(member, view.at(entry.value))?;
        }
        Ok(())
    }

    fn member(&mut self, member: &Member<'_>, view: View<'_>) -> Result<(), ParseError> {
        let own = member.rows.first().filter(|row| row.0 == member.path);
        if member.name == "image" {
            return self.image(member, view);
        }
        let below = member.rows.get(usize::from(own.is_some())..).unwrap_or_default();
        if let Some((path, kind)) = own {
            let shape = shape::of(path, *kind);
            let slot = self.slots.entry(path).or_default();
            slot.decode(shape, view, &mut self.wordless)
                .map_err(|misfit| refuse(path, &misfit))?;
        }
        if below.is_empty() {
            return Ok(());
        }
        self.object(member.path, below, view)
    }

    /// An image has a decoder of its own; its parts can be keys of their own.
    fn image(&mut self, member: &Member<'_>, view: View<'_>) -> Result<(), ParseError> {
        let mut slot = Slot::Zero;
        slot.decode(Shape::Image, view, &mut self.wordless)
            .map_err(|misfit| refuse(member.path, &misfit))?;
        let image = slot.into_json(Shape::Image);
        for (path, _) in member.rows {
            let part = path.get(member.path.len() + 1..);
            let value = part.map_or_else(|| image.clone(), |part| image.get(part).cloned().unwrap_or_default());
            self.slots.insert(path, Slot::Value(value));
        }
        Ok(())
    }
}

/// Names the key, the expected and the found type; the value itself may be a password.
fn refuse(path: &'static str, misfit: &Misfit) -> ParseError {
    let place = if path.is_empty() { "the config" } else { path };
    ParseError {
        message: format!("{place}: expected {}, found {}", misfit.expected, misfit.found),
        line: misfit.line,
        path: Some(path),
    }
}
