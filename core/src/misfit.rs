//! Why an object cannot be decoded: which field it is and what it must be, never what it is, which may be a secret. Nor
//! is a key said that is its owner's word.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::Write;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_json::{Error, Value};

/// A field that cannot be decoded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} {what}", if path.is_empty() { "it" } else { path })]
pub struct Misfit {
    /// `spec.containers[0].name`; empty for the object itself.
    pub path: String,
    what: &'static str,
}

/// Decodes an object.
pub fn decode<'de, T: Deserialize<'de>>(json: &'de str) -> Result<T, Misfit> {
    serde_json::from_str(json).map_err(|error| Misfit::of(json, &error))
}

/// The same, of an object that was read already.
pub(crate) fn decode_value<T: DeserializeOwned>(object: &Value) -> Result<T, Misfit> {
    // Only text has places to point at.
    T::deserialize(object).or_else(|_| decode(&object.to_string()))
}

impl Misfit {
    /// The field at the place where decoding ended: to decode once more with a path at hand would take a second decoder of
    /// every type.
    #[cold]
    fn of(json: &str, error: &Error) -> Self {
        let (path, is_free) = match offset(json, error) {
            Some(offset) if error.is_data() => path(json, offset),
            // The text is no JSON.
            _ => (String::new(), false),
        };
        Self {
            path,
            what: if is_free {
                "must hold nothing but strings"
            } else {
                must(&error.to_string())
            },
        }
    }
}

/// How many bytes had been read. A column counts the bytes of a line.
fn offset(json: &str, error: &Error) -> Option<usize> {
    let mut lines = json.split_inclusive('\n');
    let above: usize = lines.by_ref().take(error.line().checked_sub(1)?).map(str::len).sum();
    Some(above + error.column())
}

const NO_FIT: &str = "does not fit";

/// The fields that are [`crate::object::Strings`].
const FREE: [&str; 4] = ["annotations", "labels", "matchLabels", "nodeSelector"];

/// The path to the innermost value at that offset, no further than to a free map, and whether it leads into one.
fn path(json: &str, offset: usize) -> (String, bool) {
    let mut path = String::new();
    let mut within = json;
    while let Some((key, value)) = child(json, within, offset) {
        match key {
            Key::Name(name) => {
                let dot = if path.is_empty() { "" } else { "." };
                let _written = write!(path, "{dot}{name}");
                if FREE.contains(&name.as_str()) {
                    return (path, child(json, value, offset).is_some());
                }
            }
            Key::Index(index) => {
                let _written = write!(path, "[{index}]");
            }
        }
        within = value;
    }
    (path, false)
}

enum Key {
    Name(String),
    Index(usize),
}

/// Which value of a map or list, a part of `json`, the offset lies in or right behind.
fn child<'j>(json: &str, within: &'j str, offset: usize) -> Option<(Key, &'j str)> {
    let is_hit = |value: &RawValue| {
        let start = value.get().as_ptr().addr().checked_sub(json.as_ptr().addr());
        start.is_some_and(|start| (start..=start + value.get().len()).contains(&offset))
    };
    if let Ok(map) = serde_json::from_str::<BTreeMap<String, &RawValue>>(within) {
        let (name, value) = map.into_iter().find(|(_, value)| is_hit(value))?;
        return Some((Key::Name(name), value.get()));
    }
    let list: Vec<&RawValue> = serde_json::from_str(within).ok()?;
    let (index, value) = list.into_iter().enumerate().find(|(_, value)| is_hit(value))?;
    Some((Key::Index(index), value.get()))
}

/// serde quotes the value; what it says behind it are its own words, and of these only known ones are passed on.
fn must(message: &str) -> &'static str {
    let wanted = message.rsplit_once(", expected ").map_or("", |(_, wanted)| wanted);
    match wanted.split(" at line ").next().unwrap_or_default() {
        "i64" => "must be a whole number",
        "a string" => "must be a string",
        "a boolean" => "must be true or false",
        "a sequence" => "must be a list",
        "a map" => "must be an object",
        wanted if wanted.starts_with("struct ") => "must be an object",
        _ => NO_FIT,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::carrier::workload::Workload;

    #[rstest]
    #[case(r#"{"spec": {"replicas": "many"}}"#, "spec.replicas must be a whole number")]
    #[case(r#"{"spec": {"replicas": 1.5}}"#, "spec.replicas must be a whole number")]
    #[case(
        r#"{"spec": {"replicas": "x, expected hunter2"}}"#,
        "spec.replicas must be a whole number"
    )]
    #[case(
        "{\n  \"metadata\": {\"name\": \"ö\"},\n  \"spec\": {\n    \"replicas\": [\n    ]\n  }\n}\n",
        "spec.replicas must be a whole number"
    )]
    #[case(r#"{"spec": {"serviceName": 7}}"#, "spec.serviceName must be a string")]
    #[case(r#"{"spec": {"template": "hunter2"}}"#, "spec.template must be an object")]
    #[case(r#"{"metadata": {"labels": "hunter2"}}"#, "metadata.labels must be an object")]
    #[case(
        r#"{"spec": {"template": {"spec": {"containers": [{}, {"env": {"hunter2": 1}}]}}}}"#,
        "spec.template.spec.containers[1].env must be a list"
    )]
    #[case(
        r#"{"spec": {"template": {"spec": {"containers": [{"env": [{"name": "a", "value": 1}]}]}}}}"#,
        "spec.template.spec.containers[0].env[0].value must be a string"
    )]
    #[case(
        r#"{"metadata": {"annotations": {"hunter2": 1}}}"#,
        "metadata.annotations must hold nothing but strings"
    )]
    #[case(
        r#"{"spec": {"template": {"spec": {"nodeSelector": {"hunter2": []}}}}}"#,
        "spec.template.spec.nodeSelector must hold nothing but strings"
    )]
    #[case("7", "it must be an object")]
    #[case("{", "it does not fit")]
    fn the_field_is_named_and_its_value_is_not(#[case] json: &str, #[case] told: &str) {
        assert_eq!(decode::<Workload>(json).unwrap_err().to_string(), told);
        if let Ok(value) = serde_json::from_str(json) {
            assert_eq!(decode_value::<Workload>(&value).unwrap_err().to_string(), told);
        }
    }
}
