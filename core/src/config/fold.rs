//! Names as Go's JSON decoder compares them (Go: encoding/json fold.go).

use alloc::{collections::BTreeMap, string::String};

use serde_json::{Map, Value};

/// Whether Go decodes the JSON key `key` into the field `name` (ASCII): case does not matter, and two letters
/// beyond ASCII fold into it, U+017F to s and U+212A to k.
#[must_use]
pub fn folds_to(key: &str, name: &str) -> bool {
    key == name || folded(key).eq(folded(name))
}

fn folded(name: &str) -> impl Iterator<Item = char> {
    name.chars().map(|c| match c {
        '\u{17f}' => 's',
        '\u{212a}' => 'k',
        c => c.to_ascii_lowercase(),
    })
}

/// Decodes `new` over `old` where the Go type is not spelled out: objects merge member by member, whatever the case
/// of their keys, as Go's structs do; null changes nothing; anything else replaces.
pub(super) fn merge(old: &mut Value, new: Value) {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            let names = old.keys().map(|key| (folded(key).collect(), key.clone()));
            let mut names: BTreeMap<String, String> = names.collect();
            for (key, value) in new {
                let name = names.entry(folded(&key).collect()).or_insert(key).clone();
                merge(old.entry(name).or_insert(Value::Null), value);
            }
        }
        (_, Value::Null) => {}
        (old, Value::Object(new)) => {
            *old = Map::new().into();
            merge(old, new.into());
        }
        (old, new) => *old = new,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn case_and_two_letters_fold() {
        assert!(folds_to("ControlPlane", "controlPlane"));
        assert!(folds_to("bac\u{212a}ing\u{17f}tore", "backingStore"));
        assert!(!folds_to("controlPlanes", "controlPlane"));
        assert!(!folds_to("Édition", "édition"));
    }

    #[test]
    fn objects_merge_whatever_the_case_of_their_keys() {
        let mut value = Value::Null;
        merge(
            &mut value,
            json!({"Pods": {"patches": [1]}, "pods": {"Enabled": true, "patches": null}}),
        );
        assert_eq!(value, json!({"Pods": {"Enabled": true, "patches": [1]}}));
    }
}
