//! Values as text: in the style of what they replace, or of what they stand beside.

use alloc::format;
use alloc::string::{String, ToString};

use serde_json::Value;

use crate::config::yaml::layout::Style;
use crate::config::yaml::{Scalar, plain};

/// A scalar, or an empty collection, in one line. `style` is that of the scalar that it replaces; only strings keep it.
pub(super) fn scalar(value: &Value, style: Option<Style>, flow: bool) -> String {
    let Value::String(text) = value else {
        return value.to_string();
    };
    let one_line = !text.chars().any(char::is_control);
    match style {
        Some(Style::SingleQuoted) if one_line => format!("'{}'", text.replace('\'', "''")),
        Some(Style::Plain) | None if is_plain(text, flow) => text.clone(),
        _ => value.to_string(),
    }
}

/// A key, as plain as it can be.
fn key(name: &str, flow: bool) -> String {
    scalar(&Value::String(name.into()), None, flow)
}

/// Whether a text needs no quotes, for whichever reader.
fn is_plain(text: &str, flow: bool) -> bool {
    let first = text.chars().next();
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '/' | '-') || (c == ':' && !flow);
    first.is_some_and(|c| c.is_ascii_alphabetic())
        && text.chars().all(is_word)
        && !text.ends_with(':')
        && matches!(plain(text), Scalar::Text(_))
}

/// How blocks are laid out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    /// Columns from a map to a map in it.
    pub(super) map: usize,
    /// Columns from a map to a list in it.
    pub(super) list: usize,
    pub(super) line_break: &'static str,
}

fn is_inline(value: &Value) -> bool {
    match value {
        Value::Object(map) => map.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => true,
    }
}

/// `NAME: VALUE` at a column, without the indentation of its first line, and without a line break behind it.
pub(super) fn pair(name: &str, value: &Value, column: usize, layout: Layout) -> String {
    let mut out = key(name, false);
    out.push(':');
    out.push_str(&behind_key(value, column, layout));
    out
}

/// What stands behind the colon of a key at a column.
pub(super) fn behind_key(value: &Value, column: usize, layout: Layout) -> String {
    if is_inline(value) {
        return format!(" {}", scalar(value, None, false));
    }
    let inner = column + if value.is_array() { layout.list } else { layout.map };
    let indent = " ".repeat(inner);
    format!("{}{indent}{}", layout.line_break, block(value, inner, layout))
}

/// A value at a column, without the indentation of its first line.
pub(super) fn block(value: &Value, column: usize, layout: Layout) -> String {
    let next = format!("{}{}", layout.line_break, " ".repeat(column));
    match value {
        Value::Object(map) if !map.is_empty() => {
            let pairs = map.iter().map(|(name, value)| pair(name, value, column, layout));
            pairs.collect::<alloc::vec::Vec<_>>().join(&next)
        }
        Value::Array(items) if !items.is_empty() => {
            let items = items
                .iter()
                .map(|item| format!("- {}", block(item, column + 2, layout)));
            items.collect::<alloc::vec::Vec<_>>().join(&next)
        }
        value => scalar(value, None, false),
    }
}

/// A value inside a flow collection; `json`: with every key and text in double quotes.
pub(super) fn flow(value: &Value, json: bool) -> String {
    if json {
        return value.to_string();
    }
    match value {
        Value::Object(map) if !map.is_empty() => {
            let pairs = map.iter().map(|(name, value)| flow_pair(name, value, json));
            format!("{{{}}}", pairs.collect::<alloc::vec::Vec<_>>().join(", "))
        }
        Value::Array(items) if !items.is_empty() => {
            let items = items.iter().map(|item| flow(item, json));
            format!("[{}]", items.collect::<alloc::vec::Vec<_>>().join(", "))
        }
        value => scalar(value, None, true),
    }
}

/// A member of a flow mapping.
pub(super) fn flow_pair(name: &str, value: &Value, json: bool) -> String {
    let key = if json {
        Value::String(name.into()).to_string()
    } else {
        key(name, true)
    };
    format!("{key}: {}", flow(value, json))
}

/// A member of a flow mapping that has a line for each: `indent` is that of its line, `step` what each level adds.
pub(super) fn flow_pair_in_lines(name: &str, value: &Value, indent: &str, step: &str, line_break: &str) -> String {
    let key = Value::String(name.into()).to_string();
    format!("{key}: {}", flow_lines(value, indent, step, line_break))
}

fn flow_lines(value: &Value, indent: &str, step: &str, line_break: &str) -> String {
    let deeper = [indent, step].concat();
    let (members, open, close): (alloc::vec::Vec<String>, _, _) = match value {
        Value::Object(map) if !map.is_empty() => {
            let pairs = map
                .iter()
                .map(|(name, value)| flow_pair_in_lines(name, value, &deeper, step, line_break));
            (pairs.collect(), '{', '}')
        }
        Value::Array(items) if !items.is_empty() => {
            let items = items.iter().map(|item| flow_lines(item, &deeper, step, line_break));
            (items.collect(), '[', ']')
        }
        value => return value.to_string(),
    };
    let separator = format!(",{line_break}{deeper}");
    format!(
        "{open}{line_break}{deeper}{}{line_break}{indent}{close}",
        members.join(&separator)
    )
}
