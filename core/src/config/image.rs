//! vCluster's `Image`, which has a decoder of its own (vcluster: config/config.go `Image.UnmarshalJSON`).

use alloc::string::String;

use serde_json::{Map, Value};

use super::{
    fold::folds_to,
    slot::{Misfit, misfit},
    yaml::{Content, Scalar, View},
};

const PARTS: [&str; 3] = ["registry", "repository", "tag"];

/// The image as an object of `registry`, `repository` and `tag`, empty parts left out. A string is taken apart,
/// unknown keys are accepted, and numbers are not turned into strings (`tag: 0.30` is fatal).
pub(super) fn decode(view: View<'_>) -> Result<Value, Misfit> {
    let entries = match view.content() {
        Content::Map(entries) => entries,
        Content::Scalar(Scalar::Text(reference)) => return Ok(parse(reference)),
        Content::Scalar(Scalar::Null) => return Ok(parse("")),
        _ => return Err(misfit("an image: a map or a string", view)),
    };
    let mut image = Map::new();
    for entry in entries {
        let Some(part) = PARTS.iter().find(|part| folds_to(&entry.key, part)) else {
            continue;
        };
        let value = view.at(entry.value);
        match value.content() {
            Content::Scalar(Scalar::Text(text)) => {
                image.insert((*part).into(), text.clone().into());
            }
            Content::Scalar(Scalar::Null) => {}
            _ => return Err(misfit("a string", value)),
        }
    }
    image.retain(|_, text| text != "");
    Ok(image.into())
}

/// `ParseImageRef` (vcluster: `config/default_extra_values.go`).
fn parse(reference: &str) -> Value {
    let (registry, rest) = match reference.split_once('/') {
        Some((registry, rest)) if registry.contains(['.', ':']) => (registry, rest),
        _ => ("", reference),
    };
    let (repository, tag) = rest.split_once(':').unwrap_or((rest, ""));
    let repository = repository.strip_prefix("library/").unwrap_or(repository);
    PARTS
        .into_iter()
        .zip([registry, repository, tag])
        .filter(|(_, text)| !text.is_empty())
        .map(|(part, text)| (String::from(part), Value::from(text)))
        .collect::<Map<_, _>>()
        .into()
}

#[cfg(test)]
mod tests {
    use super::parse;
    use serde_json::json;

    #[test]
    fn a_reference_is_taken_apart_as_vcluster_does() {
        assert_eq!(
            parse("ghcr.io/loft-sh/vcluster-oss:0.30.0"),
            json!({"registry": "ghcr.io", "repository": "loft-sh/vcluster-oss", "tag": "0.30.0"})
        );
        assert_eq!(parse("loft-sh/vcluster"), json!({"repository": "loft-sh/vcluster"}));
        assert_eq!(parse("library/alpine:3"), json!({"repository": "alpine", "tag": "3"}));
        assert_eq!(parse("repo@sha256:x"), json!({"repository": "repo@sha256", "tag": "x"}));
        assert_eq!(parse(""), json!({}));
    }
}
