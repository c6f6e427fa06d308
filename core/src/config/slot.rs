//! One Go variable while JSON is decoded into it (Go: encoding/json decode.go).
//!
//! Keys that fold to one field are decoded into the same variable one after the other, so what the earlier one
//! left behind matters: structs and maps merge, and the elements of a slice are used again.

use alloc::{collections::BTreeMap, format, string::String, vec::Vec};

use serde_json::{Map, Value};

use super::{
    fold::{self, folds_to},
    image,
    shape::Shape,
    yaml::{Content, Numbers, Scalar, View, Wordless},
};

/// A Go variable; [`Slot::Zero`] is the zero value of any type.
#[derive(Debug, Clone, Default)]
pub(super) enum Slot {
    #[default]
    Zero,
    Value(Value),
    /// Elements behind `len` are invisible, until the slice grows over them again.
    List {
        items: Vec<Slot>,
        len: usize,
    },
    Map(BTreeMap<String, Slot>),
    /// In the order of the shape's fields.
    Struct(Vec<Slot>),
}

/// What was expected, what was found, and where.
#[derive(Debug)]
pub(super) struct Misfit {
    pub(super) expected: &'static str,
    pub(super) found: &'static str,
    pub(super) line: Option<usize>,
}

impl Slot {
    /// Decodes `view` into the variable. What becomes a string is taken from `wordless`.
    pub(super) fn decode(&mut self, shape: Shape, view: View<'_>, wordless: &mut Wordless) -> Result<(), Misfit> {
        match shape {
            Shape::List(element) => return self.list(*element, view, wordless),
            Shape::Map(element) => return self.map(*element, view, wordless),
            Shape::Struct(fields) => return self.members(fields, view, wordless),
            Shape::Pointer(target) => {
                if is_null(view) {
                    *self = Self::Zero;
                    return Ok(());
                }
                return self.decode(*target, view, wordless);
            }
            Shape::Image => *self = Self::Value(image::decode(view)?),
            Shape::Interface => *self = Self::Value(view.to_json(Numbers::Float)),
            Shape::Raw => {
                let mut value = core::mem::take(self).into_json(shape);
                fold::merge(&mut value, view.to_json(Numbers::Float));
                *self = Self::Value(value);
            }
            Shape::StrBool => *self = Self::Value(strbool(view)?.into()),
            // null leaves a plain value as it is.
            Shape::Flag | Shape::Int { .. } | Shape::Text { .. } if is_null(view) => {}
            Shape::Flag => *self = Self::Value(flag(view)?.into()),
            Shape::Int { bits } => *self = Self::Value(int(bits, view)?.into()),
            Shape::Text { coerced } => *self = Self::Value(text(coerced, view, wordless)?.into()),
        }
        Ok(())
    }

    fn list(&mut self, element: Shape, view: View<'_>, wordless: &mut Wordless) -> Result<(), Misfit> {
        let nodes = match view.content() {
            Content::List(nodes) => nodes,
            Content::Scalar(Scalar::Null) => {
                *self = Self::Zero;
                return Ok(());
            }
            _ => return Err(misfit("a list", view)),
        };
        if nodes.is_empty() || !matches!(self, Self::List { .. }) {
            *self = Self::List {
                items: Vec::new(),
                len: 0,
            };
        }
        let Self::List { items, len } = self else { return Ok(()) };
        *len = nodes.len();
        if items.len() < nodes.len() {
            items.resize_with(nodes.len(), Self::default);
        }
        for (item, node) in items.iter_mut().zip(nodes) {
            item.decode(element, view.at(*node), wordless)?;
        }
        Ok(())
    }

    fn map(&mut self, element: Shape, view: View<'_>, wordless: &mut Wordless) -> Result<(), Misfit> {
        let entries = match view.content() {
            Content::Map(entries) => entries,
            Content::Scalar(Scalar::Null) => {
                *self = Self::Zero;
                return Ok(());
            }
            _ => return Err(misfit("a map", view)),
        };
        if !matches!(self, Self::Map(_)) {
            *self = Self::Map(BTreeMap::new());
        }
        let Self::Map(members) = self else { return Ok(()) };
        for entry in entries {
            // Unlike a slice, a map starts every element afresh.
            let mut member = Self::Zero;
            member.decode(element, view.at(entry.value), wordless)?;
            members.insert(entry.key.clone(), member);
        }
        Ok(())
    }

    fn members(
        &mut self,
        fields: &'static [(&'static str, Shape)],
        view: View<'_>,
        wordless: &mut Wordless,
    ) -> Result<(), Misfit> {
        let entries = match view.content() {
            Content::Map(entries) => entries,
            Content::Scalar(Scalar::Null) => return Ok(()),
            _ => return Err(misfit("a map", view)),
        };
        if !matches!(self, Self::Struct(_)) {
            *self = Self::Struct(alloc::vec![Self::Zero; fields.len()]);
        }
        let Self::Struct(slots) = self else { return Ok(()) };
        for entry in entries {
            let field = fields.iter().zip(slots.iter_mut());
            let field = field.into_iter().find(|((name, _), _)| folds_to(&entry.key, name));
            if let Some(((_, shape), slot)) = field {
                slot.decode(*shape, view.at(entry.value), wordless)?;
            }
        }
        Ok(())
    }

    /// The variable as JSON. Zero values of structs are left out, so that two equal variables are equal values.
    pub(super) fn into_json(self, shape: Shape) -> Value {
        match (self, shape) {
            (slot, Shape::Pointer(target)) => slot.into_json(*target),
            (Self::Value(value), _) => value,
            (Self::List { items, len }, Shape::List(element)) => items
                .into_iter()
                .take(len)
                .map(|item| item.element_json(*element))
                .collect(),
            (Self::Map(members), Shape::Map(element)) => members
                .into_iter()
                .map(|(key, member)| (key, member.element_json(*element)))
                .collect::<Map<_, _>>()
                .into(),
            (Self::Struct(slots), Shape::Struct(fields)) => fields
                .iter()
                .zip(slots)
                .filter(|(_, slot)| !matches!(slot, Self::Zero))
                .map(|((name, shape), slot)| (String::from(*name), slot.into_json(*shape)))
                .filter(|(_, value)| value != "")
                .collect::<Map<_, _>>()
                .into(),
            _ => Value::Null,
        }
    }

    fn element_json(self, shape: Shape) -> Value {
        match (&self, shape) {
            (Self::Zero, Shape::Text { .. }) => "".into(),
            (Self::Zero, Shape::Struct(_)) => Map::new().into(),
            _ => self.into_json(shape),
        }
    }
}

fn is_null(view: View<'_>) -> bool {
    matches!(view.content(), Content::Scalar(Scalar::Null))
}

fn flag(view: View<'_>) -> Result<bool, Misfit> {
    match view.content() {
        Content::Scalar(Scalar::Bool(value)) => Ok(*value),
        _ => Err(misfit("a boolean", view)),
    }
}

fn int(bits: u32, view: View<'_>) -> Result<i64, Misfit> {
    let fits = |int: &i64| bits == 64 || i32::try_from(*int).is_ok();
    match view.content() {
        Content::Scalar(scalar) => scalar.as_int().filter(fits),
        _ => None,
    }
    .ok_or_else(|| {
        misfit(
            if bits == 64 {
                "an integer"
            } else {
                "an integer of 32 bits"
            },
            view,
        )
    })
}

fn text(coerced: bool, view: View<'_>, wordless: &mut Wordless) -> Result<String, Misfit> {
    match view.content() {
        Content::Scalar(Scalar::Text(text)) => Some(text.clone()),
        Content::Scalar(scalar) if coerced => {
            wordless.take(view);
            scalar.coerced()
        }
        _ => None,
    }
    .ok_or_else(|| misfit("a string", view))
}

fn strbool(view: View<'_>) -> Result<String, Misfit> {
    match view.content() {
        Content::Scalar(Scalar::Bool(value)) => Ok(format!("{value}")),
        Content::Scalar(Scalar::Text(text)) => Ok(text.clone()),
        _ => Err(misfit("a boolean or a string", view)),
    }
}

pub(super) fn misfit(expected: &'static str, view: View<'_>) -> Misfit {
    let found = match view.content() {
        Content::Scalar(scalar) => scalar.name(),
        Content::List(_) => "a list",
        Content::Map(_) => "a map",
    };
    Misfit {
        expected,
        found,
        line: view.line(),
    }
}
