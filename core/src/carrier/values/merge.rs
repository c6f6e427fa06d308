//! How Helm lays one set of values over another (helm: pkg/chart/common/util/coalesce.go, pkg/strvals).

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Map, Value};

/// Lays `over` over `under`: maps merge, anything else replaces, and null takes away what was there.
pub(super) fn lay(under: &mut Value, over: Value) {
    match (under, over) {
        (Value::Object(under), Value::Object(over)) => {
            for (name, value) in over {
                if value.is_null() {
                    under.remove(&name);
                } else {
                    lay(under.entry(name).or_insert(Value::Null), value);
                }
            }
        }
        (under, Value::Object(over)) => {
            // Even over nothing, for the sake of the nulls inside.
            *under = Value::Object(Map::new());
            lay(under, Value::Object(over));
        }
        (under, over) => *under = over,
    }
}

/// Lays one layer of visible values over another, keeping nulls: they still have the chart's defaults to take away.
pub(super) fn stack(under: &mut Value, over: Value) {
    match (under, over) {
        (Value::Object(under), Value::Object(over)) => {
            for (name, value) in over {
                stack(under.entry(name).or_insert(Value::Null), value);
            }
        }
        (under, over) => *under = over,
    }
}

/// Values are dropped and merged by recursion, so a name is not followed deeper than any key of vCluster's lies.
const DEPTH: usize = 64;

/// What `--set NAME=VALUE` means, for names that are plain dotted paths. `None` for lists and indices: those are told
/// as out of sight rather than half understood.
pub(super) fn parameter(name: &str, value: &str, force_string: bool) -> Option<Value> {
    let names = names(name)?;
    let special = |c: char| matches!(c, ',' | '{' | '}' | '\\');
    let odd = names.len() > DEPTH || names.iter().any(String::is_empty);
    if odd || (value.contains(special) && !force_string) {
        return None;
    }
    let leaf = if force_string {
        Value::String(value.into())
    } else {
        typed(value)
    };
    let wrap = |inner, name| Value::Object(Map::from_iter([(name, inner)]));
    Some(names.into_iter().rev().fold(leaf, wrap))
}

/// Dots separate names unless a backslash stands before them.
fn names(path: &str) -> Option<Vec<String>> {
    let mut names = Vec::from([String::new()]);
    let mut chars = path.chars();
    while let Some(c) = chars.next() {
        match c {
            '.' => names.push(String::new()),
            '[' | ']' | '{' | '}' | ',' | '=' => return None,
            '\\' => names.last_mut()?.push(chars.next()?),
            c => names.last_mut()?.push(c),
        }
    }
    Some(names)
}

/// The type that `--set` gives a text: booleans, null, and integers without a leading zero; the rest is text.
fn typed(text: &str) -> Value {
    if text.eq_ignore_ascii_case("true") {
        return Value::Bool(true);
    }
    if text.eq_ignore_ascii_case("false") {
        return Value::Bool(false);
    }
    if text.eq_ignore_ascii_case("null") {
        return Value::Null;
    }
    let integer = text.parse::<i64>().ok();
    match integer.filter(|_| text == "0" || !text.starts_with('0')) {
        Some(integer) => integer.into(),
        None => Value::String(text.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn maps_merge_lists_replace_and_null_takes_away() {
        let mut values = json!({"a": {"b": 1, "c": [1, 2], "d": 3}, "e": {"f": 1}});
        lay(
            &mut values,
            json!({"a": {"c": [3], "d": null, "x": {"y": null}}, "e": 2}),
        );
        assert_eq!(values, json!({"a": {"b": 1, "c": [3], "x": {}}, "e": 2}));
    }

    #[test]
    fn layers_keep_their_nulls() {
        let mut values = json!({"a": {"b": 1}});
        stack(&mut values, json!({"a": {"b": null}, "c": 1}));
        assert_eq!(values, json!({"a": {"b": null}, "c": 1}));
    }

    #[test]
    fn a_parameter_is_typed_as_set_types_it() {
        let set = |name: &str, value: &str| parameter(name, value, false);
        assert_eq!(set("a.b", "3"), Some(json!({"a": {"b": 3}})));
        assert_eq!(set("a.b", "TRUE"), Some(json!({"a": {"b": true}})));
        assert_eq!(set("a", "007"), Some(json!({"a": "007"})));
        assert_eq!(set("a\\.b", ""), Some(json!({"a.b": ""})));
        assert_eq!(parameter("a", "3", true), Some(json!({"a": "3"})));
        assert_eq!(set("a[0]", "1"), None);
        assert_eq!(set("a", "{1,2}"), None);
        assert_eq!(set("a..b", "1"), None);
        assert_eq!(set(&"a.".repeat(1 << 20), "1"), None);
        assert_eq!(set(&alloc::vec!["a"; DEPTH + 1].join("."), "1"), None);
    }
}
