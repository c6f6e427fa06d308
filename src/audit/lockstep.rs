//! Several lists walked side by side, one namespace at a time.
//!
//! Each list comes in the order of its keys, so a namespace is whole when every list has passed it; it is judged then
//! and forgotten, and what is held of a cluster does not grow with it.

use std::collections::VecDeque;

use serde_json::value::RawValue;
use vcluster_guard_core::case::Places;
use vcluster_guard_core::join::{Releases, Unread};

use super::decode::{Entry, Item};
use super::gaps::Gaps;
use super::key::{self, Key};
use super::kind::Kind;
use super::pages::Inbox;
use super::reader::Failure;
use crate::report::Observation;

/// The objects of one namespace.
#[derive(Debug, Default)]
pub(super) struct Room {
    pub(super) namespace: String,
    pub(super) releases: Releases,
    /// Config Secrets, still to be decoded.
    pub(super) secrets: Vec<(Key, Box<RawValue>)>,
    /// vClusters under other names.
    pub(super) dodged: Vec<Observation>,
    pub(super) unread: Unread,
}

/// The lists.
#[derive(Debug)]
pub(super) struct Lockstep {
    lanes: Vec<Lane>,
}

/// One list.
#[derive(Debug)]
struct Lane {
    kind: Kind,
    inbox: Inbox,
    ahead: VecDeque<Entry>,
    failure: Option<Failure>,
    /// The last object that was seen.
    passed: Option<Key>,
}

impl Lockstep {
    pub(super) fn new(lists: impl IntoIterator<Item = (Kind, Inbox)>) -> Self {
        let lanes = lists.into_iter().map(|(kind, inbox)| Lane {
            kind,
            inbox,
            ahead: VecDeque::new(),
            failure: None,
            passed: None,
        });
        Self { lanes: lanes.collect() }
    }

    /// The next namespace in which anything of interest is; `None` after the last.
    pub(super) async fn next(&mut self, gaps: &mut Gaps) -> Option<Room> {
        let mut heads = Vec::new();
        for lane in &mut self.lanes {
            heads.extend(lane.head().await.map(|entry| entry.key.namespace.clone()));
        }
        let namespace = heads.into_iter().min_by(|one, other| key::order(one, other))?;
        let mut room = Room {
            namespace,
            ..Room::default()
        };
        for lane in &mut self.lanes {
            while let Some(entry) = lane.take(&room.namespace).await {
                room.put(lane.kind, entry, gaps);
            }
            if lane.failure.is_some() {
                room.miss(lane.kind);
            }
        }
        Some(room)
    }

    /// Says of every list that failed how far it came.
    pub(super) fn end(self, gaps: &mut Gaps) {
        for lane in self.lanes {
            if let Some(failure) = lane.failure {
                gaps.list(lane.kind, &failure, lane.passed.as_ref());
            }
        }
    }
}

impl Lane {
    /// The next object of interest.
    async fn head(&mut self) -> Option<&Entry> {
        while self.ahead.is_empty() && self.failure.is_none() {
            match self.inbox.recv().await? {
                Ok(entries) => {
                    if let Some(last) = entries.last() {
                        self.passed = Some(last.key.clone());
                    }
                    let ours = entries.into_iter().filter(|entry| !matches!(entry.item, Item::Foreign));
                    self.ahead.extend(ours);
                }
                Err(failure) => self.failure = Some(failure),
            }
        }
        self.ahead.front()
    }

    /// The next object, if it is of this namespace.
    async fn take(&mut self, namespace: &str) -> Option<Entry> {
        let head = self.head().await?;
        if head.key.namespace != namespace {
            return None;
        }
        self.ahead.pop_front()
    }
}

impl Room {
    fn put(&mut self, kind: Kind, entry: Entry, gaps: &mut Gaps) {
        match entry.item {
            Item::Known(item) => self.releases.insert(item),
            Item::Secret(text) => self.secrets.push((entry.key, text)),
            Item::Undecodable(misfit) => {
                gaps.object(kind, &entry.key, &misfit);
                self.miss(kind);
            }
            Item::Dodged(observation) => self.dodged.push(*observation),
            _ => {}
        }
    }

    /// Something of that kind may be here that nobody has seen.
    pub(super) fn miss(&mut self, kind: Kind) {
        let places = match kind {
            Kind::StatefulSet => Places::WORKLOAD.and(Places::ETCD),
            Kind::Deployment => Places::WORKLOAD,
            Kind::Budget => Places::BUDGET,
            Kind::Autoscaler => Places::AUTOSCALER,
            Kind::Secret => Places::CONFIG,
            Kind::Claim => {
                self.unread.claims = true;
                return;
            }
            _ => return,
        };
        self.unread.places = self.unread.places.and(places);
    }
}
