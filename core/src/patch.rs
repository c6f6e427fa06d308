//! RFC 6902 from edits, proved by applying it.
//!
//! kube-apiserver answers a patch that does not apply with HTTP 500, whatever failurePolicy says. So each patch
//! is first applied to the subtree that it edits, and one that fails there is never sent.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use json_patch::Patch;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::carrier::workload::{Container, Workload};
use crate::defaults::Edit;

/// Objects over this many bytes are never patched: a warning says so instead.
pub const MAX_OBJECT_BYTES: usize = 4 << 20;

/// Why a patch is not sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the patch does not apply: {0}")]
pub struct PatchError(String);

/// The patch as a JSON array, proved on what it edits of the workload. Empty edits give `None`.
pub fn prove(workload: &Workload, edits: &[Edit]) -> Result<Option<Value>, PatchError> {
    if edits.is_empty() {
        return Ok(None);
    }
    let operations: Vec<Value> = edits.iter().map(operation).collect();
    let operations = Value::Array(operations);
    let patch = Patch::deserialize(&operations).map_err(|error| PatchError(error.to_string()))?;
    let mut subtree = subtree(workload);
    json_patch::patch(&mut subtree, &patch).map_err(|error| PatchError(error.to_string()))?;
    match edits
        .iter()
        .find(|edit| subtree.pointer(&pointer(&edit.path)) != Some(&edit.value))
    {
        Some(edit) => Err(PatchError(alloc::format!(
            "{} does not end up as meant",
            pointer(&edit.path)
        ))),
        None => Ok(Some(operations)),
    }
}

fn operation(edit: &Edit) -> Value {
    json!({"op": edit.op, "path": pointer(&edit.path), "value": edit.value})
}

/// RFC 6901: `~` becomes `~0`, `/` becomes `~1`.
fn pointer(path: &[String]) -> String {
    path.iter().fold(String::new(), |mut out, token| {
        out.push('/');
        out.push_str(&token.replace('~', "~0").replace('/', "~1"));
        out
    })
}

/// The part of the object that edits may touch, as it is: what is absent there is absent here.
fn subtree(workload: &Workload) -> Value {
    let pod = &workload.spec.template.spec;
    let mut spec = Map::new();
    spec.insert("containers".into(), images(&pod.containers));
    if !pod.init_containers.is_empty() {
        spec.insert("initContainers".into(), images(&pod.init_containers));
    }
    if let Some(affinity) = &pod.affinity {
        spec.insert("affinity".into(), affinity.clone());
    }
    let mut metadata = Map::new();
    if !workload.metadata.annotations.is_empty() {
        metadata.insert("annotations".into(), json!(workload.metadata.annotations));
    }
    json!({"metadata": metadata, "spec": {"template": {"spec": spec}}})
}

fn images(containers: &[Container]) -> Value {
    let image = |container: &Container| {
        let mut object = Map::new();
        if !container.image.is_empty() {
            object.insert("image".into(), Value::String(container.image.clone()));
        }
        Value::Object(object)
    };
    Value::Array(containers.iter().map(image).collect())
}
