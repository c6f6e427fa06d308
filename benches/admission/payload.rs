//! What is sent: reviews as kube-apiserver writes them, `managedFields` and all.

use std::fmt::Write;

use anyhow::{Context, ensure};

/// A vCluster of three replicas on embedded etcd, with the image that was renamed: 8 KB.
pub(crate) const OURS: &str = include_str!("../payloads/statefulset.json").trim_ascii_end();
/// A database that is no vCluster: 8 KB.
pub(crate) const FOREIGN: &str = include_str!("../payloads/foreign-statefulset.json").trim_ascii_end();

/// Entries that make a review of 300 KB.
const ENTRIES: usize = 1_800;

/// [`OURS`] with many environment variables, as someone who generates them would apply it: each stands in the pod
/// template, in `managedFields`, and with every quote escaped in the annotation that `kubectl apply` leaves.
pub(crate) fn large() -> anyhow::Result<String> {
    let (mut entries, mut fields, mut applied) = (String::new(), String::new(), String::new());
    for number in 0..ENTRIES {
        write!(entries, r#"{{"name":"SETTING_{number:04}","value":"value-{number}"}},"#)?;
        write!(
            fields,
            r#""k:{{\"name\":\"SETTING_{number:04}\"}}":{{".":{{}},"f:name":{{}},"f:value":{{}}}},"#
        )?;
        write!(
            applied,
            r#"{{\"name\":\"SETTING_{number:04}\",\"value\":\"value-{number}\"}},"#
        )?;
    }
    let annotation = format!(
        r#""kubectl.kubernetes.io/last-applied-configuration":"{{\"kind\":\"StatefulSet\",\"env\":[{}]}}","#,
        applied.trim_end_matches(',')
    );
    let review = after(OURS, r#""annotations":{"#, &annotation)?;
    let review = after(&review, r#""f:env":{".":{},"#, &fields)?;
    let review = after(&review, r#""env":["#, &entries)?;
    ensure!(
        (290_000..310_000).contains(&review.len()),
        "it has {} bytes",
        review.len()
    );
    Ok(review)
}

/// `text` with `more` after the first `mark`.
fn after(text: &str, mark: &str, more: &str) -> anyhow::Result<String> {
    let (before, rest) = text
        .split_once(mark)
        .with_context(|| format!("the payload has no {mark}"))?;
    Ok([before, mark, more, rest].concat())
}
