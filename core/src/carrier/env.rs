//! Environment variables of a container.

use alloc::borrow::Cow;
use alloc::string::String;

use serde::{Deserialize, Deserializer};

use crate::object::or_default;

/// The flag of k3s that names a datastore.
pub const DATASTORE_FLAG: &str = "--datastore-endpoint";

/// An environment variable: its name, and never its value, which may be a password.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the names of the Kubernetes API")]
pub struct Env {
    #[serde(deserialize_with = "or_default")]
    pub name: String,
    /// What can be told of the value without keeping it.
    #[serde(rename = "value", deserialize_with = "hints")]
    pub hints: Hints,
}

/// What an environment variable says of the store. Charts 0.17 to 0.19 pass whole command lines in variables.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Hints {
    /// An API server is to find etcd in its own pod.
    pub own_etcd: bool,
    /// k3s is to find its datastore elsewhere.
    pub datastore: bool,
}

fn hints<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Hints, D::Error> {
    let value = Option::<Cow<'de, str>>::deserialize(deserializer)?.unwrap_or_default();
    Ok(Hints {
        own_etcd: value.contains("--etcd-servers=https://127.0.0.1:2379"),
        datastore: value.contains(DATASTORE_FLAG),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_leaves_nothing_but_hints() {
        let env: Env = serde_json::from_value(json!({"name": "VCLUSTER_COMMAND",
            "value": "k3s server --datastore-endpoint=postgres://k3s:secret@pg"}))
        .unwrap();
        assert!(env.hints.datastore && !env.hints.own_etcd);
        assert!(!alloc::format!("{env:?}").contains("secret"));
    }

    #[test]
    fn a_value_from_elsewhere_tells_nothing() {
        let env: Env = serde_json::from_value(json!({"name": "A", "value": null, "valueFrom": {}})).unwrap();
        assert_eq!(env.hints, Hints::default());
    }
}
