//! A rule's view of a [`Subject`].
//!
//! Rules read a [`Case`] only through its methods. Each read is remembered as a fingerprint, so that the
//! ratchet can tell whether what a rule looked at has changed, and whether a rule joined the config with the
//! workload (which is sound only if the workload was rendered from that very config).

pub mod image;
pub mod legacy;
pub mod replicas;
pub mod scheduling;
pub mod storage;
mod surroundings;
mod trace;
mod workloads;

use alloc::rc::Rc;
use core::cell::Cell;
use core::hash::{Hash, Hasher};

use crate::carrier::budget::Budget;
use crate::carrier::secret::{CONFIG_HASH, ConfigSecret, Proof};
use crate::carrier::workload::Workload;
use crate::config::Config;
use crate::config::key::{Any, Flag, Int, Key, StrBool, Text};
use crate::fact::Fact;
use crate::image::Images;
use crate::rule::{Need, Part};
pub use crate::subject::{Occasion, Places, Scaled, State, Subject};
use image::Shared;
use serde_json::Value;
use trace::Trace;
pub use trace::{Read, Reads, reads_of};

/// A rule's view of a subject.
#[derive(Debug)]
pub struct Case<'a> {
    state: &'a State,
    before: Option<&'a State>,
    /// Why the case is looked at.
    pub occasion: Occasion,
    /// Which of its objects this is about.
    pub places: Places,
    /// Name of the vCluster.
    pub release: &'a str,
    /// What the policy says of images.
    pub images: &'a Images,
    reads: Cell<u64>,
    parts: Cell<u8>,
    lacks_past: Cell<bool>,
    shared: Rc<Shared<'a>>,
    trace: Option<&'a Trace>,
    /// Whether this is the state before a change.
    is_past: bool,
}

impl<'a> Case<'a> {
    /// The subject as it is now.
    #[must_use]
    pub fn now(subject: &'a Subject, images: &'a Images) -> Self {
        Self::new(subject, images, &subject.now, subject.before.as_ref())
    }

    /// The subject as it was, judged as a state of its own.
    #[must_use]
    pub fn earlier(subject: &'a Subject, images: &'a Images) -> Option<Self> {
        Some(Self::new(subject, images, subject.before.as_ref()?, None))
    }

    fn new(subject: &'a Subject, images: &'a Images, state: &'a State, before: Option<&'a State>) -> Self {
        Self {
            state,
            before,
            occasion: subject.occasion,
            places: subject.places,
            release: &subject.release.name,
            images,
            reads: Cell::new(SEED),
            parts: Cell::new(0),
            lacks_past: Cell::new(false),
            shared: Rc::default(),
            trace: None,
            is_past: false,
        }
    }

    /// The same case for the next rule: nothing read yet, and what was worked out kept.
    #[must_use]
    pub fn afresh(&self) -> Self {
        Self {
            reads: Cell::new(SEED),
            parts: Cell::new(0),
            lacks_past: Cell::new(false),
            shared: Rc::clone(&self.shared),
            ..*self
        }
    }

    /// The state before, for rules about transitions.
    #[must_use]
    pub fn previous(&self) -> Option<Self> {
        self.lacks_past.set(self.before.is_none());
        Some(Self {
            state: self.before?,
            before: None,
            reads: Cell::new(0),
            parts: Cell::new(0),
            lacks_past: Cell::new(false),
            shared: Rc::default(),
            is_past: true,
            ..*self
        })
    }

    /// Whether a rule asked how it was before, and nobody knows: that it then finds nothing means nothing.
    #[must_use]
    pub fn lacks_past(&self) -> bool {
        self.lacks_past.get()
    }

    /// Fingerprint of everything read so far.
    #[must_use]
    pub fn reads(&self) -> u64 {
        self.reads.get()
    }

    /// Whether config and workload were both read although the workload is known to be rendered from another
    /// config: then nothing said of the two together can be trusted.
    #[must_use]
    pub fn joined_strangers(&self) -> bool {
        self.has_read(Part::Config) && self.has_read(Part::Workload) && self.are_strangers() == Some(true)
    }

    fn are_strangers(&self) -> Option<bool> {
        let annotations = &self.state.workload.known()?.spec.template.metadata.annotations;
        Some(match self.state.config.known()?.proof(annotations.get(CONFIG_HASH)?) {
            Proof::Other => true,
            // A dry run of an upgrade shows the workload beside the Secret that the upgrade has yet to change.
            Proof::Part => self.occasion == Occasion::Update && !self.places.meets(Places::CONFIG),
            Proof::Whole => false,
        })
    }

    /// Whether anything of a part was looked at.
    #[must_use]
    pub fn has_read(&self, part: Part) -> bool {
        self.parts.get() & part.bit() != 0
    }

    fn look<T>(&self, part: Part, fact: &'a Fact<T>) -> Option<&'a T> {
        let known = fact.known();
        if known.is_some() {
            self.parts.set(self.parts.get() | part.bit());
        }
        known
    }

    /// Remembers a read and hands the value on.
    pub(crate) fn saw<T: Hash>(&self, name: &'static str, value: T) -> T {
        self.note(name);
        let mut fingerprint = Fingerprint(self.reads.get());
        name.hash(&mut fingerprint);
        value.hash(&mut fingerprint);
        self.reads.set(fingerprint.finish());
        value
    }

    /// Remembers the name alone.
    fn note(&self, name: &'static str) {
        if let Some(trace) = self.trace {
            trace.note(name, self.is_past);
        }
    }

    /// The parsed config. An unreadable one is the business of `config-unreadable` alone.
    pub fn config(&self) -> Result<&'a Config, Need> {
        self.config_secret()?.config().map_err(|_| Need::ReadableConfig)
    }

    /// The config Secret.
    pub fn config_secret(&self) -> Result<&'a ConfigSecret, Need> {
        self.look(Part::Config, &self.state.config).ok_or(Need::Config)
    }

    /// Whether the config Secret was looked for and is not there: a chart up to 0.19, or an order other than Helm's.
    #[must_use]
    pub fn lacks_config_secret(&self) -> bool {
        matches!(self.state.config, Fact::Absent)
    }

    /// The control plane's workload.
    pub fn workload(&self) -> Result<&'a Workload, Need> {
        self.workload_at_hand().ok_or(Need::Workload)
    }

    /// The control plane's workload, where it is at hand. Not to have it is no lack. When only the Secret is judged, a
    /// workload that is known is the live one, which the new values are about to replace, so it tells nothing of them.
    #[must_use]
    pub fn workload_at_hand(&self) -> Option<&'a Workload> {
        let told = self.places != Places::CONFIG;
        told.then(|| self.look(Part::Workload, &self.state.workload))?
    }

    /// The `StatefulSet` of the chart's etcd, where it is at hand.
    #[must_use]
    pub fn etcd_at_hand(&self) -> Option<&'a Workload> {
        self.look(Part::Etcd, &self.state.etcd)
    }

    /// The budget over the control plane's pods, where it is at hand.
    #[must_use]
    pub fn budget_at_hand(&self) -> Option<&'a Budget> {
        self.look(Part::Budget, &self.state.budget)
    }

    /// The budget over etcd's pods, where it is at hand.
    #[must_use]
    pub fn etcd_budget_at_hand(&self) -> Option<&'a Budget> {
        self.look(Part::EtcdBudget, &self.state.etcd_budget)
    }

    /// Whether no budget covers the deployed etcd: known only where all objects are at hand.
    #[must_use]
    pub fn lacks_etcd_budget(&self) -> bool {
        matches!(self.state.etcd_budget, Fact::Absent)
    }

    /// Whether the control plane's workload is known to be gone.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        matches!(self.state.workload, Fact::Absent)
    }

    /// The Scale that is asked for, if this is one.
    #[must_use]
    pub fn scaled(&self) -> Option<Scaled> {
        self.state.scaled
    }

    /// A boolean of the config.
    pub fn flag(&self, key: Key<Flag>) -> Result<bool, Need> {
        Ok(self.saw(key.path, self.config()?.flag(key)))
    }

    /// A boolean of the config that the chart renders as true where a config lacks it.
    pub fn flag_or_true(&self, key: Key<Flag>) -> Result<bool, Need> {
        let config = self.config()?;
        Ok(self.saw(key.path, config.flag(key) || !config.is_written(key.path)))
    }

    /// An integer of the config.
    pub fn int(&self, key: Key<Int>) -> Result<i64, Need> {
        Ok(self.saw(key.path, self.config()?.int(key)))
    }

    /// A string of the config.
    pub fn text(&self, key: Key<Text>) -> Result<&'a str, Need> {
        Ok(self.saw(key.path, self.config()?.text(key)))
    }

    /// A `StrBool` of the config.
    pub fn strbool(&self, key: Key<StrBool>) -> Result<&'a str, Need> {
        Ok(self.saw(key.path, self.config()?.strbool(key)))
    }

    /// Anything else of the config.
    pub fn any(&self, key: Key<Any>) -> Result<&'a Value, Need> {
        Ok(self.saw(key.path, self.config()?.any(key)))
    }
}

const SEED: u64 = 0xcbf2_9ce4_8422_2325;

/// FNV-1a: equal reads give equal numbers, and nothing of a value can be told from it.
struct Fingerprint(u64);

impl Hasher for Fingerprint {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
