//! What is around the vClusters of a set of objects.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::carrier::autoscaler::Autoscaler;
use crate::carrier::claim::Claim;
use crate::carrier::node::Node;
use crate::carrier::secret::ConfigSecret;
use crate::case::{Places, Subject};
use crate::config::key;
use crate::fact::Fact;
use crate::host::KubeVersion;
use crate::object::Release;
use crate::recognise::ETCD_SUFFIX;
use crate::surroundings::{Neighbour, Surroundings};

use super::item::Content;
use super::standing::{Fleet, Unread};
use super::{Parts, Releases};

/// Objects that are of no release.
#[derive(Debug, Clone, Default)]
pub(super) struct Strays {
    nodes: Vec<Node>,
    pub(super) claims: Vec<Claim>,
    priority_classes: Vec<String>,
    autoscalers: Vec<Autoscaler>,
    platform_keys: Vec<String>,
}

impl Strays {
    /// Keeps what is of no release.
    pub(super) fn add(&mut self, stray: Content) {
        match stray {
            Content::Node(node) => self.nodes.push(*node),
            Content::Claim(claim) => self.claims.push(*claim),
            Content::PriorityClass(name) => self.priority_classes.push(name),
            Content::Autoscaler(autoscaler) => self.autoscalers.push(*autoscaler),
            Content::PlatformKey(namespace) => self.platform_keys.push(namespace),
            Content::Config(..) | Content::Workload(..) | Content::Budget(..) => {}
        }
    }
}

/// The host cluster around the releases, as far as it is shown.
#[derive(Debug)]
pub struct World<'a> {
    live: Option<&'a Releases>,
    host: Fact<KubeVersion>,
    nodes: Fact<Arc<[Node]>>,
    priority_classes: Fact<Arc<[String]>>,
    claims: BTreeMap<&'a str, Vec<&'a Claim>>,
    vclusters: BTreeMap<&'a str, BTreeMap<&'a str, Neighbour>>,
    autoscalers: Vec<&'a Autoscaler>,
    databases: BTreeMap<[u8; 32], Vec<&'a Release>>,
    /// The namespaces that have a key to vCluster Platform.
    platform_keys: BTreeSet<&'a str>,
    /// The namespaces whose Secrets were read.
    secrets: BTreeSet<&'a str>,
    /// Set in an audit: then that is where the databases are.
    fleet: Option<&'a Fleet>,
    /// Whether the claims of a namespace are known to be all.
    all_claims: bool,
    /// Whether the vClusters of a namespace are known to be all.
    all_vclusters: bool,
}

impl<'a> World<'a> {
    /// What the objects and the live ones beside them show. Nodes and priority classes of which there is not one
    /// were not listed; claims and vClusters of a namespace are taken for listed when there are live objects at all.
    #[must_use]
    pub fn new(objects: &'a Releases, live: Option<&'a Releases>) -> Self {
        let mut world = Self::empty(live);
        let sources = || [Some(objects), live].into_iter().flatten();
        let strays = || sources().map(|releases| &releases.strays);
        world.nodes = listed(strays().flat_map(|strays| &strays.nodes));
        world.priority_classes = listed(strays().flat_map(|strays| &strays.priority_classes));
        world.all_claims = live.is_some();
        world.all_vclusters = live.is_some();
        // Nodes and claims alone say nothing of Secrets; who shows one config Secret of a namespace shows the others.
        let configured = live
            .into_iter()
            .flat_map(Releases::iter)
            .filter(|(_, parts)| parts.config.is_some());
        world.secrets = configured.map(|(release, _)| release.namespace.as_str()).collect();
        for releases in sources() {
            world.take(releases);
        }
        world
    }

    /// One namespace of a live cluster, and what was read of the whole of it.
    #[must_use]
    pub fn standing(live: &'a Releases, fleet: &'a Fleet, unread: Unread) -> Self {
        let mut world = Self::empty(Some(live));
        world.host = fleet.host.clone();
        world.nodes = fleet.nodes.clone();
        world.priority_classes = fleet.priority_classes.clone();
        world.all_claims = !unread.claims;
        world.all_vclusters = !unread.places.meets(Places::WORKLOAD);
        if !unread.platform_key {
            world.secrets = live.iter().map(|(release, _)| release.namespace.as_str()).collect();
        }
        world.fleet = Some(fleet);
        world.take(live);
        world
    }

    fn empty(live: Option<&'a Releases>) -> Self {
        World {
            live,
            host: Fact::Unknown,
            nodes: Fact::Unknown,
            priority_classes: Fact::Unknown,
            claims: BTreeMap::new(),
            vclusters: BTreeMap::new(),
            autoscalers: Vec::new(),
            databases: BTreeMap::new(),
            platform_keys: BTreeSet::new(),
            secrets: BTreeSet::new(),
            fleet: None,
            all_claims: false,
            all_vclusters: false,
        }
    }

    fn take(&mut self, releases: &'a Releases) {
        for claim in &releases.strays.claims {
            let claims = self.claims.entry(&claim.metadata.namespace).or_default();
            claims.push(claim);
        }
        self.autoscalers.extend(&releases.strays.autoscalers);
        self.platform_keys
            .extend(releases.strays.platform_keys.iter().map(String::as_str));
        for (release, parts) in releases.iter() {
            if let Some(digest) = parts.config.as_ref().and_then(ConfigSecret::database_digest) {
                let sharing = self.databases.entry(digest).or_default();
                if !sharing.contains(&release) {
                    sharing.push(release);
                }
            }
            if let Some(neighbour) = neighbour(release, parts) {
                let vclusters = self.vclusters.entry(&release.namespace).or_default();
                vclusters.entry(&release.name).or_insert(neighbour);
            }
        }
    }

    /// The same, on a host cluster of this version.
    #[must_use]
    pub fn on(self, host: Fact<KubeVersion>) -> Self {
        Self { host, ..self }
    }

    /// Tells the subject what is around it. Nobody knows how that was before, so it counts for both sides of a change.
    pub fn surround(&self, subject: &mut Subject) {
        let around = self.around(&subject.release);
        if !around.autoscalers.is_empty() {
            subject.places = subject.places.and(Places::AUTOSCALER);
        }
        if let Some(before) = &mut subject.before {
            before.around = around.clone();
        }
        subject.now.around = around;
    }

    /// The live releases that an autoscaler among the objects targets, and that are not among the objects themselves.
    pub fn autoscaled(&self, objects: &'a Releases) -> impl Iterator<Item = (&'a Release, &'a Parts)> {
        let live = self.live.into_iter().flat_map(Releases::iter);
        live.filter(move |(release, _)| {
            let mut autoscalers = objects.strays.autoscalers.iter();
            objects.get(release).is_none() && autoscalers.any(|autoscaler| targets(autoscaler, release))
        })
    }

    fn around(&self, release: &Release) -> Surroundings {
        let live = self.live.and_then(|live| live.get(release));
        let is_own = |claim: &Claim| live.is_some_and(|live| live.has_made(claim, release).is_some());
        let namespace = release.namespace.as_str();
        let claims = self.claims.get(namespace).into_iter().flatten();
        let claims = claims.filter(|claim| !is_own(claim)).map(|claim| (*claim).clone());
        let vclusters = self.vclusters.get(namespace).into_iter().flatten();
        let others = vclusters.filter(|(name, _)| **name != release.name);
        let neighbours: Vec<_> = others.map(|(_, neighbour)| neighbour.clone()).collect();
        let autoscalers = self
            .autoscalers
            .iter()
            .filter(|autoscaler| targets(autoscaler, release));
        Surroundings {
            host: self.host.clone(),
            sharing_database: self.sharing_database(release, live),
            nodes: self.nodes.clone(),
            priority_classes: self.priority_classes.clone(),
            claims: known_if(self.all_claims, claims.collect()),
            // Manifests that name no namespace may go to one each.
            neighbours: known_if(
                self.all_vclusters || !(namespace.is_empty() || neighbours.is_empty()),
                neighbours,
            ),
            platform_key: self.platform_key(namespace),
            autoscalers: autoscalers.map(|autoscaler| (*autoscaler).clone()).collect(),
        }
    }

    fn platform_key(&self, namespace: &str) -> Fact<bool> {
        let there = self.platform_keys.contains(namespace);
        known_if(there || self.secrets.contains(namespace), there)
    }

    fn sharing_database(&self, release: &Release, live: Option<&Parts>) -> Fact<Vec<String>> {
        let Some(fleet) = self.fleet else {
            let same = self.databases.values().find(|sharing| sharing.contains(&release));
            return Fact::Known(others(same.into_iter().flatten().copied(), release));
        };
        let Some(databases) = fleet.databases.known() else {
            return Fact::Unknown;
        };
        let digest = live.and_then(|live| live.config.as_ref()?.database_digest());
        let same = digest.and_then(|digest| databases.get(&digest));
        Fact::Known(others(same.into_iter().flatten(), release))
    }
}

fn others<'a>(sharing: impl Iterator<Item = &'a Release>, release: &Release) -> Vec<String> {
    let others = sharing.filter(|other| *other != release);
    others.map(ToString::to_string).collect()
}

fn listed<'a, T: Clone + 'a>(items: impl Iterator<Item = &'a T>) -> Fact<Arc<[T]>> {
    let items: Arc<[T]> = items.cloned().collect();
    known_if(!items.is_empty(), items)
}

fn known_if<T>(known: bool, value: T) -> Fact<T> {
    if known { Fact::Known(value) } else { Fact::Unknown }
}

fn targets(autoscaler: &Autoscaler, release: &Release) -> bool {
    let target = &autoscaler.spec.scale_target_ref;
    let name = target
        .name
        .strip_suffix(ETCD_SUFFIX)
        .filter(|name| *name == release.name);
    let namespace = &autoscaler.metadata.namespace;
    matches!(target.kind.as_str(), "StatefulSet" | "Deployment")
        && (name.is_some() || target.name == release.name)
        && (*namespace == release.namespace || namespace.is_empty() || release.namespace.is_empty())
}

/// A release counts as a vCluster of its namespace by its control plane's workload, paused or not.
fn neighbour(release: &Release, parts: &Parts) -> Option<Neighbour> {
    let (workload, _) = parts.workload.as_ref()?;
    let config = parts.config.as_ref().and_then(|secret| secret.config().ok());
    Some(Neighbour {
        release: release.name.clone(),
        version: workload.chart_version(),
        reuses_namespace: config.is_some_and(|config| config.flag(key::REUSE_NAMESPACE)),
    })
}
