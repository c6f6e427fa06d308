//! What is printed.

use std::path::Path;

use serde_json::Value;

use crate::diff;

/// The question: the sample's name in words, and what is done to which object.
pub(crate) fn asked(file: &Path, review: &Value) {
    let stem = file
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned())
        .unwrap_or_default();
    let title = stem
        .trim_start_matches(|c: char| c.is_ascii_digit() || c == '-')
        .replace('-', " ");
    let request = &review["request"];
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let dry = if request["dryRun"] == true { ", dry run" } else { "" };
    println!();
    println!("── {title}");
    println!(
        "   {} {} {}/{}{dry}",
        word(&request["operation"]),
        word(&request["kind"]["kind"]),
        word(&request["namespace"]),
        word(&request["name"])
    );
}

/// The answer of /mutate: each place that changes, before and after.
pub(crate) fn mended(before: &Value, after: &Value, places: &[String], answer: &Value) {
    if places.is_empty() {
        println!("   not changed");
    } else {
        println!("   mended:");
    }
    for place in places {
        println!("     {place}");
        for line in diff::lines(&before["request"]["object"], &after["request"]["object"], place) {
            println!("     {line}");
        }
    }
    warnings(answer);
}

/// The answer of /validate.
pub(crate) fn judged(answer: &Value) {
    let response = &answer["response"];
    if response["allowed"] == true {
        println!("   allowed");
    } else {
        println!("   denied ({}):", response["status"]["code"]);
        for line in response["status"]["message"].as_str().unwrap_or_default().lines() {
            println!("     {line}");
        }
    }
    warnings(answer);
}

fn warnings(answer: &Value) {
    for warning in answer["response"]["warnings"].as_array().into_iter().flatten() {
        println!("   warning: {}", warning.as_str().unwrap_or_default());
    }
}

/// That it goes on, and how to ask more.
pub(crate) fn serving(url: &str, ca: &Path) {
    println!();
    println!("Still serving on {url}; ^C ends it. To ask it yourself:");
    println!();
    println!(
        "  curl --cacert {} -H 'Content-Type: application/json' \\",
        ca.display()
    );
    println!("    --data-binary @examples/reviews/3-deprecated-image.json {url}/mutate");
}
