//! Whom the entries call, and whether that can succeed.

use super::*;

#[test]
fn an_entry_that_calls_elsewhere_is_told() {
    assert_eq!(
        changed(&at("/clientConfig/service/name"), json!("other")),
        [
            "workloads.validate.vcluster-guard.dev: calls Service vcluster-guard/other at /validate, not Service \
          vcluster-guard/vcluster-guard at /validate"
        ]
    );
    assert_eq!(
        changed(&at("/clientConfig/service/namespace"), json!("other")),
        [
            "workloads.validate.vcluster-guard.dev: calls Service other/vcluster-guard at /validate, not Service \
          vcluster-guard/vcluster-guard at /validate"
        ]
    );
    let bundle = shipped(Door::Validate)["webhooks"][0]["clientConfig"]["caBundle"].clone();
    let told = changed(
        &at("/clientConfig"),
        json!({"url": "https://example.org/validate", "caBundle": bundle}),
    );
    assert_eq!(
        told[0],
        "workloads.validate.vcluster-guard.dev: calls https://example.org/validate, not a Service of this cluster"
    );
}

#[test]
fn a_bundle_that_trusts_nobody_is_told_with_what_becomes_of_calls() {
    assert_eq!(
        changed(&at("/clientConfig/caBundle"), json!("")),
        ["workloads.validate.vcluster-guard.dev: its caBundle is empty: every call fails, and each change is refused"]
    );
    let mut mutate = shipped(Door::Mutate);
    mutate["webhooks"][0]["clientConfig"]["caBundle"] = json!("bm9uZQ==");
    assert_eq!(
        messages(&in_cluster(&[shipped(Door::Validate)], &[mutate]), &[]),
        [
            "workloads.mutate.vcluster-guard.dev: its caBundle holds no certificate that can be read: every call fails, \
          and nothing is mended"
        ]
    );
}

#[test]
fn entries_that_trust_different_authorities_are_told() {
    let other = shipped(Door::Validate)["webhooks"][0]["clientConfig"]["caBundle"].clone();
    assert_eq!(
        changed("/webhooks/2/clientConfig/caBundle", other),
        [
            "secrets.validate.vcluster-guard.dev: its caBundle is another than that of \
          workloads.validate.vcluster-guard.dev, and both call one server"
        ]
    );
}

#[test]
fn a_call_that_was_tried_and_fails_is_told() {
    let mut configurations = in_cluster(&[shipped(Door::Validate)], &[]);
    configurations.mutate = Fact::Unknown;
    let told = |configurations: &mut Configurations, fault: Fault| {
        let first = configurations.calls().pop_first().unwrap();
        configurations.faults = Faults::from([(first, fault)]);
        messages(configurations, &[])
    };
    let entries = "workloads.validate.vcluster-guard.dev, scale.validate.vcluster-guard.dev, \
                   secrets.validate.vcluster-guard.dev, poddisruptionbudgets.validate.vcluster-guard.dev";
    assert_eq!(
        told(&mut configurations, Fault::Missing),
        [format!(
            "{entries}: there is no Service vcluster-guard/vcluster-guard: every call fails, and each change is refused"
        )]
    );
    assert_eq!(
        told(&mut configurations, Fault::Distrusted("UnknownIssuer".into())),
        [format!(
            "{entries}: its caBundle does not fit the certificate that Service vcluster-guard/vcluster-guard serves \
             (UnknownIssuer): every call fails, and each change is refused"
        )]
    );
}
