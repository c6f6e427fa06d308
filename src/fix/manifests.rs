//! Manifests: the very patches that admission makes of workloads, written into the text.

use serde_json::Value;
use vcluster_guard_core::edit::{Act, Edit};
use vcluster_guard_core::object::{ObjectRef, tokens};

use super::draft::Drafts;
use super::ledger::{Ledger, Mended, Unfit};
use crate::check::{Place, Run};
use crate::report::{ObjectPatch, Report, Source};

/// Mends every workload that `report` has a patch for.
pub(super) fn mend(run: &Run<'_>, report: &Report, unfit: &Unfit, drafts: &mut Drafts, ledger: &mut Ledger) {
    for patch in &report.patches {
        let Some(place) = run.now.place(&patch.object) else {
            continue;
        };
        if let Some(why) = unfit.get(&patch.object) {
            ledger.unmended.push(left(patch, why, place, None));
            continue;
        }
        let edits = edits(patch, &place.pointer);
        match drafts.piece(place).and_then(|text| text.edit(place.document, &edits)) {
            Ok(()) => {
                let source = run.now.again().source(&patch.object, "");
                for part in parts(patch) {
                    ledger.patch(part.mended(patch, source.clone()));
                }
            }
            Err(refused) => ledger.unmended.push(left(patch, &refused.why, place, refused.line)),
        }
    }
}

fn left(patch: &ObjectPatch, why: &str, place: &Place, line: Option<usize>) -> String {
    let ObjectRef { kind, name, .. } = &patch.object;
    let at = line.map(|line| format!(" line {}", place.lines_before + line));
    format!("{kind} {name} in {}{}: {why}", place.file.title, at.unwrap_or_default())
}

fn operations(patch: &ObjectPatch) -> impl Iterator<Item = (&str, &Value)> {
    let operations = patch.patch.as_array().map(Vec::as_slice).unwrap_or_default();
    operations
        .iter()
        .filter_map(|operation| Some((operation.get("path")?.as_str()?, operation.get("value")?)))
}

fn edits(patch: &ObjectPatch, pointer: &str) -> Vec<Edit> {
    let edit = |(path, value): (&str, &Value)| Edit {
        path: [tokens(pointer), tokens(path)].concat(),
        act: Act::Set(value.clone()),
    };
    operations(patch).map(edit).collect()
}

/// One of the two things that the guard makes of a workload.
struct Part {
    rule: Option<&'static str>,
    message: &'static str,
    changes: Vec<String>,
}

fn parts(patch: &ObjectPatch) -> Vec<Part> {
    let dotted = |path: &str| tokens(path).join(".");
    let is_image = |path: &str| path.ends_with("/image");
    let images: Vec<String> = operations(patch)
        .filter(|(path, _)| is_image(path))
        .map(|(path, value)| format!("set {} to {}", dotted(path), value.as_str().unwrap_or_default()))
        .collect();
    let injected: Vec<String> = operations(patch)
        .filter(|(path, _)| path.starts_with("/spec") && !is_image(path))
        .map(|(path, _)| format!("add {}", dotted(path)))
        .collect();
    let image = Part {
        rule: Some("img-rewrite"),
        message: "the deprecated image is the same build under another name",
        changes: images,
    };
    let inject = Part {
        rule: None,
        message: "replicas avoid sharing a node",
        changes: injected,
    };
    [image, inject]
        .into_iter()
        .filter(|part| !part.changes.is_empty())
        .collect()
}

impl Part {
    fn mended(self, patch: &ObjectPatch, source: Option<Source>) -> Mended {
        Mended {
            rule: self.rule,
            namespace: patch.object.namespace.clone(),
            release: patch.release.clone(),
            object: patch.object.clone(),
            message: self.message.into(),
            changes: self.changes,
            caution: None,
            source,
        }
    }
}
