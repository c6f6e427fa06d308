//! What is read of the whole cluster before the first vCluster is judged.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::value::RawValue;
use vcluster_guard_core::carrier::secret::ConfigSecret;
use vcluster_guard_core::fact::Fact;
use vcluster_guard_core::join::{Databases, Fleet};
use vcluster_guard_core::object::{Release, Strings};
use vcluster_guard_core::policy::{Policy, RuleSeverity};
use vcluster_guard_core::recognise;
use vcluster_guard_core::rule::Need;
use vcluster_guard_core::rules;

use super::decode::{Entry, Item};
use super::gaps::Gaps;
use super::kind::Kind;
use super::pages::Pages;
use super::reader::Reader;
use super::version;

/// The cluster, and the labels of its namespaces.
#[derive(Debug, Default)]
pub(super) struct Cluster {
    pub(super) fleet: Fleet,
    labels: BTreeMap<String, Strings>,
}

impl Cluster {
    /// The labels of a namespace, as far as anybody asks for any.
    pub(super) fn labels(&self, namespace: &str) -> Option<&Strings> {
        self.labels.get(namespace)
    }

    /// Reads what the rules and the policy ask for, and the labels of namespaces where those are wanted.
    pub(super) async fn read(
        reader: &Arc<Reader>,
        pages: &Pages,
        policy: &Policy,
        wants_labels: bool,
        gaps: &mut Gaps,
    ) -> Self {
        let of = |kind| Pages { kind, ..pages.clone() };
        let mut cluster = Self::default();
        cluster.fleet.host = version::read(reader, gaps).await;
        let (nodes, complete) = all(reader, of(Kind::Node), gaps).await;
        if complete {
            let nodes = nodes.into_iter().filter_map(|entry| match entry.item {
                Item::Node(node) => Some(node),
                _ => None,
            });
            cluster.fleet.nodes = Fact::Known(nodes.collect());
        }
        let (classes, complete) = all(reader, of(Kind::PriorityClass), gaps).await;
        if complete {
            cluster.fleet.priority_classes = Fact::Known(classes.into_iter().map(|entry| entry.key.name).collect());
        }
        if wants_labels {
            let (namespaces, _) = all(reader, of(Kind::Namespace), gaps).await;
            cluster.labels = namespaces.into_iter().filter_map(labels).collect();
        }
        if asks_for_the_fleet(policy) {
            cluster.fleet.databases = databases(reader, of(Kind::Secret)).await;
        }
        cluster
    }
}

/// A short list as a whole, and whether it is one.
pub(super) async fn all(reader: &Reader, pages: Pages, gaps: &mut Gaps) -> (Vec<Entry>, bool) {
    let kind = pages.kind;
    let (entries, failure) = pages.all(reader).await;
    if let Some(failure) = &failure {
        gaps.list(kind, failure, entries.last().map(|entry| &entry.key));
    }
    let mut whole = failure.is_none();
    for entry in &entries {
        if let Item::Undecodable(misfit) = &entry.item {
            gaps.object(kind, &entry.key, misfit);
            whole = false;
        }
    }
    (entries, whole)
}

fn labels(entry: Entry) -> Option<(String, Strings)> {
    match entry.item {
        Item::Namespace(labels) => Some((entry.key.name, labels)),
        _ => None,
    }
}

/// Whether any rule that compares all vClusters with each other is on anywhere.
fn asks_for_the_fleet(policy: &Policy) -> bool {
    let overrides = || std::iter::once(&policy.rules).chain(policy.namespaces.iter().map(|namespace| &namespace.rules));
    let is_on =
        |id: &str| overrides().any(|rules| rules.get(id).is_some_and(|rule| rule.severity != RuleSeverity::Off));
    let mut rules = rules::TABLE.iter().filter(|rule| rule.needs.contains(&Need::Fleet));
    rules.any(|rule| is_on(rule.id) || !rules::OPT_IN.contains(&rule.id))
}

/// One more walk over the Secrets, of which nothing but digests is kept: whoever is judged first has to know of the
/// last. That the list failed is told by the other walk.
async fn databases(reader: &Arc<Reader>, secrets: Pages) -> Fact<Databases> {
    let mut databases = Databases::new();
    let mut inbox = secrets.start(Arc::clone(reader));
    while let Some(page) = inbox.recv().await {
        let Ok(entries) = page else { return Fact::Unknown };
        for entry in entries {
            let Item::Secret(text) = entry.item else { continue };
            let release = recognise::config_secret(&entry.key.name).unwrap_or_default();
            if let Some(digest) = digest(&text) {
                let sharing = databases.entry(digest).or_default();
                sharing.push(Release::new(&entry.key.namespace, release));
            }
        }
    }
    Fact::Known(databases)
}

fn digest(text: &RawValue) -> Option<[u8; 32]> {
    ConfigSecret::from_json(text.get()).ok()??.database_digest()
}
