use serde_json::{Value, json};

use super::*;
use crate::serve::testing::denial;

fn written(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.write("u").unwrap()).unwrap()
}

#[test]
fn a_plain_allowance_says_nothing_else() {
    assert_eq!(
        written(&Answer::allow()),
        json!({"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1",
               "response": {"uid": "u", "allowed": true}})
    );
}

#[test]
fn a_long_message_is_cut_between_characters() {
    for (long, cut) in [
        ("a".repeat(5000), 2048),
        ("é".repeat(5000), 2047),
        ("a".repeat(2048), 2048),
    ] {
        let answer = Answer {
            message: long.clone(),
            ..denial()
        };
        let review = written(&answer);
        let message = review["response"]["status"]["message"].as_str().unwrap();
        assert_eq!(message.len(), cut);
        assert_eq!(message.ends_with('…'), long.len() > 2048);
    }
}

#[test]
fn a_warning_keeps_to_one_line_of_256_characters() {
    let answer = Answer {
        warnings: vec!["a\r\n\tb\u{7f}\u{85}c".to_owned(), "é".repeat(300)],
        ..Answer::allow()
    };
    let review = written(&answer);
    assert_eq!(review["response"]["warnings"][0], "a   b  c");
    let long = review["response"]["warnings"][1].as_str().unwrap();
    assert_eq!(long.chars().count(), 256);
    assert!(long.ends_with('…'));
}

#[test]
fn fifteen_warnings_are_sent_and_the_last_counts_the_rest() {
    let answer = Answer {
        warnings: vec!["w".repeat(300); 20],
        ..Answer::allow()
    };
    let review = written(&answer);
    let warnings = review["response"]["warnings"].as_array().unwrap();
    assert_eq!(warnings.len(), 15);
    assert_eq!(warnings[14], "vcluster-guard: and 6 more warnings");
    let runes: usize = warnings
        .iter()
        .map(|warning| warning.as_str().unwrap().chars().count())
        .sum();
    assert!(runes <= 4096, "{runes}");
    let exactly = Answer {
        warnings: vec!["w".to_owned(); 15],
        ..Answer::allow()
    };
    assert_eq!(written(&exactly)["response"]["warnings"].as_array().unwrap().len(), 15);
}

#[test]
fn causes_are_bounded_in_number_and_length() {
    let cause = Cause {
        reason: "r".to_owned(),
        message: "m".repeat(10_000),
        field: "f".repeat(10_000),
    };
    let answer = Answer {
        causes: vec![cause; 50],
        ..denial()
    };
    let review = written(&answer);
    let causes = review["response"]["status"]["details"]["causes"].as_array().unwrap();
    assert_eq!(causes.len(), 32);
    assert!(
        causes
            .iter()
            .all(|cause| cause["message"].as_str().unwrap().len() <= 1024)
    );
    assert!(
        causes
            .iter()
            .all(|cause| cause["field"].as_str().unwrap().len() <= 1024)
    );
}

#[test]
fn an_annotation_the_apiserver_would_drop_is_not_sent() {
    let keys = [
        "rules",
        "a.b_c-d",
        "",
        "with space",
        "prefix/name",
        "-a",
        "a-",
        "é",
        &"k".repeat(64),
    ];
    let pairs = keys.map(|key| (key.to_owned(), "v\nw".to_owned())).to_vec();
    let answer = Answer {
        audit_annotations: pairs,
        ..Answer::allow()
    };
    assert_eq!(
        written(&answer)["response"]["auditAnnotations"],
        json!({"rules": "v w", "a.b_c-d": "v w"})
    );
}

#[test]
fn a_key_never_stands_twice() {
    let pairs = vec![
        ("k".to_owned(), "first".to_owned()),
        ("k".to_owned(), "second".to_owned()),
    ];
    let text = Answer {
        audit_annotations: pairs,
        ..Answer::allow()
    }
    .write("u")
    .unwrap();
    assert!(
        String::from_utf8(text)
            .unwrap()
            .contains(r#""auditAnnotations":{"k":"first"}"#)
    );
}

#[test]
fn a_denial_is_never_below_400() {
    for (code, sent) in [(403, 403), (422, 422), (200, 403), (0, 403), (999, 403)] {
        assert_eq!(
            written(&Answer { code, ..denial() })["response"]["status"]["code"],
            sent,
            "{code}"
        );
    }
}

#[test]
fn the_uid_is_echoed_whatever_it_holds() {
    let review: Value = serde_json::from_slice(&Answer::allow().write("a\"\\\u{1}é").unwrap()).unwrap();
    assert_eq!(review["response"]["uid"], "a\"\\\u{1}é");
}

proptest::proptest! {
    #[test]
    fn whatever_is_said_the_answer_keeps_its_bounds(uid: String, message: String, warnings: Vec<String>) {
        let answer = Answer { message, warnings, ..denial() };
        let review: Value = serde_json::from_slice(&answer.write(&uid).unwrap()).unwrap();
        let response = &review["response"];
        assert_eq!(response["uid"], uid);
        assert!(response["status"]["message"].as_str().unwrap().len() <= 2048);
        for warning in response["warnings"].as_array().into_iter().flatten() {
            let warning = warning.as_str().unwrap();
            assert!(warning.chars().count() <= 256 && !warning.contains(char::is_control));
        }
    }
}
