//! From the bytes of a page to what the judgement reads of its objects. Everything else is skipped over.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use vcluster_guard_core::carrier::autoscaler::Autoscaler;
use vcluster_guard_core::carrier::budget::Budget;
use vcluster_guard_core::carrier::claim::Claim;
use vcluster_guard_core::carrier::node::Node;
use vcluster_guard_core::carrier::workload::{Workload, WorkloadKind};
use vcluster_guard_core::join;
use vcluster_guard_core::misfit::{self, Misfit};
use vcluster_guard_core::object::{Meta, Strings};
use vcluster_guard_core::recognise;

use super::key::Key;
use super::kind::Kind;
use super::reader::Garbled;
use crate::observe::coverage::{self, Configuration};
use crate::observe::data::{StorageClass, Volume};
use crate::report::Observation;

/// One page.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) entries: Vec<Entry>,
    /// The continue token; empty on the last page.
    pub(super) resume: String,
}

/// One object of a page. Those that are nobody's concern are there too, as [`Item::Foreign`]: the list has passed them.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) key: Key,
    pub(super) item: Item,
}

/// What is kept of an object.
#[derive(Debug)]
pub(super) enum Item {
    /// A part of a vCluster, or beside one.
    Known(join::Item),
    /// Still as text: parsed it takes several times the room, and hundreds wait for their turn.
    Secret(Box<RawValue>),
    Node(Node),
    PriorityClass,
    Namespace(Strings),
    /// One that goes with its claim.
    DeletedVolume,
    /// Whether it lets volumes grow.
    StorageClass(bool),
    Configuration(Box<Configuration>),
    /// A vCluster under other names: it cannot be judged, and is told.
    Dodged(Box<Observation>),
    Foreign,
    /// It is ours, or may be, and cannot be decoded.
    Undecodable(Misfit),
}

#[derive(Deserialize)]
struct List<'a> {
    #[serde(default)]
    metadata: ListMeta,
    // Go writes an empty list as null.
    #[serde(borrow)]
    items: Option<Vec<&'a RawValue>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct ListMeta {
    #[serde(rename = "continue")]
    pub(super) resume: String,
}

/// An object of which only the metadata is of interest.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Named {
    metadata: Meta,
}

/// An object whose labels or annotations may be at fault.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Bare {
    metadata: Key,
}

/// Enough to tell whose an object is that cannot be decoded.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Selected {
    spec: SelectedSpec,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct SelectedSpec {
    selector: Labels,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Labels {
    match_labels: Strings,
}

/// Reads a page of a list of objects of one kind.
pub(super) fn page(kind: Kind, bytes: &[u8]) -> Result<Page, Garbled> {
    let list: List<'_> = serde_json::from_slice(bytes).map_err(|_| Garbled)?;
    let items = list.items.unwrap_or_default();
    Ok(Page {
        entries: items.into_iter().map(|raw| entry(kind, raw)).collect(),
        resume: list.metadata.resume,
    })
}

fn entry(kind: Kind, raw: &RawValue) -> Entry {
    decode(kind, raw).unwrap_or_else(|misfit| {
        let Bare { metadata: key } = of(raw).unwrap_or_default();
        let item = if is_ours(kind, raw) {
            Item::Undecodable(misfit)
        } else {
            Item::Foreign
        };
        Entry { key, item }
    })
}

/// As at admission: of what does not decode, only the selector says whose it is. Of the other kinds all is asked for.
fn is_ours(kind: Kind, raw: &RawValue) -> bool {
    if !matches!(kind, Kind::StatefulSet | Kind::Deployment | Kind::Budget) {
        return true;
    }
    let Selected { spec } = of(raw).unwrap_or_default();
    let app = spec.selector.match_labels.get("app").map(String::as_str);
    matches!(app, Some(recognise::APP_CONTROL_PLANE | recognise::APP_ETCD))
}

fn decode(kind: Kind, raw: &RawValue) -> Result<Entry, Misfit> {
    let (metadata, item) = match kind {
        Kind::StatefulSet => workload(of(raw)?, WorkloadKind::StatefulSet),
        Kind::Deployment => workload(of(raw)?, WorkloadKind::Deployment),
        Kind::Budget => {
            let budget: Budget = of(raw)?;
            (budget.metadata.clone(), known(join::Item::budget(budget)))
        }
        Kind::Autoscaler => {
            let autoscaler: Autoscaler = of(raw)?;
            (
                autoscaler.metadata.clone(),
                Item::Known(join::Item::autoscaler(autoscaler)),
            )
        }
        Kind::Claim => {
            let claim: Claim = of(raw)?;
            (claim.metadata.clone(), Item::Known(join::Item::claim(claim)))
        }
        Kind::Secret => secret(raw, of::<Named>(raw)?),
        Kind::Node => {
            let node: Node = of(raw)?;
            (node.metadata.clone(), Item::Node(node))
        }
        Kind::PriorityClass => (of::<Named>(raw)?.metadata, Item::PriorityClass),
        Kind::Namespace => {
            let Named { metadata } = of(raw)?;
            (metadata.clone(), Item::Namespace(metadata.labels))
        }
        Kind::Volume => volume(of(raw)?),
        Kind::StorageClass => {
            let class: StorageClass = of(raw)?;
            (class.metadata, Item::StorageClass(class.allow_volume_expansion))
        }
        Kind::Service => (of::<Named>(raw)?.metadata, Item::Foreign),
        Kind::Validating | Kind::Mutating => (of::<Named>(raw)?.metadata, Item::Configuration(of(raw)?)),
    };
    Ok(Entry::new(&metadata, item))
}

fn workload(mut workload: Workload, kind: WorkloadKind) -> (Meta, Item) {
    workload.kind = kind;
    let metadata = workload.metadata.clone();
    let dodged = coverage::dodged(&workload).map(Box::new);
    (
        metadata,
        dodged.map_or_else(|| known(join::Item::workload(workload)), Item::Dodged),
    )
}

fn volume(volume: Volume) -> (Meta, Item) {
    let item = if volume.is_deleted_with_its_claim() {
        Item::DeletedVolume
    } else {
        Item::Foreign
    };
    (volume.metadata, item)
}

fn known(item: Option<join::Item>) -> Item {
    item.map_or(Item::Foreign, Item::Known)
}

fn secret(raw: &RawValue, Named { metadata }: Named) -> (Meta, Item) {
    let ours = recognise::config_secret(&metadata.name).is_some();
    let item = if ours {
        Item::Secret(raw.to_owned())
    } else {
        Item::Foreign
    };
    (metadata, item)
}

fn of<T: DeserializeOwned>(raw: &RawValue) -> Result<T, Misfit> {
    misfit::decode(raw.get())
}

impl Entry {
    fn new(metadata: &Meta, item: Item) -> Self {
        Self {
            key: Key::of(metadata),
            item,
        }
    }
}
