//! The Go types behind the keys that are not plain values (vcluster: config/config.go).

use super::key::Kind;

/// A Go type, as far as decoding goes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shape {
    /// `bool`
    Flag,
    /// `int` of so many bits
    Int { bits: u32 },
    /// `string`; `coerced`: sigs.k8s.io/yaml turns numbers and booleans into strings for it. It does so only where it
    /// finds the field, and in an embedded struct it does not.
    Text { coerced: bool },
    /// vCluster's `StrBool`
    StrBool,
    /// vCluster's `Image`
    Image,
    /// `interface{}`
    Interface,
    /// A type that is not spelled out here: read as it stands.
    Raw,
    /// A slice
    List(&'static Shape),
    /// A map with string keys
    Map(&'static Shape),
    /// A struct and its fields
    Struct(&'static [(&'static str, Shape)]),
    /// A pointer
    Pointer(&'static Shape),
}

const COERCED: Shape = Shape::Text { coerced: true };
const PLAIN: Shape = Shape::Text { coerced: false };
const ANY_MAP: Shape = Shape::Map(&Shape::Interface);

const REFERENCE: Shape = Shape::Struct(&[
    ("apiVersion", COERCED),
    ("apiVersionPath", COERCED),
    ("kind", COERCED),
    ("kindPath", COERCED),
    ("namePath", COERCED),
    ("namespacePath", COERCED),
]);
const PATCH: Shape = Shape::Struct(&[
    ("path", COERCED),
    ("expression", COERCED),
    ("reverseExpression", COERCED),
    ("reference", Shape::Pointer(&REFERENCE)),
    ("labels", Shape::Pointer(&Shape::Raw)),
]);

/// `database.external` embeds the struct of `database.embedded`.
const EXTERNAL_DATABASE: &str = "controlPlane.backingStore.database.external.";

/// The Go type at a key.
pub(super) fn of(path: &str, kind: Kind) -> Shape {
    let last = path.rsplit('.').next().unwrap_or(path);
    let embedded = path.starts_with(EXTERNAL_DATABASE) && last != "connector";
    match kind {
        Kind::Flag => Shape::Flag,
        Kind::Int if path == "controlPlane.statefulSet.highAvailability.replicas" => Shape::Int { bits: 32 },
        Kind::Int => Shape::Int { bits: 64 },
        Kind::Text => Shape::Text { coerced: !embedded },
        Kind::StrBool => Shape::StrBool,
        Kind::Any => any(path, last, embedded),
    }
}

fn any(path: &str, last: &str, embedded: bool) -> Shape {
    match last {
        "image" => Shape::Image,
        "minAvailable" | "maxUnavailable" => Shape::Interface,
        "extraArgs" if embedded => Shape::List(&PLAIN),
        "extraArgs" | "accessModes" => Shape::List(&COERCED),
        "volumeClaimTemplates" | "dataVolume" | "addVolumes" | "env" | "tolerations" => Shape::List(&ANY_MAP),
        "topologySpreadConstraints" => Shape::List(&Shape::Interface),
        "affinity" | "nodeSelector" => ANY_MAP,
        // `statefulSet` embeds the struct of its annotations.
        "annotations" if path == "controlPlane.statefulSet.annotations" => Shape::Map(&PLAIN),
        "annotations" | "labels" | "extraLabels" | "byName" => Shape::Map(&COERCED),
        "patches" => Shape::List(&PATCH),
        _ => Shape::Raw,
    }
}
