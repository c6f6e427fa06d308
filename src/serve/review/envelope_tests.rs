use super::*;
use crate::serve::testing::review;

#[test]
fn everything_the_judgement_needs_is_read() {
    let body = review("demo");
    let request = decode(body.as_bytes()).unwrap();
    assert_eq!(request.uid, "u-1");
    assert_eq!(request.operation, Operation::Create);
    assert_eq!((&*request.group, &*request.kind), ("apps", "StatefulSet"));
    assert_eq!(&*request.sub_resource, "");
    assert_eq!((&*request.namespace, &*request.name), ("team-a", "demo"));
    assert_eq!(
        (&*request.username, request.groups),
        ("ada", vec![Cow::Borrowed("a"), Cow::Borrowed("b")])
    );
    assert_eq!(request.object.map(RawValue::get), Some(r#"{"kind":"StatefulSet"}"#));
    assert!(request.old_object.is_none());
    assert!(!request.dry_run);
}

#[test]
fn nothing_is_copied_that_can_be_borrowed() {
    let body = review("demo");
    let request = decode(body.as_bytes()).unwrap();
    let texts = [
        &request.uid,
        &request.kind,
        &request.namespace,
        &request.name,
        &request.username,
        &request.groups[0],
    ];
    assert!(texts.into_iter().all(|text| matches!(text, Cow::Borrowed(_))));
}

#[test]
fn the_kind_is_that_of_the_object_and_not_of_the_call() {
    let more = r#""requestKind":{"group":"extensions","version":"v1beta1","kind":"Deployment"},"operation""#;
    let body = review("demo").replace(r#""operation""#, more);
    assert_eq!(decode(body.as_bytes()).unwrap().kind, "StatefulSet");
}

#[test]
fn each_operation_has_its_word() {
    for operation in [
        Operation::Create,
        Operation::Update,
        Operation::Delete,
        Operation::Connect,
    ] {
        let body = review("demo").replace("CREATE", operation.as_str());
        assert_eq!(decode(body.as_bytes()).unwrap().operation, operation);
    }
}

#[test]
fn dry_run_and_subresource_are_read() {
    let body = review("demo").replace(r#""dryRun":false"#, r#""dryRun":true,"subResource":"scale""#);
    let request = decode(body.as_bytes()).unwrap();
    assert!(request.dry_run);
    assert_eq!(request.sub_resource, "scale");
}

#[test]
fn what_is_null_or_absent_is_empty() {
    let nulls = r#"{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"u","operation":"DELETE","object":null,"dryRun":null,"userInfo":{"groups":null}}}"#;
    let request = decode(nulls.as_bytes()).unwrap();
    assert!(request.object.is_none() && request.old_object.is_none() && !request.dry_run);
    assert!(request.groups.is_empty() && request.kind.is_empty() && request.name.is_empty());
}

#[test]
fn an_error_quotes_nothing_of_the_body() {
    let body = review("demo").replace(r#""dryRun":false"#, r#""dryRun":"hunter2""#);
    let error = decode(body.as_bytes()).unwrap_err().to_string();
    assert!(!error.contains("hunter2"), "{error}");
}

proptest::proptest! {
    #[test]
    fn no_body_makes_it_panic(body: Vec<u8>) {
        let _read_or_not = decode(&body);
    }

    #[test]
    fn nor_does_a_review_with_damage(at in 0..500_usize, byte: u8, cut in 0..500_usize) {
        let mut body = review("demo").into_bytes();
        if let Some(hit) = body.get_mut(at) {
            *hit = byte;
        }
        let _read_or_not = decode(&body);
        body.truncate(cut);
        let _cut_or_whole = decode(&body);
    }
}
