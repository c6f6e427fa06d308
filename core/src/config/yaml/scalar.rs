//! One scalar to its value, by YAML 1.1 as go-yaml reads it (go.yaml.in/yaml/v2: resolve.go, decode.go).

use alloc::{string::String, vec::Vec};
use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::{ScanError, number, timestamp};

/// The value of a scalar.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Scalar {
    Null,
    Bool(bool),
    Int(i64),
    /// Only what an `i64` cannot hold.
    Uint(u64),
    Float(f64),
    Text(String),
}

const PREFIX: &str = "tag:yaml.org,2002:";
pub(super) const MERGE: &str = "tag:yaml.org,2002:merge";

/// Go's decoder ignores the last bits and insists on the padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireCanonical),
);

/// The value of `text`; `plain` says that neither quotes nor a tag fixed its type.
pub(super) fn resolve(tag: Option<&str>, text: String, plain: bool) -> Result<Scalar, ScanError> {
    let Some(tag) = tag.filter(|tag| !tag.is_empty()) else {
        return Ok(if plain { untagged(text) } else { Scalar::Text(text) });
    };
    let misfit = ScanError::new("a value does not fit its tag");
    match tag.strip_prefix(PREFIX) {
        Some("bool") => Some(untagged(text)).filter(|value| matches!(value, Scalar::Bool(_))),
        Some("int") => Some(untagged(text)).filter(|value| matches!(value, Scalar::Int(_) | Scalar::Uint(_))),
        Some("null") => Some(untagged(text)).filter(|value| matches!(value, Scalar::Null)),
        Some("float") => float(untagged(text)),
        Some("timestamp") => timestamp::is_timestamp(&text).then_some(Scalar::Text(text)),
        Some("binary") => {
            return binary(&text).ok_or(ScanError::new("a !!binary value is not base64"));
        }
        // Any data is accepted as !!str, and an unknown tag says nothing.
        _ => Some(Scalar::Text(text)),
    }
    .ok_or(misfit)
}

#[expect(clippy::cast_precision_loss, reason = "Go converts the same way")]
fn float(value: Scalar) -> Option<Scalar> {
    match value {
        Scalar::Int(int) => Some(Scalar::Float(int as f64)),
        Scalar::Float(_) => Some(value),
        _ => None,
    }
}

fn binary(text: &str) -> Option<Scalar> {
    let packed: Vec<u8> = text.bytes().filter(|b| !matches!(b, b'\r' | b'\n')).collect();
    let bytes = BASE64.decode(packed).ok()?;
    let mut decoded = String::with_capacity(bytes.len());
    // Go's JSON encoder writes one U+FFFD for each byte that is not UTF-8.
    for chunk in bytes.utf8_chunks() {
        decoded.push_str(chunk.valid());
        decoded.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    Some(Scalar::Text(decoded))
}

fn untagged(text: String) -> Scalar {
    let value = match text.as_bytes().first() {
        None => Some(Scalar::Null),
        Some(b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~') => word(&text),
        Some(b'.') => special_float(&text).or_else(|| number::parse_dotted(&text).map(Scalar::Float)),
        Some(b'+' | b'-' | b'0'..=b'9') => special_float(&text).or_else(|| digits(&text)),
        Some(_) => None,
    };
    value.unwrap_or(Scalar::Text(text))
}

fn word(text: &str) -> Option<Scalar> {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Some(Scalar::Bool(true)),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Some(Scalar::Bool(false))
        }
        "~" | "null" | "Null" | "NULL" => Some(Scalar::Null),
        _ => None,
    }
}

fn special_float(text: &str) -> Option<Scalar> {
    match text {
        ".nan" | ".NaN" | ".NAN" => Some(Scalar::Float(f64::NAN)),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Some(Scalar::Float(f64::INFINITY)),
        "-.inf" | "-.Inf" | "-.INF" => Some(Scalar::Float(f64::NEG_INFINITY)),
        _ => None,
    }
}

fn digits(text: &str) -> Option<Scalar> {
    let without_underscores;
    let plain = if text.contains('_') {
        without_underscores = text.replace('_', "");
        without_underscores.as_str()
    } else {
        text
    };
    number::parse_int(plain, 0)
        .map(Scalar::Int)
        .or_else(|| number::parse_uint(plain, 0).map(Scalar::Uint))
        .or_else(|| number::parse_float(plain).map(Scalar::Float))
        .or_else(|| signed_binary(plain))
}

/// `0b-1` is minus one: go-yaml cuts the prefix off and lets the rest have a sign of its own.
fn signed_binary(plain: &str) -> Option<Scalar> {
    plain
        .strip_prefix("0b")
        .and_then(|rest| number::parse_int(rest, 2))
        .map(Scalar::Int)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> Scalar {
        resolve(None, text.into(), true).unwrap()
    }

    #[test]
    fn booleans_are_those_of_yaml_1_1() {
        assert_eq!(plain("y"), Scalar::Bool(true));
        assert_eq!(plain("Off"), Scalar::Bool(false));
        assert_eq!(plain("tRue"), Scalar::Text("tRue".into()));
    }

    #[test]
    fn numbers_may_have_underscores_and_a_base() {
        assert_eq!(plain("1_0"), Scalar::Int(10));
        assert_eq!(plain("0o10"), Scalar::Int(8));
        assert_eq!(plain("18446744073709551615"), Scalar::Uint(u64::MAX));
        assert_eq!(
            plain("25184639833542666226"),
            Scalar::Float(25_184_639_833_542_666_226.0)
        );
        assert_eq!(plain("0b-1"), Scalar::Int(-1));
        assert_eq!(plain("_1"), Scalar::Text("_1".into()));
    }

    #[test]
    fn a_quoted_word_is_text_and_a_tag_overrides_the_quotes() {
        let quoted = |tag| resolve(tag, "yes".into(), false);
        assert_eq!(quoted(None), Ok(Scalar::Text("yes".into())));
        assert_eq!(quoted(Some("tag:yaml.org,2002:bool")), Ok(Scalar::Bool(true)));
        assert!(quoted(Some("tag:yaml.org,2002:int")).is_err());
        assert_eq!(quoted(Some("!")), Ok(Scalar::Text("yes".into())));
    }

    #[test]
    fn binary_is_decoded_and_mended() {
        let binary = |text: &str| resolve(Some("tag:yaml.org,2002:binary"), text.into(), false);
        assert_eq!(binary("aGVs\nbG8="), Ok(Scalar::Text("hello".into())));
        assert_eq!(binary("4oI="), Ok(Scalar::Text("\u{fffd}\u{fffd}".into())));
        assert!(binary("aGVsbG8").is_err());
    }
}
