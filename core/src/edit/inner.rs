//! YAML in a text of YAML: the values of an Argo CD Application, of a `VirtualClusterInstance`, of a `VCluster`.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use serde_json::Value;

use super::find::find;
use super::page::{Page, Splice, refuse};
use super::{Edit, Refused, apply};
use crate::config::yaml::Scalar;
use crate::config::yaml::layout::{Kind, Node, Style};

pub(super) fn edit(page: &Page<'_>, path: &[String], inner: &Edit) -> Result<Vec<Splice>, Refused> {
    let found = find(page, path)?;
    let node = page.node(found.id)?;
    let (Kind::Scalar(style, Scalar::Text(text)), true) = (&node.kind, found.rest.is_empty()) else {
        return Err(refuse(node, "there is no text"));
    };
    if node.tagged {
        return Err(refuse(node, "a tag fixes the type of what stands there"));
    }
    let line = usize::try_from(node.line).unwrap_or_default();
    let new = apply(text, inner).map_err(|refused| Refused {
        // The text begins below its `|`; other texts have no lines of their own.
        line: Some(line + 1 + refused.line.filter(|_| *style == Style::Literal).unwrap_or_default()),
        ..refused
    })?;
    match style {
        Style::Literal => literal(page, node, text, &new),
        Style::DoubleQuoted => Ok(vec![Splice::new(node.start..node.end, Value::String(new).to_string())]),
        Style::SingleQuoted if !new.contains(char::is_control) => {
            let quoted = format!("'{}'", new.replace('\'', "''"));
            Ok(vec![Splice::new(node.start..node.end, quoted)])
        }
        _ => Err(refuse(node, "the lines of this text are folded")),
    }
}

/// Only the lines that differ are written, with the indentation of the block.
fn literal(page: &Page<'_>, node: &Node, old: &str, new: &str) -> Result<Vec<Splice>, Refused> {
    let head = page.line_end(node.start);
    let line_break = page.break_at(head);
    let body_start = head + line_break.len();
    let body: Vec<&str> = page.slice(body_start..node.end).split_inclusive('\n').collect();
    let (old, new): (Vec<&str>, Vec<&str>) = (old.split('\n').collect(), new.split('\n').collect());
    let same = |pairs: &mut dyn Iterator<Item = (&&str, &&str)>| pairs.take_while(|(a, b)| a == b).count();
    let before = same(&mut old.iter().zip(&new));
    let most = old.len().min(new.len()) - before;
    let after = same(&mut old.iter().rev().zip(new.iter().rev())).min(most);
    let first_written = body.iter().find(|line| !line.trim().is_empty());
    let indent = first_written.map_or(0, |line| line.len() - line.trim_start_matches(' ').len());
    // A first line that is indented itself needs an indicator, which says by how much the block is.
    if page.slice(node.start..head).contains(|c: char| c.is_ascii_digit()) || line_break.is_empty() {
        return Err(refuse(node, "the indentation of this block is fixed by a number"));
    }
    let offset = |line: usize| body_start + body.iter().take(line).map(|line| line.len()).sum::<usize>();
    let (from, to) = (offset(before), offset(old.len() - after));
    let lines = new.get(before..new.len() - after).unwrap_or_default();
    let mut with = String::new();
    for line in lines {
        if !line.is_empty() {
            with.push_str(&" ".repeat(indent));
            with.push_str(line);
        }
        with.push_str(line_break);
    }
    // The last line of the text need not end.
    let unended =
        page.slice(from..to).chars().next_back().is_some_and(|c| c != '\n') || (from == to && !ends(page, from));
    if unended {
        with.truncate(with.len() - line_break.len().min(with.len()));
        if from == to {
            with.insert_str(0, line_break);
        }
    }
    Ok(vec![Splice::new(from..to, with)])
}

fn ends(page: &Page<'_>, at: usize) -> bool {
    page.line_start(at) == at
}
