//! An audit of what stands in the cluster, and of what can be read of it.

mod account;
mod proxy;
mod reading;
mod refused;
mod seat;
mod troubled;

use serde_json::Value;

/// The findings about one vCluster: `deny RULE`.
fn rules(report: &Value, release: &str) -> Vec<String> {
    let of_release = |finding: &&Value| finding["release"] == release;
    let findings = report["findings"].as_array().unwrap().iter().filter(of_release);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    findings
        .map(|finding| format!("{} {}", text(&finding["severity"]), text(&finding["rule"])))
        .collect()
}
