//! Edits of a YAML or JSON text in place: what they do not name stays as it is, byte for byte, comments, order, quotes,
//! anchors and line ends included.
//!
//! ```text
//! text -> layout (where everything stands) -> splices -> text -> read again and compared
//! ```
//!
//! An edit that cannot be made surely is refused, with the line at which to make it by hand: a value that stands behind
//! an alias or a merge key, one whose anchor others use, a block scalar, a text that is not read as it is written.

mod cut;
mod find;
mod inner;
mod page;
mod put;
mod render;
#[cfg(test)]
mod tests;

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use serde_json::Value;

use crate::config::ParseError;
use crate::config::yaml::{self, layout};
use page::Page;

/// One edit of a document.
#[derive(Debug, Clone, PartialEq)]
pub struct Edit {
    /// Keys and 0-based indices, from the top of the document. A last `-` is the place behind the last item of a list.
    pub path: Vec<String>,
    /// What is done there.
    pub act: Act,
}

/// What an edit does. Its `Debug` shows no value.
#[derive(Clone, PartialEq)]
pub enum Act {
    /// Gives the key this value. Maps that lead to it are made where they are missing.
    Set(Value),
    /// Takes the key, or the item of a list, away.
    Remove,
    /// Edits the YAML in the text that stands there.
    Inside(alloc::boxed::Box<Edit>),
}

impl core::fmt::Debug for Act {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Set(_) => f.write_str("Set"),
            Self::Remove => f.write_str("Remove"),
            Self::Inside(inner) => f.debug_tuple("Inside").field(inner).finish(),
        }
    }
}

/// Why an edit is not made. It quotes no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct Refused {
    /// 1-based line of the text where to do it by hand, as far as it is known.
    pub line: Option<usize>,
    /// Why it is not done here.
    pub why: Cow<'static, str>,
}

impl Refused {
    pub(crate) fn new(why: impl Into<Cow<'static, str>>) -> Self {
        Self {
            line: None,
            why: why.into(),
        }
    }

    fn at(self, line: usize) -> Self {
        Self {
            line: self.line.or(Some(line)),
            ..self
        }
    }
}

impl From<ParseError> for Refused {
    fn from(error: ParseError) -> Self {
        Self {
            line: error.line,
            why: Cow::Owned(error.message),
        }
    }
}

/// A file as its documents, each to be edited by itself.
#[derive(Clone)]
pub struct Text {
    content: String,
    pieces: Vec<Range<usize>>,
}

impl core::fmt::Debug for Text {
    /// It may be a Secret.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Text")
            .field("pieces", &self.pieces)
            .finish_non_exhaustive()
    }
}

const MARK: char = '\u{feff}';

impl Text {
    /// Takes a file apart. Its documents are those that [`yaml::documents`] reads, in that order.
    pub fn of(raw: &[u8]) -> Result<Self, Refused> {
        let content = core::str::from_utf8(raw).map_err(|_| Refused::new("the text is not UTF-8"))?;
        let start = if content.starts_with(MARK) { MARK.len_utf8() } else { 0 };
        let pieces = layout::pieces(content.get(start..).unwrap_or_default())?;
        Ok(Self {
            content: content.into(),
            pieces: pieces
                .into_iter()
                .map(|piece| piece.start + start..piece.end + start)
                .collect(),
        })
    }

    /// The whole text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.content
    }

    /// The lines of one document.
    #[must_use]
    pub fn document(&self, number: usize) -> Option<&str> {
        self.content.get(self.pieces.get(number)?.clone())
    }

    /// Edits one document. All of the edits are made, in their order, or none.
    pub fn edit(&mut self, number: usize, edits: &[Edit]) -> Result<(), Refused> {
        let piece = self.pieces.get(number).cloned().unwrap_or_default();
        let before = self.content.get(..piece.start).unwrap_or_default();
        let here = |refused: Refused| Refused {
            line: refused.line.map(|line| line + page::lines_in(before)),
            ..refused
        };
        let mut text = String::from(self.document(number).unwrap_or_default());
        for edit in edits {
            text = apply(&text, edit).map_err(here)?;
        }
        let grown = |at: usize| (at + text.len()).saturating_sub(piece.len());
        let after = self.content.get(piece.end..).unwrap_or_default();
        self.content = [before, &text, after].concat();
        for (index, other) in self.pieces.iter_mut().enumerate() {
            match index.cmp(&number) {
                core::cmp::Ordering::Less => {}
                core::cmp::Ordering::Equal => other.end = grown(other.end),
                core::cmp::Ordering::Greater => *other = grown(other.start)..grown(other.end),
            }
        }
        Ok(())
    }
}

/// Edits the only document of a text.
pub fn apply(text: &str, edit: &Edit) -> Result<String, Refused> {
    let page = Page::of(text)?;
    let splices = match &edit.act {
        Act::Set(value) => put::set(&page, &edit.path, value),
        Act::Remove => cut::remove(&page, &edit.path),
        Act::Inside(inner) => inner::edit(&page, &edit.path, inner),
    }?;
    let edited = page.splice(splices);
    prove(text, &edited, edit)?;
    Ok(edited)
}

/// Reads the edited text again: it must hold what the old one holds, but for the edit.
fn prove(text: &str, edited: &str, edit: &Edit) -> Result<(), Refused> {
    let mut meant = value(text)?;
    let failed = || Refused::new("the edited text does not read as it is meant to");
    make(&mut meant, edit).ok_or_else(failed)?;
    let made = value(edited).map_err(|_| failed())?;
    if made == meant { Ok(()) } else { Err(failed()) }
}

fn value(text: &str) -> Result<Value, ParseError> {
    let mut documents = yaml::documents(text.as_bytes())?.into_iter();
    Ok(documents.next().map(|document| document.value).unwrap_or_default())
}

/// Does to a value what an edit does to a text. `None` where the path leads nowhere.
#[must_use]
pub fn make(value: &mut Value, edit: &Edit) -> Option<()> {
    match &edit.act {
        Act::Set(new) => *member(value, &edit.path, true)? = new.clone(),
        Act::Remove => {
            let (last, parents) = edit.path.split_last()?;
            match member(value, parents, false)? {
                Value::Object(map) => map.remove(last).map(drop)?,
                Value::Array(items) => {
                    let index = last.parse().ok().filter(|&index: &usize| index < items.len())?;
                    items.remove(index);
                }
                _ => return None,
            }
        }
        Act::Inside(inner) => {
            let text = member(value, &edit.path, false)?;
            *text = Value::String(apply(text.as_str()?, inner).ok()?);
        }
    }
    Some(())
}

fn member<'v>(mut value: &'v mut Value, path: &[String], create: bool) -> Option<&'v mut Value> {
    for token in path {
        if create {
            prepare(value, token);
        }
        value = match value {
            Value::Object(map) => map.get_mut(token)?,
            Value::Array(items) => {
                let last = items.len().checked_sub(1).filter(|_| create && token == "-");
                items.get_mut(last.or_else(|| token.parse().ok())?)?
            }
            _ => return None,
        };
    }
    Some(value)
}

/// Makes the place for a member that is missing.
fn prepare(value: &mut Value, token: &str) {
    if value.is_null() {
        *value = Value::Object(serde_json::Map::new());
    }
    match value {
        Value::Object(map) if !map.contains_key(token) => {
            map.insert(token.into(), Value::Null);
        }
        Value::Array(items) if token == "-" => items.push(Value::Null),
        _ => {}
    }
}
