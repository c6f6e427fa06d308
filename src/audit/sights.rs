//! What is read of the cluster for observations alone: the webhook configurations, and where claims get their volumes.

use std::collections::BTreeSet;
use std::sync::Arc;

use vcluster_guard_core::fact::Fact;

use super::decode::{Entry, Item};
use super::fleet::all;
use super::gaps::Gaps;
use super::handshake;
use super::kind::Kind;
use super::pages::Pages;
use super::reader::Reader;
use crate::observe::Seen;
use crate::observe::coverage::{Configuration, Configurations, Faults};
use crate::observe::data::Storage;

/// Reads it. What could not be read is unknown, and among the gaps.
pub(super) async fn read(reader: &Arc<Reader>, pages: &Pages, gaps: &mut Gaps) -> Seen {
    let of = |kind| Pages { kind, ..pages.clone() };
    let validate = whole(all(reader, of(Kind::Validating), gaps).await, configuration);
    let mutate = whole(all(reader, of(Kind::Mutating), gaps).await, configuration);
    let expands = whole(all(reader, of(Kind::StorageClass), gaps).await, |entry| {
        match entry.item {
            Item::StorageClass(expands) => Some((entry.key.name, expands)),
            _ => None,
        }
    });
    let deleted = deleted_volumes(reader, of(Kind::Volume), gaps).await;
    let mut configurations = Configurations {
        validate,
        mutate,
        faults: Faults::new(),
    };
    for call in configurations.calls() {
        if let Some(fault) = handshake::fault(reader, &call, gaps).await {
            configurations.faults.insert(call, fault);
        }
    }
    Seen {
        configurations,
        storage: Storage { deleted, expands },
    }
}

fn whole<T, C: FromIterator<T>>((entries, whole): (Vec<Entry>, bool), of: fn(Entry) -> Option<T>) -> Fact<C> {
    if whole {
        Fact::Known(entries.into_iter().filter_map(of).collect())
    } else {
        Fact::Unknown
    }
}

fn configuration(entry: Entry) -> Option<Configuration> {
    match entry.item {
        Item::Configuration(configuration) => Some(*configuration),
        _ => None,
    }
}

/// A cluster may have as many as claims, so no more than names are kept.
async fn deleted_volumes(reader: &Arc<Reader>, pages: Pages, gaps: &mut Gaps) -> Fact<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    let mut inbox = pages.start(Arc::clone(reader));
    while let Some(page) = inbox.recv().await {
        let entries = match page {
            Ok(entries) => entries,
            Err(failure) => {
                gaps.list(Kind::Volume, &failure, None);
                return Fact::Unknown;
            }
        };
        let deleted = entries
            .into_iter()
            .filter(|entry| matches!(entry.item, Item::DeletedVolume));
        names.extend(deleted.map(|entry| entry.key.name));
    }
    Fact::Known(names)
}
