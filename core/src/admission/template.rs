//! The pod template of a workload, before and after.

use alloc::string::String;

use serde::Deserialize;
use serde_json::value::RawValue;

/// Whether the pod template differs. Texts that are equal need not be parsed; texts that differ may still mean the
/// same. `metadata.generation` tells nothing: it is raised between the two phases of one request.
#[must_use]
pub fn template_changes(old: &RawValue, new: &RawValue) -> bool {
    #[derive(Deserialize)]
    struct Object<'a> {
        #[serde(borrow)]
        spec: Option<Spec<'a>>,
    }
    #[derive(Deserialize)]
    struct Spec<'a> {
        #[serde(borrow)]
        template: Option<&'a RawValue>,
    }
    let template = |object: &'_ RawValue| -> Option<String> {
        let object: Object<'_> = serde_json::from_str(object.get()).ok()?;
        Some(object.spec?.template?.get().into())
    };
    match (template(old), template(new)) {
        (Some(old), Some(new)) if old == new => false,
        (Some(old), Some(new)) => {
            let parse = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
            parse(&old) != parse(&new)
        }
        // What cannot be compared counts as unchanged: an edit would restart the control plane.
        _ => false,
    }
}
