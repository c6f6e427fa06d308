//! What the webhooks would not see: their configurations as they are in the cluster, compared with those that the chart
//! ships. What could not be read is said, never guessed.

mod bundle;
mod calls;
mod configuration;
mod excluded;
mod gaps;
mod shipped;

use std::collections::BTreeSet;

use vcluster_guard_core::carrier::workload::Workload;
use vcluster_guard_core::exemption::Now;
use vcluster_guard_core::fact::Fact;
use vcluster_guard_core::object::{ObjectRef, Release, Strings};
use vcluster_guard_core::recognise::{self, Lookalike};

use crate::report::{Kind, Observation, Topic};
pub(crate) use calls::{Call, Fault, Faults};
pub(crate) use configuration::{Configuration, Door};
use configuration::{Entry, Service};
use excluded::Sight;
use gaps::Gap;

/// The configurations of both doors in the cluster, everybody's. `Unknown` where they could not be read.
#[derive(Debug, Default)]
pub(crate) struct Configurations {
    pub(crate) validate: Fact<Vec<Configuration>>,
    pub(crate) mutate: Fact<Vec<Configuration>>,
    /// Which of their calls fail, of those that could be tried.
    pub(crate) faults: Faults,
}

/// Tells of each vCluster whether the webhooks see it.
#[derive(Debug, Default)]
pub(crate) struct Lookout {
    entries: Vec<(Door, Entry)>,
    /// Namespaces of which nobody can say whether they are seen.
    unknown: BTreeSet<String>,
}

const fn kind(id: &'static str, title: &'static str) -> Kind {
    Kind {
        topic: Topic::Coverage,
        id,
        title,
    }
}

const CONFIGURATION: Kind = kind("configuration", "Webhook configurations that leave something out");
const EXCLUDED: Kind = kind("excluded", "vClusters in excluded namespaces");
const DODGED: Kind = kind("dodged", "Workloads that run a vCluster under other names");

const FIX_EXCLUDED: &str = "take the namespace out of the chart's excludedNamespaces, or move the vCluster: kube-system and \
                            the guard's own are always left out";

impl Lookout {
    pub(crate) fn new(configurations: &Configurations) -> Self {
        let entries = configurations.entries();
        Self {
            entries: entries.map(|(door, entry)| (door, entry.clone())).collect(),
            unknown: BTreeSet::new(),
        }
    }

    /// Whether labels of namespaces decide over what is seen.
    pub(crate) fn asks_for_labels(&self) -> bool {
        self.entries
            .iter()
            .any(|(_, entry)| !configuration::selects_by_name(&entry.namespace_selector))
    }

    /// Tells of a vCluster that the webhooks do not see, or not whole. `labels` are those of its namespace, if known.
    pub(crate) fn of_vcluster(&mut self, release: &Release, labels: Option<&Strings>) -> Option<Observation> {
        match excluded::sight(release, labels, &self.entries) {
            Sight::Seen => None,
            Sight::Excluded(message) => Some(Observation::of(EXCLUDED, release, message).fix(FIX_EXCLUDED)),
            Sight::Unknown => {
                self.unknown.insert(release.namespace.clone());
                None
            }
        }
    }

    /// What it could not tell, and for want of what.
    pub(crate) fn incomplete(self) -> Option<String> {
        let names: Vec<String> = self.unknown.into_iter().collect();
        let names = names.join(", ");
        (!names.is_empty()).then(|| {
            format!("the labels of namespaces, so whether the webhooks see the vClusters there is not known: {names}")
        })
    }
}

/// Tells of a workload that runs vCluster and that no webhook sees. `None` when it is none, or is seen.
pub(crate) fn dodged(workload: &Workload) -> Option<Observation> {
    let Lookalike {
        container,
        image,
        lacks,
    } = recognise::lookalike(workload)?;
    let (kind, name) = (workload.kind.as_str(), workload.metadata.name.as_str());
    let lacks = lacks.join(", ");
    let message = format!(
        "{kind} {name} runs a vCluster (container {container}: {image}) and is neither judged nor mended: {lacks}"
    );
    let namespace = workload.metadata.namespace.clone();
    let object = ObjectRef {
        api_version: "apps/v1".into(),
        kind: kind.into(),
        namespace: namespace.clone(),
        name: name.into(),
    };
    let fix = "install it from vCluster's chart, whose names and selector the guard goes by";
    Some(Observation {
        namespace,
        ..Observation::of_cluster(DODGED, message).about(object).fix(fix)
    })
}

/// What the configurations of one door leave out.
fn compare(all: &[Configuration], door: Door, known: (&Faults, Now), told: &mut Vec<Observation>) {
    let shipped = shipped::entries(door);
    let own = || all.iter().filter(|configuration| is_own(configuration, door));
    if own().next().is_none() {
        let message = format!("there is no {} of the guard: nothing is {}", door.kind(), door.done());
        let fix = format!("install the guard's chart with {}.enabled", door.values_key());
        told.push(Observation::of_cluster(CONFIGURATION, message).fix(fix));
    }
    for configuration in own() {
        for (entries, Gap { what, fix }) in gaps(configuration, shipped, door, known) {
            let observation = Observation::of_cluster(CONFIGURATION, format!("{}: {what}", entries.join(", ")));
            told.push(observation.about(configuration.object(door)).fix(fix));
        }
    }
    let homes: Vec<Release> = own().flat_map(services).map(Service::host).collect();
    for configuration in all.iter().filter(|configuration| !is_own(configuration, door)) {
        if services(configuration).any(|service| homes.contains(&service.host())) {
            let name = &configuration.metadata.name;
            let message = format!("{} {name} calls the guard too, and is not its chart's", door.kind());
            let observation = Observation::of_cluster(CONFIGURATION, message);
            told.push(observation.about(configuration.object(door)).fix("delete it"));
        }
    }
}

/// The gaps of one configuration, each with the entries that have it.
fn gaps<'c>(
    configuration: &'c Configuration,
    shipped: &'c [Entry],
    door: Door,
    known: (&Faults, Now),
) -> Vec<(Vec<&'c str>, Gap)> {
    let mut all: Vec<(Vec<&str>, Gap)> = Vec::new();
    for wanted in shipped {
        let of_entry = match configuration.entry(&wanted.name) {
            None => [Gap::missing(door)].into(),
            Some(entry) => gaps::of(entry, wanted, configuration, door, known),
        };
        for gap in of_entry {
            match all.iter_mut().find(|(_, other)| *other == gap) {
                Some((entries, _)) => entries.push(&wanted.name),
                None => all.push(([wanted.name.as_str()].into(), gap)),
            }
        }
    }
    all
}

/// The guard's own is known by the names of its entries, whatever it is called itself.
fn is_own(configuration: &Configuration, door: Door) -> bool {
    let shipped = shipped::entries(door);
    shipped.iter().any(|wanted| configuration.entry(&wanted.name).is_some())
}

fn services(configuration: &Configuration) -> impl Iterator<Item = &Service> {
    let entries = configuration.webhooks.iter();
    entries.filter_map(|entry| entry.client_config.service.as_ref())
}

impl Configurations {
    fn of(&self, door: Door) -> &Fact<Vec<Configuration>> {
        match door {
            Door::Validate => &self.validate,
            Door::Mutate => &self.mutate,
        }
    }

    /// The chart's entries as they stand in the cluster.
    fn entries(&self) -> impl Iterator<Item = (Door, &Entry)> {
        let of_door = |door| {
            let all = self.of(door).known().into_iter().flatten();
            let own = move |configuration| {
                let wanted = shipped::entries(door).iter();
                wanted.filter_map(move |wanted| Some((door, Configuration::entry(configuration, &wanted.name)?)))
            };
            all.flat_map(own)
        };
        Door::ALL.into_iter().flat_map(of_door)
    }

    /// The calls that the API server makes of them.
    pub(crate) fn calls(&self) -> BTreeSet<Call> {
        self.entries().filter_map(|(_, entry)| Call::of(entry)).collect()
    }

    /// What they leave out of what the chart's would send.
    pub(crate) fn gaps(&self, now: Now) -> Vec<Observation> {
        let mut told = Vec::new();
        for door in Door::ALL {
            if let Some(all) = self.of(door).known() {
                compare(all, door, (&self.faults, now), &mut told);
            }
        }
        told
    }
}

#[cfg(test)]
mod tests;
