//! What is to be judged: one vCluster, now and before, as far as it is known, and why it is looked at.

use crate::carrier::budget::Budget;
use crate::carrier::secret::ConfigSecret;
use crate::carrier::workload::Workload;
use crate::fact::Fact;
use crate::object::Release;
use crate::recognise::Role;
use crate::surroundings::Surroundings;
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

    /// What is in this set and not in the other.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
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
    pub role: Role,
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
    /// Where objects of it may be that could not be read: rules that ask there alone stay undecided.
    pub unread: Places,
    /// False when recognition rests on labels alone; then nothing is denied.
    pub sure: bool,
    /// As it is, or is to be.
    pub now: State,
    /// As it was. `None` on create, and when nobody knows.
    pub before: Option<State>,
}
