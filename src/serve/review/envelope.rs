//! Bytes to [`Request`]: the envelope and the uid, the objects left as raw text.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Operation, Request};

const API_VERSION: &str = "admission.k8s.io/v1";
const KIND: &str = "AdmissionReview";
/// A uid is echoed and logged; that of kube-apiserver has 36 characters.
const LONGEST_UID: usize = 256;

/// A body that is no review this server can answer. Its text goes to the caller, so it quotes no value of the body.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum Unreadable {
    #[error("the body is empty: an AdmissionReview is expected")]
    Empty,
    #[error("the body is not UTF-8 (byte {0})")]
    NotUtf8(usize),
    #[error("the body is not a JSON AdmissionReview: {what} (line {line}, column {column})")]
    NotJson {
        what: &'static str,
        line: usize,
        column: usize,
    },
    #[error("the body is not a JSON object")]
    NoObject,
    #[error("kind is not AdmissionReview")]
    Kind,
    #[error("apiVersion is not admission.k8s.io/v1: register the webhook with admissionReviewVersions: [\"v1\"]")]
    Version,
    #[error("request is missing: this is an answer, not a question")]
    NoRequest,
    #[error("request.uid is missing: an answer without it would be refused")]
    NoUid,
    #[error("request.uid is longer than {LONGEST_UID} bytes")]
    LongUid,
    #[error("request.operation is none of CREATE, UPDATE, DELETE, CONNECT")]
    Operation,
}

// Only what is used is named; everything else is skipped without an allocation. A named key that stands twice is
// an error: two readers could otherwise see two different requests.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow, default)]
    kind: Cow<'a, str>,
    #[serde(borrow, default, rename = "apiVersion")]
    api_version: Cow<'a, str>,
    #[serde(borrow)]
    request: Option<Body<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    #[serde(borrow, default)]
    uid: Cow<'a, str>,
    #[serde(borrow, default)]
    kind: Kind<'a>,
    #[serde(borrow, default)]
    sub_resource: Cow<'a, str>,
    #[serde(borrow, default)]
    namespace: Cow<'a, str>,
    #[serde(borrow, default)]
    name: Cow<'a, str>,
    #[serde(borrow, default)]
    operation: Cow<'a, str>,
    #[serde(borrow, default)]
    user_info: User<'a>,
    #[serde(borrow)]
    object: Option<&'a RawValue>,
    #[serde(borrow)]
    old_object: Option<&'a RawValue>,
    dry_run: Option<bool>,
}

#[derive(Default, Deserialize)]
struct Kind<'a> {
    #[serde(borrow, default)]
    group: Cow<'a, str>,
    #[serde(borrow, default)]
    kind: Cow<'a, str>,
}

#[derive(Default, Deserialize)]
struct User<'a> {
    #[serde(borrow, default)]
    username: Cow<'a, str>,
    #[serde(borrow)]
    groups: Option<Vec<Text<'a>>>,
}

/// serde borrows a `Cow` only where it is a field of its own, hence this wrapper for lists.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// Reads the review in `body`.
pub(crate) fn decode(body: &[u8]) -> Result<Request<'_>, Unreadable> {
    if body.is_empty() {
        return Err(Unreadable::Empty);
    }
    let text = str::from_utf8(body).map_err(|error| Unreadable::NotUtf8(error.valid_up_to()))?;
    // serde would also read a struct from a list.
    if !text.trim_start().starts_with('{') {
        return Err(Unreadable::NoObject);
    }
    let envelope: Envelope<'_> = serde_json::from_str(text).map_err(|error| not_json(&error))?;
    if envelope.kind != KIND {
        return Err(Unreadable::Kind);
    }
    if envelope.api_version != API_VERSION {
        return Err(Unreadable::Version);
    }
    request(envelope.request.ok_or(Unreadable::NoRequest)?)
}

fn request(body: Body<'_>) -> Result<Request<'_>, Unreadable> {
    if body.uid.is_empty() {
        return Err(Unreadable::NoUid);
    }
    if body.uid.len() > LONGEST_UID {
        return Err(Unreadable::LongUid);
    }
    let operation = Operation::parse(&body.operation).ok_or(Unreadable::Operation)?;
    let groups = body.user_info.groups.unwrap_or_default();
    Ok(Request {
        uid: body.uid,
        operation,
        group: body.kind.group,
        kind: body.kind.kind,
        sub_resource: body.sub_resource,
        namespace: body.namespace,
        name: body.name,
        dry_run: body.dry_run.unwrap_or(false),
        username: body.user_info.username,
        groups: groups.into_iter().map(|Text(group)| group).collect(),
        object: body.object.filter(|raw| raw.get() != "null"),
        old_object: body.old_object.filter(|raw| raw.get() != "null"),
    })
}

/// `serde_json` quotes the value it stumbled over, which may be a Secret's: only the kind of error is kept.
fn not_json(error: &serde_json::Error) -> Unreadable {
    let what = match error.classify() {
        serde_json::error::Category::Eof => "it ends too early",
        serde_json::error::Category::Data if error.to_string().starts_with("duplicate field") => "a key stands twice",
        serde_json::error::Category::Data => "a field is of the wrong type",
        _ => "a syntax error",
    };
    Unreadable::NotJson {
        what,
        line: error.line(),
        column: error.column(),
    }
}

#[cfg(test)]
#[path = "envelope_tests.rs"]
mod tests;
