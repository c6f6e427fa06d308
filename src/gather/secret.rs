//! The two small objects that are read here rather than by the judgement: the config Secret and a Namespace.

use std::borrow::Cow;
use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::Lookup;

/// What the judgement needs of `vc-config-RELEASE`. It has no `Debug` that shows the values.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct ConfigSecret {
    /// `config.yaml`, decoded; `None` when the Secret has no such key.
    pub(crate) config: Option<Vec<u8>>,
    pub(crate) annotations: BTreeMap<String, String>,
}

impl std::fmt::Debug for ConfigSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ConfigSecret")
            .field("config_bytes", &self.config.as_ref().map(Vec::len))
            .finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct Secret<'a> {
    metadata: Metadata,
    #[serde(borrow)]
    data: Option<BTreeMap<Cow<'a, str>, Cow<'a, str>>>,
}

#[derive(Deserialize)]
struct Namespace {
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Metadata {
    labels: Option<BTreeMap<String, String>>,
    annotations: Option<BTreeMap<String, String>>,
}

/// Reads the Secret of a release. The reason for a failure never quotes it.
pub(super) fn read(text: &str) -> Lookup<ConfigSecret> {
    const UNREADABLE: Lookup<ConfigSecret> = Lookup::Unknown(Cow::Borrowed("the Secret could not be read"));
    let Ok(secret) = serde_json::from_str::<Secret<'_>>(text) else {
        return UNREADABLE;
    };
    let annotations = secret.metadata.annotations.unwrap_or_default();
    let data = secret.data.unwrap_or_default();
    match data
        .get("config.yaml")
        .map(|encoded| STANDARD.decode(encoded.as_bytes()))
    {
        None => Lookup::Found(ConfigSecret {
            config: None,
            annotations,
        }),
        Some(Ok(config)) => Lookup::Found(ConfigSecret {
            config: Some(config),
            annotations,
        }),
        Some(Err(_)) => UNREADABLE,
    }
}

/// Reads the labels of a Namespace.
pub(super) fn labels(text: &str) -> Lookup<BTreeMap<String, String>> {
    serde_json::from_str::<Namespace>(text).map_or(
        Lookup::Unknown(Cow::Borrowed("the Namespace could not be read")),
        |namespace| Lookup::Found(namespace.metadata.labels.unwrap_or_default()),
    )
}
