//! The config Secret `vc-config-NAME`: everything the owner of a vCluster has said, in one key.

mod hash;

pub use hash::Proof;

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::locate;
use crate::config::{Config, ParseError, key};
use crate::misfit::{self, Misfit};
use crate::object::{Meta, ObjectRef, or_default};
use crate::recognise::names::APP_CONTROL_PLANE;

/// The Secret key that holds the config (vcluster: chart/templates/config-secret.yaml).
pub const CONFIG_KEY: &str = "config.yaml";
/// The annotation of pod templates by which they tell from which config they were rendered.
pub const CONFIG_HASH: &str = "vClusterConfigHash";

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Data {
    #[serde(rename = "config.yaml")]
    config: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Object {
    #[serde(deserialize_with = "or_default")]
    metadata: Meta,
    #[serde(deserialize_with = "or_default")]
    data: Data,
    #[serde(deserialize_with = "or_default")]
    string_data: Data,
}

/// A config Secret. Its `Debug` shows no value.
#[derive(Clone)]
pub struct ConfigSecret {
    /// metadata
    pub metadata: Meta,
    text: Vec<u8>,
    parsed: Result<Config, ParseError>,
    origin: Option<Arc<Origin>>,
}

/// What a Secret that does not exist yet was foretold from.
#[derive(Debug)]
pub struct Origin {
    /// What users wrote.
    pub object: ObjectRef,
    /// Set where not all values can be seen.
    pub unseen: Option<Unseen>,
}

/// Values that somebody adds where it cannot be seen.
pub struct Unseen {
    /// What can be seen; it lies over the rest.
    pub visible: Value,
    /// Unless it does not.
    pub overrides: bool,
}

impl core::fmt::Debug for Unseen {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Unseen").finish_non_exhaustive()
    }
}

impl Unseen {
    /// Whether what is seen decides this key. A map can still be added to.
    fn is_decided(&self, path: &str) -> bool {
        !self.overrides && locate::value(&self.visible, path).is_some_and(|value| !value.is_object())
    }
}

impl core::fmt::Debug for ConfigSecret {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("ConfigSecret")
            .field("name", &self.metadata.name)
            .finish_non_exhaustive()
    }
}

impl PartialEq for ConfigSecret {
    /// What was parsed follows from the text.
    fn eq(&self, other: &Self) -> bool {
        self.metadata == other.metadata && self.text == other.text
    }
}

impl ConfigSecret {
    /// Decodes a Secret object. `Ok(None)` when it has no key `config.yaml`, so is none of vCluster's.
    pub fn from_json(json: &str) -> Result<Option<Self>, Misfit> {
        Ok(Self::of(misfit::decode(json)?))
    }

    /// The same, from an object that was read already.
    pub(crate) fn from_value(object: &Value) -> Result<Option<Self>, Misfit> {
        Ok(Self::of(misfit::decode_value(object)?))
    }

    fn of(object: Object) -> Option<Self> {
        let text = match (object.string_data.config, object.data.config) {
            // The API server lets stringData win over data.
            (Some(text), _) => Ok(text.into_bytes()),
            (None, Some(encoded)) => STANDARD.decode(encoded.as_bytes()),
            (None, None) => return None,
        };
        Some(match text {
            Ok(text) => Self::new(object.metadata, text),
            Err(_) => Self::unreadable(object.metadata, "the Secret key config.yaml is not base64"),
        })
    }

    /// Decodes a Secret object that has lost its key `config.yaml`, which vCluster cannot start without.
    pub fn without_config(json: &str) -> Result<Self, Misfit> {
        let object: Object = misfit::decode(json)?;
        let message = "the Secret has no key config.yaml any more";
        Ok(Self::unreadable(object.metadata, message))
    }

    fn unreadable(metadata: Meta, message: &str) -> Self {
        Self {
            metadata,
            text: Vec::new(),
            parsed: Err(ParseError::new(message, None)),
            origin: None,
        }
    }

    /// A Secret whose key `config.yaml` holds these bytes.
    #[must_use]
    pub fn new(metadata: Meta, text: Vec<u8>) -> Self {
        let parsed = Config::parse(&text);
        Self {
            metadata,
            text,
            parsed,
            origin: None,
        }
    }

    /// The same, foretold from values. Its lines are nobody's.
    #[must_use]
    pub(crate) fn told_as(mut self, origin: Arc<Origin>) -> Self {
        self.parsed = self.parsed.map_err(|error| ParseError { line: None, ..error });
        if let (Ok(config), Some(_)) = (&mut self.parsed, &origin.unseen) {
            config.watch();
        }
        self.origin = Some(origin);
        self
    }

    /// From now on, remembers which keys of the config are read.
    pub(crate) fn watch(&mut self) {
        if let Ok(config) = &mut self.parsed {
            config.watch();
        }
    }

    /// The object to point at instead.
    #[must_use]
    pub fn origin(&self) -> Option<&ObjectRef> {
        self.origin.as_ref().map(|origin| &origin.object)
    }

    /// Whether there are values that cannot be seen.
    #[must_use]
    pub(crate) fn is_partly_unseen(&self) -> bool {
        self.origin.as_ref().is_some_and(|origin| origin.unseen.is_some())
    }

    /// Whether a key that was read since the last call may be otherwise, for all that can be seen.
    #[must_use]
    pub(crate) fn read_unseen(&self) -> bool {
        let unseen = self.origin.as_ref().and_then(|origin| origin.unseen.as_ref());
        let (Some(unseen), Ok(config)) = (unseen, &self.parsed) else {
            return false;
        };
        // All of them, so that none is left over for the next call.
        config
            .take_reads()
            .fold(false, |any, path| any | !unseen.is_decided(path))
    }

    /// Whether it is surely a vCluster's: by its label, or because its text names a key that only vCluster's values
    /// have. Other programs may name a Secret like this, too.
    #[must_use]
    pub fn is_of_vcluster(&self) -> bool {
        const KEYS: [&[u8]; 5] = [
            b"controlplane",
            b"exportkubeconfig",
            b"privatenodes",
            b"tohost",
            b"fromhost",
        ];
        let text = self.text.to_ascii_lowercase();
        let names = |key: &&[u8]| text.windows(key.len()).any(|window| window == *key);
        let app = self.metadata.labels.get("app").map(String::as_str);
        app == Some(APP_CONTROL_PLANE) || KEYS.iter().any(names) || (text.is_empty() && self.parsed.is_err())
    }

    /// The config, or why vCluster would refuse it.
    pub fn config(&self) -> Result<&Config, &ParseError> {
        self.parsed.as_ref()
    }

    /// The chart's version as the label tells it.
    #[must_use]
    pub fn chart_version(&self) -> Option<semver::Version> {
        self.metadata.chart_version()
    }

    /// A digest of the external database that is in use, to tell equal ones without telling them.
    #[must_use]
    pub fn database_digest(&self) -> Option<[u8; 32]> {
        let config = self.config().ok()?;
        let source = Some(config.text(key::EXTERNAL_DB_DATA_SOURCE)).filter(|source| !source.is_empty())?;
        let enabled = config.flag(key::EXTERNAL_DB_ENABLED);
        enabled.then(|| Sha256::digest(source.as_bytes()).into())
    }

    /// The text itself. It holds passwords.
    #[must_use]
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// What its `vClusterConfigHash` tells of whether a pod template was rendered from this text.
    #[must_use]
    pub fn proof(&self, hash: &str) -> Proof {
        hash::proof(&self.text, hash)
    }
}
