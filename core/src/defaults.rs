//! The mends: edits of a workload that change no meaning its owner gave it.

pub mod image;
pub mod scheduling;

use alloc::string::String;
use alloc::vec::Vec;

use serde_json::Value;

use crate::carrier::workload::Workload;
use crate::policy::{Mode, Settings};
use crate::recognise::Identity;

/// Set to `"false"` by users who want no injection.
pub const INJECT: &str = "vcluster-guard.dev/inject";
/// Written by us: what was injected.
pub const INJECTED: &str = "vcluster-guard.dev/injected";
/// Written by us: the image that stood there.
pub const REWRITTEN_FROM: &str = "vcluster-guard.dev/image-rewritten-from";

/// The operations of RFC 6902 that we make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// Creates a member, or replaces it.
    Add,
    /// Replaces a member, which must be there.
    Replace,
}

/// One operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What is done.
    pub op: Op,
    /// Reference tokens, not yet escaped.
    pub path: Vec<String>,
    /// The new value.
    pub value: Value,
}

impl Edit {
    fn new(op: Op, path: &[&str], value: Value) -> Self {
        Self {
            op,
            path: path.iter().map(|&token| token.into()).collect(),
            value,
        }
    }
}

/// What is to be changed about a workload, and what its owner is told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mend {
    /// In the order in which they apply.
    pub edits: Vec<Edit>,
    /// One a kind of mend.
    pub notes: Vec<String>,
}

/// Mends a workload that is created, or whose pod template changes anyway. On any other change an edit of the
/// template would restart the control plane, so the caller must not ask.
#[must_use]
pub fn mend(workload: &Workload, identity: &Identity, settings: &Settings<'_>) -> Mend {
    let mut mend = Mend::default();
    if !identity.sure || settings.mode == Mode::Audit {
        return mend;
    }
    let mut annotations = Vec::new();
    image::rewrite(workload, identity, settings, &mut mend, &mut annotations);
    scheduling::inject(workload, identity, settings, &mut mend, &mut annotations);
    annotate(workload, annotations, &mut mend);
    mend
}

fn annotate(workload: &Workload, annotations: Vec<(&'static str, String)>, mend: &mut Mend) {
    if annotations.is_empty() {
        return;
    }
    if workload.metadata.annotations.is_empty() {
        let all = annotations
            .into_iter()
            .map(|(key, value)| (key.into(), Value::String(value)))
            .collect();
        mend.edits
            .push(Edit::new(Op::Add, &["metadata", "annotations"], Value::Object(all)));
        return;
    }
    for (key, value) in annotations {
        mend.edits.push(Edit::new(
            Op::Add,
            &["metadata", "annotations", key],
            Value::String(value),
        ));
    }
}
