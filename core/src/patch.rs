//! RFC 6902 from edits, proved by applying it.
//!
//! kube-apiserver answers a patch that does not apply with HTTP 500, whatever failurePolicy says. So each patch
//! is first applied to the subtree that it edits, and one that fails there is never sent.

use alloc::string::{String, ToString};

use json_patch::jsonptr::PointerBuf;
use json_patch::{AddOperation, Patch, PatchOperation, ReplaceOperation};
use serde_json::{Map, Value, json};

use crate::carrier::workload::{Container, Workload};
use crate::defaults::{Edit, Op};

/// Objects over this many bytes are never patched: a warning says so instead.
pub const MAX_OBJECT_BYTES: usize = 4 << 20;

/// Why a patch is not sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the patch does not apply: {0}")]
pub struct PatchError(String);

/// The patch, proved on what it edits of the workload. Empty edits give `None`.
pub fn prove(workload: &Workload, edits: &[Edit]) -> Result<Option<Patch>, PatchError> {
    if edits.is_empty() {
        return Ok(None);
    }
    let patch = Patch(edits.iter().map(operation).collect());
    let mut subtree = subtree(workload);
    // The subtree is ours alone, so nothing needs to be undone when it fails.
    json_patch::patch_unsafe(&mut subtree, &patch).map_err(|error| PatchError(error.to_string()))?;
    for edit in edits {
        let place = path(edit);
        if place.resolve(&subtree).ok() != Some(&edit.value) {
            return Err(PatchError(alloc::format!("{place} does not end up as meant")));
        }
    }
    Ok(Some(patch))
}

fn operation(edit: &Edit) -> PatchOperation {
    let (path, value) = (path(edit), edit.value.clone());
    match edit.op {
        Op::Add => PatchOperation::Add(AddOperation { path, value }),
        Op::Replace => PatchOperation::Replace(ReplaceOperation { path, value }),
    }
}

/// RFC 6901, with `~` and `/` escaped.
fn path(edit: &Edit) -> PointerBuf {
    PointerBuf::from_tokens(edit.path.iter().map(String::as_str))
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
