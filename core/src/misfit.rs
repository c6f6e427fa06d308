//! Why an object cannot be decoded: which field it is and what it must be, never what it is, which may be a secret. Nor
//! is a key said that is its owner's word.

use alloc::string::{String, ToString};
use core::fmt::Write;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Deserializer, Value};
use serde_path_to_error::{Path, Segment};

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
    serde_json::from_str(json).map_err(|_| Misfit::find::<T>(json))
}

/// The same, of an object that was read already.
pub(crate) fn decode_value<T: DeserializeOwned>(object: &Value) -> Result<T, Misfit> {
    T::deserialize(object).map_err(|_| Misfit::find::<T>(&object.to_string()))
}

impl Misfit {
    /// Decodes once more and keeps book of where: nobody waits for what was refused.
    #[cold]
    fn find<'de, T: Deserialize<'de>>(json: &'de str) -> Self {
        let again = serde_path_to_error::deserialize::<_, T>(&mut Deserializer::from_str(json));
        let Err(error) = again else {
            return Self {
                path: String::new(),
                what: NO_FIT,
            };
        };
        let (path, is_free) = path(error.path());
        Self {
            path,
            what: if is_free {
                "must hold nothing but strings"
            } else {
                must(&error.inner().to_string())
            },
        }
    }
}

const NO_FIT: &str = "does not fit";

/// The fields that are [`crate::object::Strings`].
const FREE: [&str; 4] = ["annotations", "labels", "matchLabels", "nodeSelector"];

/// The path to a field, no further than to a free map, and whether it leads into one.
fn path(steps: &Path) -> (String, bool) {
    let mut path = String::new();
    let mut is_free = false;
    for step in steps {
        match step {
            _ if is_free => return (path, true),
            Segment::Seq { index } => {
                let _written = write!(path, "[{index}]");
            }
            Segment::Map { key } => {
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(key);
                is_free = FREE.contains(&key.as_str());
            }
            // The text is no JSON.
            Segment::Enum { .. } | Segment::Unknown => return (String::new(), false),
        }
    }
    (path, false)
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
