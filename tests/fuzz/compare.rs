//! Whether two readers took a text alike. What they say when they refuse it is their own affair.

use std::collections::BTreeMap;
use std::fmt::Display;

use serde_json::Value;
use serde_json::value::RawValue;

use super::oracle::Answer;

/// Whether both refuse, or read the same.
pub(crate) fn agree(ours: &Result<Value, impl Display>, go: &Answer) -> bool {
    match (ours, go) {
        (Ok(ours), Ok(go)) => serde_json::from_str(go).is_ok_and(|go| same(ours, go)),
        (Err(_), Err(_)) => true,
        _ => false,
    }
}

/// On Go's own digits: a JSON parser in between could round a float and hide, or make, a difference.
fn same(ours: &Value, go: &RawValue) -> bool {
    let go = go.get();
    match ours {
        Value::Null => go == "null",
        Value::Bool(ours) => go.parse() == Ok(*ours),
        Value::Number(number) if number.is_f64() => {
            let bits = number.as_f64().map(f64::to_bits);
            bits == go.parse::<f64>().ok().map(f64::to_bits)
        }
        Value::Number(number) => number.to_string() == go,
        Value::String(text) => serde_json::from_str::<String>(go).is_ok_and(|go| go == *text),
        Value::Array(ours) => serde_json::from_str::<Vec<&RawValue>>(go)
            .is_ok_and(|go| ours.len() == go.len() && ours.iter().zip(go).all(|(ours, go)| same(ours, go))),
        Value::Object(ours) => serde_json::from_str::<BTreeMap<String, &RawValue>>(go).is_ok_and(|go| {
            let keys = ours.len() == go.len();
            keys && go
                .iter()
                .all(|(key, go)| ours.get(key).is_some_and(|ours| same(ours, go)))
        }),
    }
}
