//! What could not be read, said once each: an audit that has not seen everything never looks like a clean one.

use vcluster_guard_core::misfit::Misfit;

use super::key::Key;
use super::kind::Kind;
use super::reader::Failure;

/// Of a thousand objects that fail alike, these are named.
const MOST_NAMED: usize = 20;

/// The gaps of one run, in the order of the kinds and then of the objects.
#[derive(Debug, Default)]
pub(super) struct Gaps {
    lists: Vec<(Kind, String)>,
    objects: Vec<(Kind, String)>,
    /// Further objects that are only counted.
    more: Vec<(Kind, usize)>,
    version: Option<String>,
}

impl Gaps {
    /// A list that could not be read, or only as far as to that object.
    pub(super) fn list(&mut self, kind: Kind, failure: &Failure, passed: Option<&Key>) {
        let resource = kind.resource();
        let how_far = passed.map(|passed| format!(" after {passed}")).unwrap_or_default();
        let remedy = remedy("list", &resource, failure);
        self.lists
            .push((kind, format!("the list of {resource}{how_far}: {failure}{remedy}")));
    }

    /// An object that cannot be decoded.
    pub(super) fn object(&mut self, kind: Kind, key: &Key, misfit: &Misfit) {
        self.add(kind, || format!("{} {key} cannot be decoded: {misfit}", kind.name()));
    }

    /// An object that was asked for by its name.
    pub(super) fn get(&mut self, kind: Kind, key: &Key, failure: &Failure) {
        let remedy = remedy("get", &kind.resource(), failure);
        self.add(kind, || format!("{} {key}: {failure}{remedy}", kind.name()));
    }

    /// The version of the cluster.
    pub(super) fn version(&mut self, failure: &Failure) {
        self.version = Some(format!("the version of the cluster: {failure}"));
    }

    fn add(&mut self, kind: Kind, text: impl FnOnce() -> String) {
        let of_kind = self.objects.iter().filter(|(other, _)| *other == kind).count();
        if of_kind < MOST_NAMED {
            self.objects.push((kind, text()));
            return;
        }
        match self.more.iter_mut().find(|(other, _)| *other == kind) {
            Some((_, count)) => *count += 1,
            None => self.more.push((kind, 1)),
        }
    }

    /// One line each.
    pub(super) fn into_lines(self) -> Vec<String> {
        let more = self
            .more
            .into_iter()
            .map(|(kind, count)| (kind, format!("{count} more of the kind {}", kind.name())));
        let mut lines: Vec<(Kind, String)> = self.lists.into_iter().chain(self.objects).chain(more).collect();
        // Stable: lists first, then objects as they came.
        lines.sort_by_key(|(kind, _)| *kind as u8);
        let lines = lines.into_iter().map(|(_, line)| line);
        self.version.into_iter().chain(lines).collect()
    }
}

fn remedy(verb: &str, resource: &str, failure: &Failure) -> String {
    match failure {
        Failure::Forbidden => format!("; grant {verb} on {resource}"),
        _ => String::new(),
    }
}
