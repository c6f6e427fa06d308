//! Why an object cannot be decoded: which field it is and what it must be, never what it is, which may be a secret.

use alloc::string::{String, ToString};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Deserializer, Value};
use serde_path_to_error::Segment;

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
        let path = error.path();
        // Of a text that is no JSON the last step is not known, and of the object itself there is none.
        let is_known = path.iter().all(|step| !matches!(step, Segment::Unknown)) && path.iter().len() > 0;
        Self {
            path: if is_known { path.to_string() } else { String::new() },
            what: must(&error.inner().to_string()),
        }
    }
}

const NO_FIT: &str = "does not fit";

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
    #[case("7", "it must be an object")]
    #[case("{", "it does not fit")]
    fn the_field_is_named_and_its_value_is_not(#[case] json: &str, #[case] told: &str) {
        assert_eq!(decode::<Workload>(json).unwrap_err().to_string(), told);
        if let Ok(value) = serde_json::from_str(json) {
            assert_eq!(decode_value::<Workload>(&value).unwrap_err().to_string(), told);
        }
    }
}
