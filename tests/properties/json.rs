//! JSON that looks like Kubernetes objects, more or less.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// The keys that the guard reads, so that random objects get somewhere.
const KEYS: [&str; 24] = [
    "metadata",
    "name",
    "namespace",
    "labels",
    "annotations",
    "deletionTimestamp",
    "spec",
    "replicas",
    "selector",
    "matchLabels",
    "app",
    "release",
    "template",
    "containers",
    "initContainers",
    "image",
    "args",
    "volumes",
    "secret",
    "secretName",
    "affinity",
    "status",
    "data",
    "config.yaml",
];

/// Anything, made of those keys and a few words that mean something.
pub(crate) fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
        prop::sample::select(vec![
            "vcluster",
            "vcluster-etcd",
            "demo",
            "syncer",
            "etcd",
            "app=vcluster,release=demo"
        ])
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 48, 5, |inner| {
        let key = prop_oneof![
            9 => prop::sample::select(KEYS.to_vec()).prop_map(String::from),
            1 => ".{0,6}",
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((key, inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// A workload of a vCluster with everything that mends look at in some shape, and often one place gone wrong.
pub(crate) fn workload() -> impl Strategy<Value = Value> {
    let whole = (metadata(), replicas(), any::<bool>(), pod()).prop_map(|(metadata, replicas, etcd, pod)| {
        let app = if etcd { "vcluster-etcd" } else { "vcluster" };
        let mut metadata = metadata;
        metadata["name"] = if etcd { "demo-etcd" } else { "demo" }.into();
        let mut object = json!({
            "apiVersion": "apps/v1",
            "kind": "StatefulSet",
            "metadata": metadata,
            "spec": {
                "selector": {"matchLabels": {"app": app, "release": "demo"}},
                "template": {"metadata": {"labels": {"app": app, "release": "demo"}}, "spec": pod},
            },
            "status": {"replicas": 1},
        });
        if let Some(replicas) = replicas {
            object["spec"]["replicas"] = replicas;
        }
        object
    });
    (
        whole,
        prop::option::weighted(0.3, (any::<prop::sample::Index>(), anything())),
    )
        .prop_map(|(object, damage)| damage.map_or(object.clone(), |(at, value)| damaged(object, at, value)))
}

fn replicas() -> impl Strategy<Value = Option<Value>> {
    prop::option::weighted(
        0.9,
        prop_oneof![4 => (0i64..6).prop_map(Value::from), 1 => Just(Value::Null)],
    )
}

fn metadata() -> impl Strategy<Value = Value> {
    let key = prop_oneof![
        Just("loft.sh/paused-replicas".to_owned()),
        Just("vcluster-guard.dev/inject".to_owned()),
        Just("vcluster-guard.dev/injected".to_owned()),
        Just("vcluster-guard.dev/image-rewritten-from".to_owned()),
        "[a-z/~]{1,6}",
    ];
    let value = prop_oneof![Just("3".to_owned()), Just("false".to_owned()), ".{0,4}"];
    let annotations = prop::collection::btree_map(key, value, 0..4).prop_map(|map| json!(map));
    prop_oneof![
        1 => Just(json!({})),
        1 => Just(json!({"annotations": null})),
        4 => annotations.prop_map(|annotations| json!({"annotations": annotations})),
    ]
}

fn image() -> impl Strategy<Value = String> {
    let registry = prop::sample::select(vec![
        "",
        "ghcr.io/",
        "docker.io/",
        "localhost:5000/",
        "mirror.example/x/",
    ]);
    let path = prop::sample::select(vec![
        "loft-sh/vcluster",
        "loftsh/vcluster",
        "loft-sh/vcluster-pro",
        "etcd",
    ]);
    let tag = prop::sample::select(vec![
        "",
        ":latest",
        ":0.24",
        ":0.24.1",
        ":0.19.7",
        ":0.30.0",
        "@sha256:11",
        ":x@y@z",
    ]);
    let reference = (registry, path, tag).prop_map(|(registry, path, tag)| format!("{registry}{path}{tag}"));
    prop_oneof![9 => reference, 1 => ".{0,12}"]
}

/// Containers of different names, as the API server wants them.
fn containers(names: &'static [&'static str]) -> impl Strategy<Value = Vec<Value>> {
    let count = names.len();
    (
        prop::sample::subsequence(names, 0..=count),
        prop::collection::vec(image(), count),
    )
        .prop_map(|(names, images)| {
            let each = names.into_iter().zip(images);
            each.map(|(name, image)| json!({"name": name, "image": image}))
                .collect()
        })
}

fn pod() -> impl Strategy<Value = Value> {
    let beside = containers(&["etcd", "sidecar"]);
    let before = prop::option::of(containers(&["plugin", "vcluster-copy", "kubernetes"]));
    let term = json!({"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 1}]});
    let affinity = prop::sample::select(vec![
        None,
        Some(json!(null)),
        Some(json!({})),
        Some(json!({"nodeAffinity": {}})),
        Some(json!({"podAntiAffinity": null})),
        Some(json!({"podAntiAffinity": {}, "podAffinity": {}})),
        Some(json!({"podAntiAffinity": term})),
        Some(json!([])),
        Some(json!("x")),
    ]);
    let spread = prop::sample::select(vec![
        None,
        Some(json!(null)),
        Some(json!([])),
        Some(json!([{"maxSkew": 1}])),
    ]);
    (beside, image(), before, affinity, spread, any::<bool>()).prop_map(
        |(mut containers, image, before, affinity, spread, node)| {
            containers.push(json!({"name": "syncer", "image": image, "args": ["--name=demo"]}));
            let members = [
                ("containers", Some(json!(containers))),
                ("initContainers", before.map(|before| json!(before))),
                ("affinity", affinity),
                ("topologySpreadConstraints", spread),
                ("nodeName", (node && containers.len() > 1).then(|| json!("node-1"))),
                (
                    "volumes",
                    Some(json!([{"name": "config", "secret": {"secretName": "vc-config-demo"}}])),
                ),
            ];
            let members = members
                .into_iter()
                .filter_map(|(key, value)| Some((key.to_owned(), value?)));
            Value::Object(members.collect())
        },
    )
}

/// The object with one of its places replaced. What is an object never becomes a list: the API server has decoded
/// what it sends, and serde would take the list's items for the fields.
fn damaged(mut object: Value, at: prop::sample::Index, value: Value) -> Value {
    let mut places = Vec::new();
    collect(&object, String::new(), &mut places);
    let place = object.pointer_mut(&places[at.index(places.len())]).unwrap();
    if !(place.is_object() && value.is_array()) {
        *place = value;
    }
    object
}

fn collect(value: &Value, path: String, into: &mut Vec<String>) {
    let escape = |key: &str| key.replace('~', "~0").replace('/', "~1");
    match value {
        Value::Object(members) => members
            .iter()
            .for_each(|(key, member)| collect(member, format!("{path}/{}", escape(key)), into)),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(index, item)| collect(item, format!("{path}/{index}"), into)),
        _ => {}
    }
    into.push(path);
}
