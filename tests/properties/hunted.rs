//! Configs with a secret in every place that takes a text, and how one is found in what is shown.

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use vcluster_guard_core::config::key::{self, Kind};

/// Names of images, claims, sizes and classes: no finding about them could do without, and none of them is secret.
const SHOWN: [&str; 8] = [
    "image",
    "defaultImageRegistry",
    "tag",
    "dataVolume",
    "addVolumes",
    "size",
    "storageClass",
    "volumeClaimTemplates",
];

/// What every secret of these tests begins with, so that no other text looks like one.
pub(crate) const MARK: &str = "hunter2";

/// What is shown of a secret, with what stands before it.
pub(crate) fn leak(shown: &str) -> Option<String> {
    let (before, after) = shown.split_once(MARK)?;
    let before: String = before.chars().rev().take(120).collect();
    let before: String = before.chars().rev().collect();
    Some(format!("{before}{MARK}{}", after.chars().take(20).collect::<String>()))
}

pub(crate) fn secret() -> impl Strategy<Value = String> {
    let shape = prop::sample::select(vec![
        "X",
        "mysql://u:X@tcp(db:3306)/a",
        "postgres://X@db/a?p=X",
        "sqlite://X",
        "nats://X",
        "file:X",
        "https://X",
        "http://X,Y",
        "a:2379,X",
        "--endpoint=X",
        "X.io/X",
        "X%",
        "X://X",
    ]);
    (shape, "[a-z0-9]{1,8}").prop_map(|(shape, text)| shape.replace('X', &format!("{MARK}{text}")))
}

/// A config with a secret in every place that takes a text.
pub(crate) fn config() -> impl Strategy<Value = String> {
    let count = key::ALL.len();
    let each = (
        secret(),
        any::<bool>(),
        prop::sample::select(vec![0i64, 1, 2, 3, 8, 301]),
    );
    prop::collection::vec(each, count).prop_map(|values| {
        let mut root = json!({});
        for ((path, kind), (secret, flag, number)) in key::ALL.iter().zip(values) {
            put(&mut root, path, value(path, *kind, secret, flag, number));
        }
        root.to_string()
    })
}

fn value(path: &str, kind: Kind, secret: String, flag: bool, number: i64) -> Option<Value> {
    let last = path.rsplit('.').next()?;
    if SHOWN.contains(&last) {
        return None;
    }
    Some(match kind {
        Kind::Flag => flag.into(),
        Kind::Int => number.into(),
        Kind::Text | Kind::StrBool => secret.into(),
        Kind::Any => match last {
            "extraArgs" | "accessModes" | "mutatingWebhooks" | "validatingWebhooks" | "resolveDNS" => json!([secret]),
            "env" | "tolerations" | "topologySpreadConstraints" => json!([{"name": secret, "value": secret}]),
            "patches" => json!([{"path": secret, "expression": secret}]),
            "minAvailable" | "maxUnavailable" => secret.into(),
            "annotations" | "affinity" | "nodeSelector" | "byName" | "extraLabels" => json!({"key": secret}),
            _ => json!({"enabled": flag, "key": secret}),
        },
    })
}

/// Sets a dotted path, unless something that is no map stands in its way.
pub(crate) fn put(root: &mut Value, path: &str, value: Option<Value>) {
    let Some(value) = value else { return };
    let mut place = root;
    for name in path.split('.') {
        let Some(members) = place.as_object_mut() else { return };
        place = members.entry(name).or_insert_with(|| Value::Object(Map::new()));
    }
    match (place, value) {
        (Value::Object(place), Value::Object(value)) => place.extend(value),
        (place, value) => *place = value,
    }
}

/// A config that vCluster refuses, with a secret at the place of the mistake.
pub(crate) fn broken() -> impl Strategy<Value = String> {
    let typed: Vec<&str> = key::ALL
        .iter()
        .filter(|(_, kind)| matches!(kind, Kind::Flag | Kind::Int))
        .map(|(path, _)| *path)
        .collect();
    let misfit = (prop::sample::select(typed), secret()).prop_map(|(path, secret)| {
        let mut root = json!({});
        put(&mut root, path, Some(secret.into()));
        root.to_string()
    });
    let scanner = (
        prop::sample::select(vec![
            "a: [X",
            "X: X: X",
            "a: 'X",
            "a: *X",
            "&X",
            "a: !X!X X",
            "X\n\tX: 1",
            "{X",
            "%X",
            "X: 1\nX: 2",
            "a: !!binary X",
            "<<: X",
            "@X",
        ]),
        secret(),
    )
        .prop_map(|(text, secret)| text.replace('X', &secret));
    prop_oneof![misfit, scanner]
}
