//! [`Answer`] and how it is written: kube-core's own response type writes a patch as an array of numbers (three to
//! four times the bytes) and leaves code and reason out, so this is ours.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

/// The apiserver passes on a message of any length, 1 MB included; a person reads the first lines.
const LONGEST_MESSAGE: usize = 2048;
const MOST_CAUSES: usize = 32;
const LONGEST_CAUSE: usize = 1024;
/// A denial with another code would reach the user as 400.
const FORBIDDEN: u16 = 403;
/// The apiserver cuts warnings to 256 runes each once their sum passes 4096: 15 of 256 stay below that.
const LONGEST_WARNING: usize = 256;
const MOST_WARNINGS: usize = 15;
const LONGEST_ANNOTATION: usize = 1024;

/// One finding in machine-readable form: `status.details.causes`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Cause {
    /// The rule id.
    pub(crate) reason: String,
    pub(crate) message: String,
    pub(crate) field: String,
}

/// What is answered to one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) allowed: bool,
    /// HTTP status of a denial for the user; below 400 the apiserver would make it 400.
    pub(crate) code: u16,
    pub(crate) reason: &'static str,
    pub(crate) message: String,
    pub(crate) causes: Vec<Cause>,
    pub(crate) warnings: Vec<String>,
    /// Keys without a prefix: the apiserver puts the webhook's name before them.
    pub(crate) audit_annotations: Vec<(String, String)>,
    /// JSON text of an RFC 6902 patch. Never sent by /validate.
    pub(crate) patch: Option<Vec<u8>>,
    /// The vCluster that was judged, for the log alone; empty where nothing was.
    pub(crate) vcluster: String,
    /// The rules that were exempt, for the log alone.
    pub(crate) exempt: String,
}

impl Answer {
    /// Nothing to say against it.
    pub(crate) fn allow() -> Self {
        Self {
            allowed: true,
            code: 200,
            reason: "",
            message: String::new(),
            causes: Vec::new(),
            warnings: Vec::new(),
            audit_annotations: Vec::new(),
            patch: None,
            vcluster: String::new(),
            exempt: String::new(),
        }
    }

    /// The AdmissionReview that carries this answer, as JSON.
    pub(crate) fn write(&self, uid: &str) -> Result<Vec<u8>, serde_json::Error> {
        let mut body = Vec::with_capacity(256 + self.patch.as_ref().map_or(0, |patch| patch.len() * 4 / 3));
        serde_json::to_writer(&mut body, &Review::of(self, uid))?;
        Ok(body)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Review<'a> {
    kind: &'static str,
    api_version: &'static str,
    response: Response<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Response<'a> {
    uid: &'a str,
    allowed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Status>,
    #[serde(skip_serializing_if = "Option::is_none")]
    patch: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    patch_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
    #[serde(skip_serializing_if = "<[_]>::is_empty", serialize_with = "as_map")]
    audit_annotations: Vec<(&'a str, String)>,
}

#[derive(Serialize)]
struct Status {
    #[serde(rename = "status")]
    outcome: &'static str,
    message: String,
    reason: &'static str,
    code: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<Details>,
}

#[derive(Serialize)]
struct Details {
    causes: Vec<Cause>,
}

impl<'a> Review<'a> {
    fn of(answer: &'a Answer, uid: &'a str) -> Self {
        let patch = answer.patch.as_ref().map(|patch| STANDARD.encode(patch));
        Self {
            kind: "AdmissionReview",
            api_version: "admission.k8s.io/v1",
            response: Response {
                uid,
                allowed: answer.allowed,
                status: (!answer.allowed).then(|| Status::of(answer)),
                // A patchType without a patch fails the call.
                patch_type: patch.as_ref().map(|_| "JSONPatch"),
                patch,
                warnings: warnings(&answer.warnings),
                audit_annotations: annotations(&answer.audit_annotations),
            },
        }
    }
}

impl Status {
    fn of(answer: &Answer) -> Self {
        let causes: Vec<Cause> = answer.causes.iter().take(MOST_CAUSES).map(bounded).collect();
        Self {
            outcome: "Failure",
            message: cut(&answer.message, LONGEST_MESSAGE),
            reason: answer.reason,
            code: if (400..600).contains(&answer.code) {
                answer.code
            } else {
                FORBIDDEN
            },
            details: (!causes.is_empty()).then_some(Details { causes }),
        }
    }
}

fn bounded(cause: &Cause) -> Cause {
    Cause {
        reason: cut(&cause.reason, LONGEST_CAUSE),
        message: cut(&cause.message, LONGEST_CAUSE),
        field: cut(&cause.field, LONGEST_CAUSE),
    }
}

/// At most `limit` bytes of `text`, whole characters, with an ellipsis where it was cut.
fn cut(text: &str, limit: usize) -> String {
    const ELLIPSIS: &str = "…";
    if text.len() <= limit {
        return text.to_owned();
    }
    let most = limit - ELLIPSIS.len();
    let end = text
        .char_indices()
        .map(|(at, character)| at + character.len_utf8())
        .take_while(|end| *end <= most)
        .last();
    format!("{}{ELLIPSIS}", text.get(..end.unwrap_or(0)).unwrap_or_default())
}

/// A warning with a control character vanishes without a trace in the apiserver: each becomes a space.
fn line(text: &str, most_characters: usize) -> String {
    let plain = |character: char| if character.is_control() { ' ' } else { character };
    if text.chars().count() <= most_characters {
        return text.chars().map(plain).collect();
    }
    text.chars().take(most_characters - 1).map(plain).chain(['…']).collect()
}

fn warnings(all: &[String]) -> Vec<String> {
    let shown = if all.len() > MOST_WARNINGS {
        MOST_WARNINGS - 1
    } else {
        all.len()
    };
    let mut lines: Vec<String> = all.iter().take(shown).map(|text| line(text, LONGEST_WARNING)).collect();
    if shown < all.len() {
        lines.push(format!("vcluster-guard: and {} more warnings", all.len() - shown));
    }
    lines
}

/// The apiserver drops an annotation whose key is no qualified name, and with a name already before it no `/` may follow.
fn annotations(all: &[(String, String)]) -> Vec<(&str, String)> {
    let mut kept: Vec<(&str, String)> = Vec::with_capacity(all.len());
    for (key, value) in all {
        if is_annotation_key(key) && kept.iter().all(|(other, _)| other != key) {
            kept.push((key, line(value, LONGEST_ANNOTATION)));
        }
    }
    kept
}

fn is_annotation_key(key: &str) -> bool {
    let ends = |end: Option<&u8>| end.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = key.as_bytes();
    bytes.len() <= 63
        && ends(bytes.first())
        && ends(bytes.last())
        && bytes
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte))
}

fn as_map<S: serde::Serializer>(pairs: &[(&str, String)], to: S) -> Result<S::Ok, S::Error> {
    to.collect_map(pairs.iter().map(|(key, value)| (key, value)))
}

#[cfg(test)]
#[path = "answer_tests.rs"]
mod tests;
