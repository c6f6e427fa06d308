//! From a path to the place in the text, as far as it is written.

use alloc::string::String;

use super::page::{Page, refuse};
use super::{Refused, value};
use crate::config::yaml::Scalar;
use crate::config::yaml::layout::{Id, Kind, Node, ROOT};

/// Where a path leads.
#[derive(Debug)]
pub(super) struct Found<'p> {
    /// The deepest node that is written.
    pub(super) id: Id,
    /// What of the path is not written below it.
    pub(super) rest: &'p [String],
    /// The nodes that lead there, without it.
    pub(super) parents: alloc::vec::Vec<Id>,
}

const ALIASED: &str = "an alias stands for it elsewhere, where the edit would change something else";

/// Follows a path to where an edit may be made.
pub(super) fn find<'p>(page: &Page<'_>, path: &'p [String]) -> Result<Found<'p>, Refused> {
    let mut found = Found {
        id: ROOT,
        rest: path,
        parents: alloc::vec::Vec::new(),
    };
    loop {
        let node = page.node(found.id)?;
        if node.shared {
            return Err(refuse(node, ALIASED));
        }
        if matches!(node.kind, Kind::Alias) {
            return Err(refuse(node, "it stands behind an alias"));
        }
        let Some((token, rest)) = found.rest.split_first() else {
            return Ok(found);
        };
        let Some(next) = step(page, node, token)? else {
            return missing(page, node, path, found);
        };
        found.parents.push(found.id);
        found.id = next;
        found.rest = rest;
    }
}

fn step(page: &Page<'_>, node: &Node, token: &str) -> Result<Option<Id>, Refused> {
    match &node.kind {
        Kind::Mapping { pairs, .. } => {
            let mut same = pairs
                .iter()
                .filter(|(key, _)| page.layout.node(*key).is_some_and(|key| is_key(key, token)));
            let first = same.next();
            if first.is_some() && same.next().is_some() {
                return Err(refuse(node, "the key is given twice"));
            }
            Ok(first.map(|(_, value)| *value))
        }
        Kind::Sequence { items, .. } => Ok(token.parse().ok().and_then(|index: usize| items.get(index)).copied()),
        Kind::Scalar(_, Scalar::Null) => Ok(None),
        Kind::Scalar(..) | Kind::Alias => Err(refuse(node, "there is a value where a map is needed")),
    }
}

pub(super) fn is_key(node: &Node, token: &str) -> bool {
    matches!(&node.kind, Kind::Scalar(_, scalar) if scalar.coerced().as_deref() == Some(token))
}

/// What is not written here may still come from a merge key.
fn missing<'p>(page: &Page<'_>, node: &Node, path: &'p [String], found: Found<'p>) -> Result<Found<'p>, Refused> {
    let depth = path.len() - found.rest.len();
    let mut here = &value(page.text)?;
    for token in path.iter().take(depth + 1) {
        let next = match here {
            serde_json::Value::Object(map) => map.get(token),
            serde_json::Value::Array(items) => token.parse().ok().and_then(|index: usize| items.get(index)),
            _ => None,
        };
        match next {
            Some(next) => here = next,
            None => return Ok(found),
        }
    }
    Err(refuse(node, "it comes from a merge key (<<)"))
}
