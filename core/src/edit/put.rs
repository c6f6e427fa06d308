//! Sets a key: in place where it is written, else behind its siblings.

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use serde_json::{Map, Value};

use super::Refused;
use super::find::{Found, find};
use super::page::{Page, Splice, refuse};
use super::render;
use crate::config::yaml::Scalar;
use crate::config::yaml::layout::{Kind, Node, ROOT, Style};

pub(super) fn set(page: &Page<'_>, path: &[String], new: &Value) -> Result<Vec<Splice>, Refused> {
    let found = find(page, path)?;
    let node = page.node(found.id)?;
    let Some((first, deeper)) = found.rest.split_first() else {
        return replace(page, &found, node, new);
    };
    let nested = deeper.iter().rev().fold(new.clone(), |inner, name| {
        Value::Object(Map::from_iter([(name.clone(), inner)]))
    });
    match &node.kind {
        Kind::Mapping { flow: true, .. } => into_flow(page, node, first, &nested),
        Kind::Mapping { flow: false, .. } => into_block(page, node, first, &nested),
        Kind::Sequence { flow, .. } if first == "-" && deeper.is_empty() => append(page, node, *flow, new),
        Kind::Scalar(_, Scalar::Null) => {
            let map = Value::Object(Map::from_iter([(first.clone(), nested)]));
            replace(page, &found, node, &map)
        }
        _ => Err(refuse(node, "the list has no such item")),
    }
}

fn layout(page: &Page<'_>, at: usize) -> render::Layout {
    let (map, list) = page.steps();
    render::Layout {
        map,
        list,
        line_break: page.break_near(at),
    }
}

/// Whether everything around a node is written in blocks.
fn in_block(page: &Page<'_>, found: &Found<'_>) -> bool {
    let flow = |id: &usize| {
        let kind = page.layout.node(*id).map(|node| &node.kind);
        matches!(
            kind,
            Some(Kind::Mapping { flow: true, .. } | Kind::Sequence { flow: true, .. })
        )
    };
    !found.parents.iter().any(flow)
}

fn replace(page: &Page<'_>, found: &Found<'_>, node: &Node, new: &Value) -> Result<Vec<Splice>, Refused> {
    if node.tagged {
        return Err(refuse(node, "a tag fixes the type of what stands there"));
    }
    let style = match &node.kind {
        Kind::Scalar(Style::Literal | Style::Folded, _) => {
            return Err(refuse(node, "a block of text stands there"));
        }
        Kind::Scalar(style, _) => Some(*style),
        Kind::Mapping { flow: true, pairs } if pairs.is_empty() => None,
        Kind::Sequence { flow: true, items } if items.is_empty() => None,
        _ => return Err(refuse(node, "more than one value stands there")),
    };
    let is_inline = !matches!(new, Value::Object(map) if !map.is_empty())
        && !matches!(new, Value::Array(items) if !items.is_empty());
    let range = node.start..node.end;
    if is_inline || !in_block(page, found) {
        let json = is_json(page, found);
        let text = match (is_inline, in_block(page, found)) {
            (true, block) if !json => render::scalar(new, style, !block),
            _ => render::flow(new, json),
        };
        let text = if range.is_empty() {
            spaced(page, range.start, text)
        } else {
            text
        };
        return Ok(vec![Splice::new(range, text)]);
    }
    blocks(page, found, node, new)
}

/// A collection in the place of nothing: its lines come behind the line of its key.
fn blocks(page: &Page<'_>, found: &Found<'_>, node: &Node, new: &Value) -> Result<Vec<Splice>, Refused> {
    let parent = page.node(found.parents.last().copied().unwrap_or_default())?;
    if !matches!(parent.kind, Kind::Mapping { flow: false, .. }) || ROOT == found.id {
        return Err(refuse(node, "it does not stand behind a key of its own"));
    }
    let start = node.start - (page.slice(0..node.start).len() - page.slice(0..node.start).trim_end_matches(' ').len());
    let end = page.line_end(node.end);
    let text = render::behind_key(new, parent.column, layout(page, node.start));
    if node.start == node.end || page.slice(start..node.start).is_empty() {
        return Ok(vec![Splice::insert(end, text)]);
    }
    Ok(vec![Splice::new(start..node.end, ""), Splice::insert(end, text)])
}

/// Where nothing stood, a blank parts the value from its colon, dash or anchor.
fn spaced(page: &Page<'_>, at: usize, text: String) -> String {
    match page.slice(0..at).chars().next_back() {
        Some(c) if !c.is_whitespace() => format!(" {text}"),
        _ => text,
    }
}

/// Whether the flow collections around a node are written as JSON is.
fn is_json(page: &Page<'_>, found: &Found<'_>) -> bool {
    let mut nodes = found.parents.iter().filter_map(|id| page.layout.node(*id));
    nodes.any(|node| quotes_keys(page, node))
}

fn quotes_keys(page: &Page<'_>, node: &Node) -> bool {
    let Kind::Mapping { flow: true, pairs } = &node.kind else {
        return false;
    };
    let keys = pairs.iter().filter_map(|(key, _)| page.layout.node(*key));
    !pairs.is_empty()
        && keys
            .map(|key| &key.kind)
            .all(|kind| matches!(kind, Kind::Scalar(Style::DoubleQuoted, _)))
}

fn into_block(page: &Page<'_>, node: &Node, name: &str, value: &Value) -> Result<Vec<Splice>, Refused> {
    let layout = layout(page, node.end);
    let pair = render::pair(name, value, node.column, layout);
    Ok(vec![below(page, node, node.column, &pair, layout.line_break)])
}

/// Lines below a block: at once, so that comments behind it stay comments of what follows.
fn below(page: &Page<'_>, node: &Node, column: usize, text: &str, line_break: &str) -> Splice {
    let indent = " ".repeat(column);
    // A block scalar ends where the next line begins.
    if node.end > 0 && page.line_start(node.end) == node.end {
        return Splice::insert(node.end, format!("{indent}{text}{line_break}"));
    }
    Splice::insert(page.line_end(node.end), format!("{line_break}{indent}{text}"))
}

fn append(page: &Page<'_>, node: &Node, flow: bool, value: &Value) -> Result<Vec<Splice>, Refused> {
    let Kind::Sequence { items, .. } = &node.kind else {
        return Err(refuse(node, "it is no list"));
    };
    if !flow {
        let layout = layout(page, node.end);
        let text = format!("- {}", render::block(value, node.column + 2, layout));
        return Ok(vec![below(page, node, node.column, &text, layout.line_break)]);
    }
    let last = items.last().and_then(|id| page.layout.node(*id));
    let json =
        last.is_some_and(|last| quotes_keys(page, last) || matches!(last.kind, Kind::Scalar(Style::DoubleQuoted, _)));
    let text = render::flow(value, json);
    Ok(vec![match last {
        Some(last) => Splice::insert(last.end, format!(", {text}")),
        None => Splice::insert(node.start + 1, text),
    }])
}

/// A member more in braces: on a line of its own where the others are.
fn into_flow(page: &Page<'_>, node: &Node, name: &str, value: &Value) -> Result<Vec<Splice>, Refused> {
    let Kind::Mapping { pairs, .. } = &node.kind else {
        return Err(refuse(node, "it is no map"));
    };
    let Some((key, last)) = pairs.last() else {
        // Around it may be JSON, and JSON is YAML.
        let json = page.layout.nodes().any(|node| quotes_keys(page, node));
        return Ok(vec![Splice::insert(
            node.start + 1,
            render::flow_pair(name, value, json),
        )]);
    };
    let (key, last) = (page.node(*key)?, page.node(*last)?);
    if last.start == last.end {
        return Err(refuse(last, "the last key in the braces has no value"));
    }
    let line = page.slice(page.line_start(key.outer)..key.outer);
    let own_line = line.chars().all(|c| c == ' ' || c == '\t');
    let json = quotes_keys(page, node);
    if !own_line || !json {
        let pair = render::flow_pair(name, value, json);
        let gap = if own_line {
            format!("{}{line}", page.break_near(last.end))
        } else {
            " ".into()
        };
        return Ok(vec![Splice::insert(last.end, format!(",{gap}{pair}"))]);
    }
    let line_break = page.break_near(last.end);
    let pair = render::flow_pair_in_lines(name, value, line, &step(page, node, line), line_break);
    Ok(vec![Splice::insert(last.end, format!(",{line_break}{line}{pair}"))])
}

/// What a level of lines in braces is indented by.
fn step(page: &Page<'_>, node: &Node, line: &str) -> String {
    let start = page.line_start(node.start);
    let outer = page.slice(start..page.line_end(start));
    let outer: String = outer.chars().take_while(|c| *c == ' ' || *c == '\t').collect();
    line.strip_prefix(outer.as_str())
        .filter(|step| !step.is_empty())
        .unwrap_or("  ")
        .into()
}
