//! Which vClusters lie in namespaces that the webhooks leave out.

use vcluster_guard_core::object::{Release, Strings};

use super::configuration::{Door, Entry, selects};

/// Whether the entries see what lies in a namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sight {
    Seen,
    /// What is not done to it, and by which entry.
    Excluded(String),
    /// The labels of the namespace decide, and are not known.
    Unknown,
}

/// `labels` are those of the namespace, if they are known. Entries of both doors, those that are there.
pub(super) fn sight(release: &Release, labels: Option<&Strings>, entries: &[(Door, Entry)]) -> Sight {
    let namespace = release.namespace.as_str();
    let mut excluding = Vec::new();
    for (door, entry) in entries {
        match selects(&entry.namespace_selector, namespace, labels) {
            None => return Sight::Unknown,
            Some(true) => {}
            Some(false) => excluding.push((*door, entry.name.as_str())),
        }
    }
    if excluding.is_empty() {
        return Sight::Seen;
    }
    let what = if excluding.len() == entries.len() {
        let done: Vec<&str> = Door::ALL
            .into_iter()
            .filter(|door| excluding.iter().any(|(other, _)| other == door))
            .map(Door::done)
            .collect();
        format!("nothing of this vCluster is {}", done.join(" or "))
    } else {
        let names: Vec<&str> = excluding.iter().map(|(_, name)| *name).collect();
        format!("this vCluster is not sent to {}", names.join(", "))
    };
    Sight::Excluded(format!(
        "namespace {namespace} is excluded by namespaceSelector: {what}"
    ))
}
