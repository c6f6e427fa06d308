//! The words of the policy file. YAML 1.1 makes booleans of some of them.

use alloc::format;
use alloc::string::String;

use serde::de::value::StringDeserializer;
use serde::de::{Error, IntoDeserializer};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// Reads one of the words of an enum. YAML 1.1 makes `false` of an unquoted `off`, so `false` is read as that word.
pub(super) fn word<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    read(Value::deserialize(deserializer)?)
}

/// A word that may be left out.
pub(super) fn maybe_word<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
        value => read(value).map(Some),
    }
}

fn read<'de, T: Deserialize<'de>, E: Error>(value: Value) -> Result<T, E> {
    let (word, why) = match value {
        Value::String(word) => (word, ""),
        Value::Bool(false) => ("off".into(), " (no, off and false without quotes are all read as off)"),
        Value::Bool(true) => ("on".into(), " (yes, on and true without quotes are all read as on)"),
        _ => return Err(E::custom("a word is expected here")),
    };
    let words: StringDeserializer<E> = String::into_deserializer(word);
    T::deserialize(words).map_err(|error| E::custom(format!("{error}{why}")))
}
