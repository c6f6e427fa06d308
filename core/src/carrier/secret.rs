//! The config Secret `vc-config-NAME`: everything the owner of a vCluster has said, in one key.

use alloc::string::String;
use alloc::vec::Vec;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::config::{Config, ParseError, key};
use crate::object::{Meta, or_default};
use crate::recognise::APP_CONTROL_PLANE;

/// The Secret key that holds the config.
pub const CONFIG_KEY: &str = "config.yaml";

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
    pub fn from_json(json: &str) -> Result<Option<Self>, serde_json::Error> {
        let object: Object = serde_json::from_str(json)?;
        let text = match (object.string_data.config, object.data.config) {
            // The API server lets stringData win over data.
            (Some(text), _) => Some(Ok(text.into_bytes())),
            (None, Some(encoded)) => Some(STANDARD.decode(encoded.as_bytes())),
            (None, None) => None,
        };
        Ok(text.map(|text| match text {
            Ok(text) => Self::new(object.metadata, text),
            Err(_) => Self {
                metadata: object.metadata,
                text: Vec::new(),
                parsed: Err(not_base64()),
            },
        }))
    }

    /// Decodes a Secret object that has lost its key `config.yaml`, which vCluster cannot start without.
    pub fn without_config(json: &str) -> Result<Self, serde_json::Error> {
        let object: Object = serde_json::from_str(json)?;
        Ok(Self {
            metadata: object.metadata,
            text: Vec::new(),
            parsed: Err(ParseError {
                message: String::from("the Secret has no key config.yaml any more"),
                line: None,
            }),
        })
    }

    /// A Secret whose key `config.yaml` holds these bytes.
    #[must_use]
    pub fn new(metadata: Meta, text: Vec<u8>) -> Self {
        let parsed = Config::parse(&text);
        Self { metadata, text, parsed }
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

    /// Whether a pod template with this `vClusterConfigHash` was rendered from this text: SHA-256 over the
    /// base64 of the text, and since 0.30.0-alpha.2 of the text without `privateNodes.autoNodes`
    /// (vcluster: chart/templates/_helper.tpl, measured on renders of 0.20 to 0.36).
    #[must_use]
    pub fn has_hash(&self, hash: &str) -> bool {
        let text = self.text.strip_suffix(b"\n").unwrap_or(&self.text);
        let matches = |text: &[u8]| hex(&Sha256::digest(STANDARD.encode(text))) == hash;
        matches(text) || matches(&without_auto_nodes(text)) || matches(&self.text)
    }
}

fn not_base64() -> ParseError {
    ParseError {
        message: String::from("the Secret key config.yaml is not base64"),
        line: None,
    }
}

fn hex(bytes: &[u8]) -> String {
    use core::fmt::Write;
    bytes
        .iter()
        .fold(String::with_capacity(2 * bytes.len()), |mut out, byte| {
            // Writing to a String cannot fail.
            let _ = write!(out, "{byte:02x}");
            out
        })
}

/// Helm's `toYaml` sorts keys and indents by two, so leaving a key out leaves its lines out.
fn without_auto_nodes(text: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(text.len());
    let (mut inside_parent, mut dropping) = (false, false);
    for line in text.split_inclusive(|&b| b == b'\n') {
        let at_top = line.first().is_some_and(|&b| b != b' ' && b != b'-');
        if at_top {
            inside_parent = line.starts_with(b"privateNodes:");
        }
        let continues =
            line.starts_with(b"   ") || line.starts_with(b"  - ") || line.iter().all(u8::is_ascii_whitespace);
        dropping = inside_parent && (line.starts_with(b"  autoNodes:") || (dropping && continues));
        if !dropping {
            kept.extend_from_slice(line);
        }
    }
    kept
}
