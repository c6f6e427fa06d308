//! The table: what is sent, and exactly what comes back.

use http::Method;

use crate::serve::testing::review;

pub(super) struct Case {
    pub(super) what: &'static str,
    pub(super) method: Method,
    pub(super) path: &'static str,
    pub(super) content_type: Option<&'static str>,
    pub(super) encoding: Option<&'static str>,
    pub(super) body: Vec<u8>,
    pub(super) status: u16,
    pub(super) answer: String,
}

fn ask(what: &'static str, body: impl Into<Vec<u8>>, status: u16, answer: impl Into<String>) -> Case {
    Case {
        what,
        method: Method::POST,
        path: "/validate",
        content_type: Some("application/json"),
        encoding: None,
        body: body.into(),
        status,
        answer: answer.into(),
    }
}

fn error(text: &str) -> String {
    format!(r#"{{"error":"{text}"}}"#)
}

fn allowed(more: &str) -> String {
    format!(
        r#"{{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","response":{{"uid":"u-1","allowed":true{more}}}}}"#
    )
}

const PATCHED: &str = r#","patch":"W3sib3AiOiJyZW1vdmUiLCJwYXRoIjoiL3NwZWMveCJ9XQ==","patchType":"JSONPatch""#;

const DENIED: &str = r#"{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","response":{"uid":"u-1","allowed":false,"status":{"status":"Failure","message":"ha-embedded-db: three replicas","reason":"Forbidden","code":403,"details":{"causes":[{"reason":"ha-embedded-db","message":"three replicas","field":"controlPlane.statefulSet.highAvailability.replicas"}]}},"warnings":["mind the gap"],"auditAnnotations":{"rules":"ha-embedded-db"}}}"#;

/// A good review that is sent in another way.
fn sent(what: &'static str, path: &'static str, content_type: Option<&'static str>) -> Case {
    Case {
        path,
        content_type,
        ..ask(what, review("x"), 200, allowed(""))
    }
}

/// Paths and types that are answered.
fn doors() -> Vec<Case> {
    let json = Some("application/json");
    vec![
        sent("a query", "/validate?timeout=5s&x=y", json),
        sent("a timeout that is none", "/validate?timeout=soon", json),
        sent("a charset", "/validate", Some("application/json; charset=utf-8")),
        sent("capitals in the type", "/validate", Some("Application/JSON")),
    ]
}

/// Types that are not.
fn types() -> Vec<Case> {
    let types = [Some("text/plain"), None, Some("application/jsonp"), Some("")];
    let mut cases: Vec<Case> = types
        .map(|content_type| Case {
            status: 415,
            answer: error("Content-Type is not application/json"),
            ..sent("a wrong type", "/validate", content_type)
        })
        .into();
    cases.push(Case {
        encoding: Some("gzip"),
        status: 415,
        answer: error("a body with a Content-Encoding is not read"),
        ..sent("gzip", "/validate", Some("application/json"))
    });
    cases
}

/// Methods that are not.
fn methods() -> Vec<Case> {
    let methods = [Method::GET, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];
    methods
        .map(|method| Case {
            method,
            status: 405,
            answer: error("only POST is answered here"),
            ..sent("a wrong method", "/mutate", Some("application/json"))
        })
        .into()
}

/// Paths that are not: no magic with slashes, capitals or escapes, and never a redirect.
fn paths() -> Vec<Case> {
    let paths = [
        "/validate/",
        "//validate",
        "/Validate",
        "/valid%61te",
        "/validate/x",
        "/",
        "/readyz",
        "/metrics",
    ];
    paths
        .map(|path| Case {
            status: 404,
            answer: error("no such path: POST to /validate or /mutate"),
            ..sent(path, path, Some("application/json"))
        })
        .into()
}

/// Answers of a judgement.
fn answers() -> Vec<Case> {
    let internal = error("internal error");
    vec![
        ask("allowed", review("x"), 200, allowed("")),
        ask(
            "a warning loses its line break",
            review("warn"),
            200,
            allowed(r#","warnings":["one two"]"#),
        ),
        ask("denied", review("deny"), 200, DENIED),
        Case {
            path: "/mutate",
            ..ask("a patch", review("patch"), 200, allowed(PATCHED))
        },
        ask("validate sends no patch", review("patch"), 200, allowed("")),
        ask("a failed judgement", review("fail"), 500, internal.clone()),
        ask("a panic", review("panic"), 500, internal),
        ask("after a panic it goes on", review("x"), 200, allowed("")),
        Case {
            path: "/validate?timeout=1s",
            ..ask("late", review("slow"), 500, error("no answer in time"))
        },
    ]
}

/// Bodies that are reviews, though strange ones.
fn strange() -> Vec<Case> {
    let change = |from: &str, to: &str| review("x").replace(from, to);
    let deep = [&r#"{"a":"#.repeat(9_990), "1", &"}".repeat(9_990)].concat();
    let ok = |what, body: String| ask(what, body, 200, allowed(""));
    vec![
        ok(
            "unknown keys",
            change(r#""dryRun":false"#, r#""dryRun":false,"new":{"a":[1,2]}"#),
        ),
        ok(
            "a nesting of 9,990 levels keeps its uid",
            change(r#"{"kind":"StatefulSet"}"#, &deep),
        ),
        ok(
            "a delete",
            change("CREATE", "DELETE").replace(r#"{"kind":"StatefulSet"}"#, "null"),
        ),
        ok("a connect", change("CREATE", "CONNECT")),
        ok(
            "a scale",
            change(r#""name":"x""#, r#""name":"x","subResource":"scale""#),
        ),
        ok("escapes in the uid", change("u-1", r"\u0075-1")),
        ok("white space around it", format!(" \n{}\n ", review("x"))),
        ok("no user", change("userInfo", "noUser")),
        ok(
            "a number beyond all bounds",
            change(r#"{"kind":"StatefulSet"}"#, r#"{"n":1e400}"#),
        ),
    ]
}

fn no(what: &'static str, body: String, text: &str) -> Case {
    ask(what, body, 400, error(text))
}

/// Bodies that are no JSON object, or too much of one.
fn unreadable() -> Vec<Case> {
    let json = |what, body: &str, text: &str| {
        let text = format!("the body is not a JSON AdmissionReview: {text}");
        no(what, body.to_owned(), &text)
    };
    let twice = r#"{"request":{"uid":"a","uid":"b"}}"#;
    let twice_null = r#"{"request":null,"request":null}"#;
    let number = r#"{"request":{"uid":1}}"#;
    let nothing = "the body is empty: an AdmissionReview is expected";
    let no_object = "the body is not a JSON object";
    let too_long = error("the body is longer than 100000 bytes");
    let mut broken = review("x").into_bytes();
    broken[20] = 0xff;
    vec![
        no("nothing", String::new(), nothing),
        no("no JSON", "hello".to_owned(), no_object),
        json("cut short", r#"{"kind":"Adm"#, "it ends too early (line 1, column 12)"),
        no("a list", "[]".to_owned(), no_object),
        no("null", "null".to_owned(), no_object),
        json("two uids", twice, "a key stands twice (line 1, column 27)"),
        json("two requests", twice_null, "a key stands twice (line 1, column 25)"),
        json("a number", number, "a field is of the wrong type (line 1, column 19)"),
        json("something after it", "{} {}", "a syntax error (line 1, column 4)"),
        ask("no UTF-8", broken, 400, error("the body is not UTF-8 (byte 20)")),
        ask("too large", vec![b' '; 100_001], 413, too_long),
    ]
}

/// JSON that is no question, or one that cannot be answered with a uid.
fn no_review() -> Vec<Case> {
    let change = |from: &str, to: &str| review("x").replace(from, to);
    let version =
        r#"apiVersion is not admission.k8s.io/v1: register the webhook with admissionReviewVersions: [\"v1\"]"#;
    let other_kind = change(r#":"AdmissionReview""#, r#":"ConversionReview""#);
    let no_request = "request is missing: this is an answer, not a question";
    let missing_uid = "request.uid is missing: an answer without it would be refused";
    let long_uid = "request.uid is longer than 256 bytes";
    let operation = "request.operation is none of CREATE, UPDATE, DELETE, CONNECT";
    vec![
        no("v1beta1", change("k8s.io/v1", "k8s.io/v1beta1"), version),
        no("no version", change("apiVersion", "other"), version),
        no("another kind", other_kind, "kind is not AdmissionReview"),
        no("no request", change(r#""request""#, r#""response""#), no_request),
        no("no uid", change(r#""uid":"u-1","#, ""), missing_uid),
        no("an empty uid", change("u-1", ""), missing_uid),
        no("a long uid", change("u-1", &"u".repeat(257)), long_uid),
        no("another operation", change("CREATE", "PATCH"), operation),
        no("an operation in small letters", change("CREATE", "create"), operation),
        no("no operation", change(r#""operation":"CREATE","#, ""), operation),
    ]
}

pub(super) fn cases() -> Vec<Case> {
    let readable = [doors(), types(), methods(), paths(), answers(), strange()];
    let refused = [unreadable(), no_review()];
    readable.into_iter().chain(refused).flatten().collect()
}
