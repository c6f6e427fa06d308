//! The same objects twice: as files that are checked, and as what stands in a cluster and is audited.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;
use vcluster_guard_core::carrier::node::Node;
use vcluster_guard_core::carrier::secret::ConfigSecret;
use vcluster_guard_core::case::{Places, Subject};
use vcluster_guard_core::fact::Fact;
use vcluster_guard_core::join::{Databases, Fleet, Releases, Unread, World};

use crate::case::Case;
use crate::doors::{decide, said_by};

/// Rules about how a vCluster comes to be: of one that stands they say nothing.
const ABOUT_ITS_MAKING: [&str; 2] = ["ha-etcd-parallel-bootstrap", "tr-leftover-pvc"];

/// Says where audit and a check without a past differ.
pub(crate) fn compare(case: &Case) -> Result<(), String> {
    let all = everything(case);
    let (checked, audited) = (check(case, &all), audit(case, &all));
    let more = |said: &[String], than: &[String]| said.iter().find(|line| !than.contains(line)).cloned();
    match (more(&checked, &audited), more(&audited, &checked)) {
        (None, None) => Ok(()),
        (Some(line), _) => Err(format!("audit does not say what check says: {line}")),
        (None, Some(line)) => Err(format!("audit says what check does not say: {line}")),
    }
}

fn check(case: &Case, all: &Releases) -> Vec<String> {
    let nothing = Releases::default();
    let world = World::new(&nothing, Some(all)).on(case.host());
    // What is nothing but a budget is no vCluster yet.
    let stands = all
        .iter()
        .filter(|(release, parts)| parts.standing(release, Places::NONE).is_some());
    judged(
        case,
        &world,
        stands.map(|(release, parts)| parts.subject(release, None, Some(parts))),
    )
}

fn audit(case: &Case, all: &Releases) -> Vec<String> {
    let (fleet, unread) = (fleet(case, all), Unread::default());
    let world = World::standing(all, &fleet, unread);
    judged(
        case,
        &world,
        all.iter()
            .filter_map(|(release, parts)| parts.standing(release, unread.places)),
    )
}

/// Nodes and priority classes of which a case shows none are not listed, as in check.
fn fleet(case: &Case, all: &Releases) -> Fleet {
    let of_kind = |kind: &'static str| {
        case.beside
            .iter()
            .chain(&case.now)
            .filter(move |object| object["kind"] == kind)
    };
    let nodes: Vec<Node> = of_kind("Node").map(|node| Node::deserialize(node).unwrap()).collect();
    let name = |object: &Value| object["metadata"]["name"].as_str().unwrap_or_default().to_owned();
    let classes: Vec<String> = of_kind("PriorityClass").map(name).collect();
    let mut databases = Databases::new();
    for (release, parts) in all.iter() {
        if let Some(digest) = parts.config.as_ref().and_then(ConfigSecret::database_digest) {
            databases.entry(digest).or_default().push(release.clone());
        }
    }
    Fleet {
        host: case.host(),
        nodes: listed(nodes),
        priority_classes: listed(classes),
        databases: Fact::Known(databases),
    }
}

fn listed<T>(items: Vec<T>) -> Fact<Arc<[T]>> {
    if items.is_empty() {
        Fact::Unknown
    } else {
        Fact::Known(items.into())
    }
}

fn everything(case: &Case) -> Releases {
    let mut all = Releases::default();
    for object in case.beside.iter().chain(&case.now) {
        let _ = all.add(object);
    }
    all.settle();
    all
}

fn judged(case: &Case, world: &World, subjects: impl Iterator<Item = Subject>) -> Vec<String> {
    let mut said = Vec::new();
    for mut subject in subjects {
        world.surround(&mut subject);
        let verdict = decide(case, subject, None);
        let told = said_by(&verdict).filter(|(rule, _)| !ABOUT_ITS_MAKING.contains(&rule.id));
        said.extend(told.map(|(rule, line)| format!("{}: {line}", rule.id)));
    }
    said
}
