//! A vCluster's `config.yaml`, read exactly as vCluster reads it.
//!
//! vCluster hands the text to `sigs.k8s.io/yaml` `UnmarshalStrict` (vcluster: pkg/config/parse.go): YAML 1.1,
//! then JSON, then Go's decoder with its case-folded keys. A reader that differs is a way around the rules.

mod decode;
mod fold;
mod image;
pub mod key;
mod reads;
mod shape;
mod slot;
pub mod yaml;

use alloc::string::String;
use core::fmt;

use serde_json::Value;

use decode::Decoded;
pub use fold::folds_to;
use key::{Any, Flag, Int, Key, StrBool, Text};
use reads::Reads;

/// What Kubernetes lets a Secret hold (k8s: `MaxSecretSize`).
pub const MAX_BYTES: usize = 1 << 20;

/// A config text that vCluster would accept, as far as the keys of [`key`] go. Its `Debug` shows no value.
#[derive(Clone)]
pub struct Config {
    decoded: Decoded,
    reads: Option<Reads>,
}

/// Why vCluster would refuse the text. The message quotes no value of the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ParseError {
    /// What vCluster says of it, in our words; never a value of the text.
    pub message: String,
    /// 1-based line in the config text, where one can be named.
    pub line: Option<usize>,
    /// Dotted path of the key at fault, where one can be named.
    pub path: Option<&'static str>,
}

impl ParseError {
    pub(crate) fn new(message: impl Into<String>, line: Option<usize>) -> Self {
        Self {
            message: message.into(),
            line,
            path: None,
        }
    }
}

static NULL: Value = Value::Null;

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Config").field(&self.decoded.values.keys()).finish()
    }
}

impl Config {
    /// Reads the bytes of the Secret key `config.yaml`.
    pub fn parse(text: &[u8]) -> Result<Self, ParseError> {
        if text.len() > MAX_BYTES {
            return Err(ParseError::new("the config is larger than a Secret can be", None));
        }
        let tree = yaml::Tree::read(text)?;
        Ok(Self {
            decoded: decode::decode(&tree)?,
            reads: None,
        })
    }

    /// The boolean at `key`; Go's zero value (`false`) when absent.
    #[must_use]
    pub fn flag(&self, key: Key<Flag>) -> bool {
        self.value(key.path).as_bool().unwrap_or_default()
    }

    /// The integer at `key`; 0 when absent.
    #[must_use]
    pub fn int(&self, key: Key<Int>) -> i64 {
        self.value(key.path).as_i64().unwrap_or_default()
    }

    /// The string at `key`; empty when absent.
    #[must_use]
    pub fn text(&self, key: Key<Text>) -> &str {
        self.value(key.path).as_str().unwrap_or_default()
    }

    /// The text that Go's `StrBool` keeps (`true`, `false`, `auto`, or any quoted string); empty when absent.
    #[must_use]
    pub fn strbool(&self, key: Key<StrBool>) -> &str {
        self.value(key.path).as_str().unwrap_or_default()
    }

    /// Whatever stands at `key` (a list, a map, an int-or-string); `Null` when absent.
    ///
    /// An image is always an object of `registry`, `repository` and `tag`, also where the text gives a string. Keys
    /// inside a struct that [`key`] does not spell out are spelled as the text spells them: find them with [`member`].
    #[must_use]
    pub fn any(&self, key: Key<Any>) -> &Value {
        self.value(key.path)
    }

    /// 1-based line of the dotted path (or of its nearest ancestor that is written), for reports.
    #[must_use]
    pub fn line(&self, path: &str) -> Option<usize> {
        let mut path = path;
        loop {
            if let Some(line) = self.decoded.lines.get(path) {
                return Some(*line);
            }
            path = path.rsplit_once('.')?.0;
        }
    }

    /// Whether the text says anything at this very path. Old charts' Secrets lack whole keys, whose zero value is not
    /// what the chart renders.
    #[must_use]
    pub fn is_written(&self, path: &str) -> bool {
        self.note(path);
        self.decoded.lines.contains_key(path)
    }

    /// From now on, remembers which keys are read.
    pub(crate) fn watch(&mut self) {
        self.reads = Some(Reads::default());
    }

    /// The keys that were read since the last call.
    pub(crate) fn take_reads(&self) -> impl Iterator<Item = &'static str> {
        self.reads.iter().flat_map(Reads::take)
    }

    fn note(&self, path: &str) {
        if let Some(reads) = &self.reads {
            reads.note(path);
        }
    }

    fn value(&self, path: &str) -> &Value {
        self.note(path);
        self.decoded.values.get(path).unwrap_or(&NULL)
    }
}

/// The member of a JSON object that Go decodes into the field `name`: of several that fold to it, the last.
#[must_use]
pub fn member<'v>(object: &'v Value, name: &str) -> Option<&'v Value> {
    // Sorted as Go's encoder sorts keys.
    let mut members = object.as_object()?.iter().rev();
    members.find(|(key, _)| folds_to(key, name)).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use rstest::rstest;
    use serde_json::json;

    fn config(text: &str) -> Config {
        Config::parse(text.as_bytes()).unwrap()
    }

    /// A text with `value` at a dotted path.
    fn at(path: &str, value: &str) -> String {
        let open = format!("{{{}: ", path.replace('.', ": {"));
        open + value + &"}".repeat(path.split('.').count())
    }

    #[test]
    fn an_empty_text_is_the_empty_config() {
        for text in ["", "# nothing", "---\n---\ncontrolPlane: 1", "null"] {
            assert_eq!(config(text).int(key::REPLICAS), 0, "{text}");
        }
    }

    #[test]
    fn keys_fold_and_the_last_of_the_sorted_ones_wins() {
        let text = "controlPlane: {coredns: {embedded: false}}\nControlPlane: {CoreDNS: {EMBEDDED: yes}}\n";
        assert!(!config(text).flag(key::COREDNS_EMBEDDED));
        assert!(config("CONTROLPLANE: {coredn\u{17f}: {embedded: on}}").flag(key::COREDNS_EMBEDDED));
    }

    #[test]
    fn null_leaves_what_was_there() {
        let text = format!("{}\n", at(key::REPLICAS.path, "3")).replace("{controlPlane", "{ControlPlane");
        let both = text
            .trim_end()
            .strip_suffix('}')
            .map(|text| format!("{text}, controlPlane: null}}"));
        assert_eq!(config(&both.unwrap()).int(key::REPLICAS), 3);
    }

    #[rstest]
    #[case("3.0", 3)]
    #[case("1e1", 10)]
    #[case("010", 8)]
    #[case("1_0", 10)]
    #[case("-1", -1)]
    #[case("null", 0)]
    fn an_integer_is_any_number_without_fraction(#[case] text: &str, #[case] value: i64) {
        assert_eq!(config(&at(key::REPLICAS.path, text)).int(key::REPLICAS), value);
    }

    #[rstest]
    #[case("'3'", "expected an integer of 32 bits, found a string")]
    #[case("1.5", "expected an integer of 32 bits, found a number")]
    #[case("2147483648", "expected an integer of 32 bits, found a number")]
    #[case("[3]", "expected an integer of 32 bits, found a list")]
    fn what_is_no_integer_is_refused(#[case] text: &str, #[case] message: &str) {
        let error = Config::parse(at(key::REPLICAS.path, text).as_bytes()).unwrap_err();
        assert_eq!(error.message, format!("{}: {message}", key::REPLICAS.path));
        assert_eq!(error.line, Some(1));
    }

    #[test]
    fn a_strbool_takes_booleans_and_strings_only() {
        let enabled = |text: &str| Config::parse(at(key::CLAIM_ENABLED.path, text).as_bytes());
        assert_eq!(enabled("yes").unwrap().strbool(key::CLAIM_ENABLED), "true");
        assert_eq!(enabled("'yes'").unwrap().strbool(key::CLAIM_ENABLED), "yes");
        assert!(enabled("null").is_err());
        assert!(enabled("1").is_err());
    }

    #[test]
    fn numbers_become_strings_but_not_in_embedded_structs() {
        let source = config(&at(key::EMBEDDED_DB_DATA_SOURCE.path, "010"));
        assert_eq!(source.text(key::EMBEDDED_DB_DATA_SOURCE), "8");
        assert!(Config::parse(at(key::EXTERNAL_DB_DATA_SOURCE.path, "010").as_bytes()).is_err());
        assert!(Config::parse(at(key::STS_ANNOTATIONS.path, "{a: 1}").as_bytes()).is_err());
    }

    #[test]
    fn an_image_is_always_an_object() {
        let image = |text: &str| config(&at(key::IMAGE.path, text)).any(key::IMAGE).clone();
        let parts = json!({"registry": "ghcr.io", "repository": "a/b", "tag": "1"});
        assert_eq!(image("'ghcr.io/a/b:1'"), parts);
        assert_eq!(image("{Registry: ghcr.io, repository: a/b, tag: '1', other: 1}"), parts);
        assert!(Config::parse(at(key::IMAGE.path, "{tag: 0.30}").as_bytes()).is_err());
        let tag = config(&at(
            "controlPlane.backingStore.etcd.deploy.statefulSet.image",
            "{tag: '3'}",
        ));
        assert_eq!(tag.any(key::DEPLOYED_ETCD_IMAGE_TAG), "3");
    }

    #[test]
    fn of_what_is_synced_only_patches_are_kept() {
        let pods = "{enabled: true, patches: [{path: a}], selector: {x: 1}}";
        let config = config(&at(
            "sync.toHost",
            &format!("{{pods: {pods}, secrets: {{enabled: true, patches: []}}}}"),
        ));
        assert_eq!(
            config.any(key::SYNC_TO_HOST),
            &json!({"pods": {"patches": [{"path": "a"}]}})
        );
    }

    #[test]
    fn a_slice_uses_its_elements_again() {
        // `Patches` sorts before `patches`, so the expression is left over from it.
        let patches = "{patches: [{path: a}], Patches: [{path: b, expression: c}, {path: d}]}";
        let config = config(&at("sync.toHost.namespaces", patches));
        let expected = json!([{"path": "a", "expression": "c"}]);
        assert_eq!(config.any(key::SYNC_NAMESPACES_PATCHES), &expected);
    }

    #[test]
    fn a_path_has_the_line_of_its_nearest_written_ancestor() {
        let config =
            config("controlPlane:\n  advanced: {}\n  statefulSet:\n    highAvailability:\n      replicas: 3\n");
        assert_eq!(config.line(key::REPLICAS.path), Some(5));
        assert_eq!(config.line(key::LEASE_DURATION.path), Some(4));
        assert_eq!(
            config.line(key::REPLICAS.path.strip_prefix("controlPlane.").unwrap()),
            None
        );
    }

    #[test]
    fn no_message_quotes_a_value() {
        for text in [
            at(key::EXTERNAL_DB_DATA_SOURCE.path, "[s3cret]"),
            at(key::EXTERNAL_DB_DATA_SOURCE.path, "!!int s3cret"),
            "a: s3cret\n s3cret\nb: [s3cret".into(),
            "*s3cret".into(),
        ] {
            let error = Config::parse(text.as_bytes()).unwrap_err();
            assert!(!format!("{error:?}").contains("s3cret"), "{error:?}");
        }
    }

    #[test]
    fn more_than_a_secret_holds_is_refused() {
        assert!(Config::parse(&alloc::vec![b' '; MAX_BYTES + 1]).is_err());
    }
}
