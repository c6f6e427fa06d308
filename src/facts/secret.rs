//! The config in a manifest: in the one Secret among its objects that holds one.

use base64::Engine as _;
use serde_json::Value;
use vcluster_guard_core::{
    carrier::secret::CONFIG_KEY,
    config::{
        ParseError,
        yaml::{self, Document},
    },
};

/// The config in a manifest, or why there is none to take; nothing when the text is itself a config.
pub(super) fn config(text: &[u8]) -> Option<Result<Vec<u8>, ParseError>> {
    let documents = match yaml::documents(text) {
        Ok(documents) => documents,
        // Only the first document of a config is read, so that one may be whole.
        Err(error) => return is_object(&yaml::to_json_strict(text).ok()?).then_some(Err(error)),
    };
    is_object(&documents.first()?.value).then(|| held(&documents))
}

/// vCluster refuses a config with such keys, whatever its release.
fn is_object(value: &Value) -> bool {
    let kind = value.get("kind").and_then(Value::as_str);
    kind.is_some_and(|kind| kind == "Secret" || value.get("apiVersion").is_some_and(Value::is_string))
}

fn held(documents: &[Document]) -> Result<Vec<u8>, ParseError> {
    let mut configs = documents.iter().filter_map(|document| {
        let secret = Some(&document.value).filter(|value| value["kind"] == "Secret")?;
        // The API server lets stringData win.
        let plain = secret["stringData"][CONFIG_KEY].as_str();
        let plain = plain.map(|plain| Some(plain.as_bytes().to_vec()));
        Some((
            plain.or_else(|| secret["data"][CONFIG_KEY].as_str().map(unpack))?,
            document.line,
        ))
    });
    let (config, line) = configs.next().ok_or_else(|| {
        refusal(
            format!("no Secret with the key {CONFIG_KEY} is among the objects"),
            None,
        )
    })?;
    if let Some((_, line)) = configs.next() {
        return Err(refusal(
            format!("more than one Secret has the key {CONFIG_KEY}"),
            Some(line),
        ));
    }
    config.ok_or_else(|| refusal(format!("the Secret's key {CONFIG_KEY} is not base64"), Some(line)))
}

fn unpack(data: &str) -> Option<Vec<u8>> {
    let packed: Vec<u8> = data.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    base64::engine::general_purpose::STANDARD.decode(packed).ok()
}

fn refusal(message: String, line: Option<usize>) -> ParseError {
    ParseError {
        message,
        line,
        path: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "kind: Secret\ndata:\n  config.yaml: c3luYzoge30=\n";

    fn held(text: &str) -> Option<Result<Vec<u8>, String>> {
        config(text.as_bytes()).map(|config| config.map_err(|error| error.message))
    }

    #[test]
    fn a_secret_gives_its_config() {
        assert_eq!(held(SECRET).unwrap().unwrap(), b"sync: {}");
        let both = format!("{SECRET}stringData:\n  config.yaml: 'pro: true'\n");
        assert_eq!(held(&both).unwrap().unwrap(), b"pro: true");
    }

    #[test]
    fn the_secret_is_found_among_other_objects() {
        let others = "apiVersion: policy/v1\nkind: PodDisruptionBudget\n---\nkind: Secret\n---\n";
        assert_eq!(held(&format!("{others}{SECRET}")).unwrap().unwrap(), b"sync: {}");
    }

    #[test]
    fn objects_without_one_config_are_refused() {
        let none = "no Secret with the key config.yaml is among the objects";
        assert_eq!(held("kind: Secret\n").unwrap().unwrap_err(), none);
        assert_eq!(
            held("apiVersion: v1\nkind: Pod\n---\nsync: {}\n").unwrap().unwrap_err(),
            none
        );
        let twice = held(&format!("{SECRET}---\n{SECRET}")).unwrap().unwrap_err();
        assert_eq!(twice, "more than one Secret has the key config.yaml");
        let broken = "kind: Secret\ndata: {config.yaml: '%'}\n";
        assert_eq!(
            held(broken).unwrap().unwrap_err(),
            "the Secret's key config.yaml is not base64"
        );
        assert!(held("apiVersion: v1\nkind: Pod\n---\na: [\n").unwrap().is_err());
    }

    #[test]
    fn anything_else_is_a_config() {
        for text in [
            "controlPlane: {}\n",
            "kind: ConfigMap\n",
            "a: [",
            "",
            "sync: {}\n---\nkind: Secret\n",
            "a: 1\n---\nb: [\n",
        ] {
            assert!(held(text).is_none(), "{text}");
        }
    }
}
