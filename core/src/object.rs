//! The names by which Kubernetes and users know an object.

use alloc::borrow::Cow;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// One object, as reports name it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectRef {
    /// `apps/v1`
    pub api_version: Cow<'static, str>,
    /// `StatefulSet`
    pub kind: Cow<'static, str>,
    /// Namespace; empty when the manifest names none.
    pub namespace: String,
    /// Name.
    pub name: String,
}

/// One vCluster: a release in a namespace of the host cluster.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Release {
    /// Namespace in the host cluster.
    pub namespace: String,
    /// Name of the Helm release, which is the vCluster's name.
    pub name: String,
}

/// `NAMESPACE/NAME`, or the name alone where the namespace is not known.
impl core::fmt::Display for Release {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        if self.namespace.is_empty() {
            f.write_str(&self.name)
        } else {
            write!(f, "{}/{}", self.namespace, self.name)
        }
    }
}

impl Release {
    /// A release in a namespace.
    #[must_use]
    pub fn new(namespace: &str, name: &str) -> Self {
        Self {
            namespace: String::from(namespace),
            name: String::from(name),
        }
    }
}

/// The tokens of a JSON pointer (RFC 6901).
#[must_use]
pub fn tokens(pointer: &str) -> Vec<String> {
    let tokens = pointer.split('/').skip(1);
    tokens
        .map(|token| token.replace("~1", "/").replace("~0", "~"))
        .collect()
}

/// A map of labels or annotations. Its keys are its owner's words, and [`crate::misfit`] knows the fields that are one.
pub type Strings = BTreeMap<String, String>;

/// The part of `metadata` that is read. `managedFields`, often half of a review, is skipped over.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Meta {
    /// Empty on CREATE with `generateName`, in the mutating phase.
    #[serde(deserialize_with = "or_default")]
    pub name: String,
    /// Namespace; empty when the manifest names none.
    #[serde(deserialize_with = "or_default")]
    pub namespace: String,
    /// Empty for what is not stored yet.
    #[serde(deserialize_with = "or_default")]
    pub uid: String,
    /// Labels.
    #[serde(deserialize_with = "or_default")]
    pub labels: Strings,
    /// Annotations.
    #[serde(deserialize_with = "or_default")]
    pub annotations: Strings,
    /// When it was made, RFC 3339; empty before the API server has it.
    #[serde(deserialize_with = "or_default")]
    pub creation_timestamp: String,
    /// Set while the object is being deleted.
    pub deletion_timestamp: Option<String>,
}

impl Meta {
    /// The version in the label `chart`: `vcluster-0.36.1`, `vcluster-k8s-0.19.7`. Leniently, since the chart replaces
    /// `+` and `@` by `_` and cuts the label at 63 characters.
    #[must_use]
    pub fn chart_version(&self) -> Option<semver::Version> {
        let label = self.labels.get("chart")?;
        // The name ends at the first dash before a digit.
        let dash = label.match_indices('-').find(|(at, _)| {
            label
                .get(at + 1..)
                .is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()) && rest.contains('.'))
        });
        let version = label.get(dash?.0 + 1..)?;
        let version = version.split_once('_').map_or(version, |(version, _)| version);
        semver::Version::parse(version).ok()
    }
}

/// Reads `null` as the default: manifests written by hand, and Go's nil lists, have them.
pub(crate) fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

/// Go templates take null, false, zero, and empty strings, lists and maps for false.
pub(crate) fn is_truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(flag) => *flag,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(map) => !map.is_empty(),
    }
}
