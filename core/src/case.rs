//! What is judged: one vCluster, now and before, as far as it is known.
//!
//! Rules read a [`Case`] only through its methods. Each read is remembered as a fingerprint, so that the
//! ratchet can tell whether what a rule looked at has changed, and whether a rule joined the config with the
//! workload (which is sound only if the workload was rendered from that very config).

pub mod image;
pub mod replicas;
pub mod scheduling;
pub mod storage;
mod surroundings;
mod workloads;

use alloc::string::String;
use core::cell::Cell;
use core::hash::{Hash, Hasher};

use crate::carrier::budget::Budget;
use crate::carrier::secret::ConfigSecret;
use crate::carrier::workload::Workload;
use crate::config::Config;
use crate::config::key::{Any, Flag, Int, Key, StrBool, Text};
use crate::fact::Fact;
use crate::image::Images;
use crate::object::Release;
use crate::rule::Need;
use crate::surroundings::Surroundings;
use serde_json::Value;

/// Why the case is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// An object is created, or a whole release is checked without its past.
    Create,
    /// An object, or a whole release, changes.
    Update,
    /// The scale subresource changes.
    Scale,
    /// It simply is there: audit.
    Standing,
}

/// Which objects a rule may be asked about. A set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Places(u8);

impl Places {
    /// Nothing.
    pub const NONE: Self = Self(0);
    /// **S**: the config Secret.
    pub const CONFIG: Self = Self(1);
    /// **W**: the control plane's workload.
    pub const WORKLOAD: Self = Self(1 << 1);
    /// **E**: the `StatefulSet` NAME-etcd.
    pub const ETCD: Self = Self(1 << 2);
    /// **Sc**: a Scale of either.
    pub const SCALE: Self = Self(1 << 3);
    /// **PDB**: a budget.
    pub const BUDGET: Self = Self(1 << 4);
    /// **HPA**: an autoscaler that targets one of the workloads.
    pub const AUTOSCALER: Self = Self(1 << 5);

    /// Both sets together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether the sets share a place.
    #[must_use]
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// A Scale: how many replicas of what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scaled {
    /// Of which part.
    pub role: crate::recognise::Role,
    /// To how many.
    pub replicas: i64,
}

/// What is known of a vCluster at one moment.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// The Secret `vc-config-NAME`.
    pub config: Fact<ConfigSecret>,
    /// The workload NAME.
    pub workload: Fact<Workload>,
    /// The `StatefulSet` NAME-etcd.
    pub etcd: Fact<Workload>,
    /// The budget over the control plane's pods.
    pub budget: Fact<Budget>,
    /// The budget over etcd's pods.
    pub etcd_budget: Fact<Budget>,
    /// A Scale on top of all that.
    pub scaled: Option<Scaled>,
    /// Objects around it that no request shows.
    pub around: Surroundings,
}

/// One vCluster to be judged.
#[derive(Debug, Clone)]
pub struct Subject {
    /// Which vCluster.
    pub release: Release,
    /// Why it is looked at.
    pub occasion: Occasion,
    /// Which of its objects this is about.
    pub places: Places,
    /// False when recognition rests on labels alone; then nothing is denied.
    pub sure: bool,
    /// As it is, or is to be.
    pub now: State,
    /// As it was. `None` on create, and when nobody knows.
    pub before: Option<State>,
}

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
    /// A paused workload counts with the replicas that it will resume to (the ratchet's old side only).
    resumed: bool,
    reads: Cell<u64>,
    read_config: Cell<bool>,
    read_workload: Cell<bool>,
}

impl<'a> Case<'a> {
    /// The subject as it is now.
    #[must_use]
    pub fn now(subject: &'a Subject, images: &'a Images) -> Self {
        Self::new(subject, images, &subject.now, subject.before.as_ref(), false)
    }

    /// The subject as it was, judged as a state of its own. A paused workload counts as if it were resumed, so
    /// that resuming is never a new violation.
    #[must_use]
    pub fn earlier(subject: &'a Subject, images: &'a Images) -> Option<Self> {
        Some(Self::new(subject, images, subject.before.as_ref()?, None, true))
    }

    fn new(
        subject: &'a Subject,
        images: &'a Images,
        state: &'a State,
        before: Option<&'a State>,
        resumed: bool,
    ) -> Self {
        Self {
            state,
            before,
            occasion: subject.occasion,
            places: subject.places,
            release: &subject.release.name,
            images,
            resumed,
            reads: Cell::new(0xcbf2_9ce4_8422_2325),
            read_config: Cell::new(false),
            read_workload: Cell::new(false),
        }
    }

    /// The state before, for rules about transitions.
    #[must_use]
    pub fn previous(&self) -> Option<Self> {
        Some(Self {
            state: self.before?,
            before: None,
            reads: Cell::new(0),
            read_config: Cell::new(false),
            read_workload: Cell::new(false),
            ..*self
        })
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
        self.read_config.get() && self.read_workload.get() && self.config_is_of_workload() == Some(false)
    }

    fn config_is_of_workload(&self) -> Option<bool> {
        let annotations = &self.state.workload.known()?.spec.template.metadata.annotations;
        Some(
            self.state
                .config
                .known()?
                .has_hash(annotations.get("vClusterConfigHash")?),
        )
    }

    /// Remembers a read and hands the value on.
    pub(crate) fn saw<T: Hash>(&self, name: &str, value: T) -> T {
        let mut fingerprint = Fingerprint(self.reads.get());
        name.hash(&mut fingerprint);
        value.hash(&mut fingerprint);
        self.reads.set(fingerprint.finish());
        value
    }

    /// The parsed config. An unreadable one is the business of `config-unreadable` alone.
    pub fn config(&self) -> Result<&'a Config, Need> {
        self.config_secret()?.config().map_err(|_| Need::ReadableConfig)
    }

    /// The config Secret.
    pub fn config_secret(&self) -> Result<&'a ConfigSecret, Need> {
        self.read_config.set(true);
        self.state.config.known().ok_or(Need::Config)
    }

    /// Whether the config Secret was looked for and is not there: a chart up to 0.19, or an order other than Helm's.
    #[must_use]
    pub fn lacks_config_secret(&self) -> bool {
        matches!(self.state.config, Fact::Absent)
    }

    /// The control plane's workload.
    pub fn workload(&self) -> Result<&'a Workload, Need> {
        self.read_workload.set(true);
        self.state.workload.known().ok_or(Need::Workload)
    }

    /// The control plane's workload, where it is at hand. Not to have it is no lack. When only the Secret is judged, a
    /// workload that is known is the live one, which the new values are about to replace, so it tells nothing of them.
    #[must_use]
    pub fn workload_at_hand(&self) -> Option<&'a Workload> {
        let workload = self.state.workload.known().filter(|_| self.places != Places::CONFIG)?;
        self.read_workload.set(true);
        Some(workload)
    }

    /// The `StatefulSet` of the chart's etcd, where it is at hand.
    #[must_use]
    pub fn etcd_at_hand(&self) -> Option<&'a Workload> {
        self.state.etcd.known()
    }

    /// The budget over the control plane's pods, where it is at hand.
    #[must_use]
    pub fn budget_at_hand(&self) -> Option<&'a Budget> {
        self.state.budget.known()
    }

    /// The budget over etcd's pods, where it is at hand.
    #[must_use]
    pub fn etcd_budget_at_hand(&self) -> Option<&'a Budget> {
        self.state.etcd_budget.known()
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

    /// Whether a paused workload counts as resumed.
    pub(crate) fn is_resumed(&self) -> bool {
        self.resumed
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

/// `NAMESPACE/NAME`, or the name alone where the namespace is not known.
impl core::fmt::Display for Release {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        if self.namespace.is_empty() {
            f.write_str(&self.name)
        } else {
            write!(f, "{}/{}", self.namespace, self.name)
        }
    }
}

impl Release {
    /// A release in a namespace.
    #[must_use]
    pub fn new(namespace: &str, name: &str) -> Self {
        Self {
            namespace: String::from(namespace),
            name: String::from(name),
        }
    }
}
