//! Values that the platform fills in: a Go template of `{{ .Values.… }}`, by parameters that are told elsewhere.

use serde_json::Value;

/// Whether a text has something that is yet to be filled in.
pub(super) fn is_open(text: &str) -> bool {
    text.contains("{{")
}

/// Takes away what is yet to be filled in. Says whether there was any.
pub(super) fn prune(values: &mut Value) -> bool {
    let open = |value: &Value| value.as_str().is_some_and(is_open);
    match values {
        Value::Object(map) => {
            let before = map.len();
            map.retain(|name, value| !open(value) && !is_open(name));
            let here = map.len() != before;
            map.values_mut().fold(here, |found, value| prune(value) || found)
        }
        Value::Array(items) => {
            let before = items.len();
            items.retain(|value| !open(value));
            let here = items.len() != before;
            items.iter_mut().fold(here, |found, value| prune(value) || found)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_open_is_taken_away_and_told() {
        let mut values = json!({"a": {"b": "{{ .Values.b }}", "c": 1}, "d": ["{{ x }}", {"e": "{{ y }}"}]});
        assert!(prune(&mut values));
        assert_eq!(values, json!({"a": {"c": 1}, "d": [{}]}));
        assert!(!prune(&mut values));
    }
}
