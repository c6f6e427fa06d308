//! From many objects to releases: what audit and check do where admission has one object.

mod item;
mod standing;
mod world;

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use serde_json::Value;

use crate::carrier::budget::Budget;
use crate::carrier::claim::Claim;
use crate::carrier::secret::ConfigSecret;
use crate::carrier::workload::Workload;
use crate::case::{Occasion, Places, State, Subject};
use crate::fact::Fact;
use crate::misfit::Misfit;
use crate::object::Release;
use crate::recognise::{ETCD_SUFFIX, Identity, Role};
use crate::surroundings::Surroundings;
use item::Content;
pub use item::Item;
pub use standing::{Databases, Fleet, Unread};
use world::Strays;
pub use world::World;

/// The parts of one vCluster that a set of objects shows.
#[derive(Debug, Clone, Default)]
pub struct Parts {
    /// The Secret.
    pub config: Option<ConfigSecret>,
    /// The control plane.
    pub workload: Option<(Workload, Identity)>,
    /// Its deployed etcd.
    pub etcd: Option<(Workload, Identity)>,
    /// The budget over the control plane.
    pub budget: Option<Budget>,
    /// The budget over etcd.
    pub etcd_budget: Option<Budget>,
}

/// Objects by release.
#[derive(Debug, Clone, Default)]
pub struct Releases {
    releases: BTreeMap<Release, Parts>,
    strays: Strays,
}

/// An object of ours that could not be decoded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind} {name} cannot be decoded: {misfit}")]
pub struct DecodeError {
    /// Kind of the object.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// The field; never a value.
    pub misfit: Misfit,
}

impl Releases {
    /// Adds an object. Says which release it is of, `None` when it is none of ours.
    pub fn add(&mut self, object: &Value) -> Result<Option<Release>, DecodeError> {
        Ok(Item::of(object)?.and_then(|item| {
            let release = item.release().cloned();
            self.insert(item);
            release
        }))
    }

    /// Adds an object that was decoded before.
    pub fn insert(&mut self, item: Item) {
        match item.0 {
            Content::Config(release, secret) => self.parts(release).config = Some(*secret),
            Content::Workload(release, workload) => {
                let parts = self.parts(release);
                match workload.1.role {
                    Role::ControlPlane => parts.workload = Some(*workload),
                    Role::Etcd => parts.etcd = Some(*workload),
                }
            }
            Content::Budget(release, budget, role) => {
                let parts = self.parts(release);
                match role {
                    Role::ControlPlane => parts.budget = Some(*budget),
                    Role::Etcd => parts.etcd_budget = Some(*budget),
                }
            }
            stray => self.strays.add(stray),
        }
    }

    fn parts(&mut self, release: Release) -> &mut Parts {
        self.releases.entry(release).or_default()
    }

    /// The chart's budgets name no namespace. One that fits a single release by name is that release's.
    pub fn settle(&mut self) {
        let homeless: Vec<Release> = self
            .releases
            .keys()
            .filter(|release| release.namespace.is_empty())
            .cloned()
            .collect();
        for release in homeless {
            let mut homes = self
                .releases
                .keys()
                .filter(|home| home.name == release.name && !home.namespace.is_empty())
                .cloned();
            let (Some(home), None) = (homes.next(), homes.next()) else {
                continue;
            };
            drop(homes);
            if let (Some(parts), Some(into)) = (self.releases.remove(&release), self.releases.get_mut(&home)) {
                into.fill(parts);
            }
        }
    }

    /// The parts of one release. One whose manifest names no namespace is found by its name alone.
    #[must_use]
    pub fn get(&self, release: &Release) -> Option<&Parts> {
        let by_name = || {
            let mut same = self.releases.iter().filter(|(other, _)| {
                other.name == release.name && (other.namespace.is_empty() || release.namespace.is_empty())
            });
            let (_, parts) = same.next()?;
            same.next().is_none().then_some(parts)
        };
        self.releases.get(release).or_else(by_name)
    }

    /// The claims that a release's workloads have made.
    pub fn claims<'a>(&'a self, release: &'a Release, parts: &'a Parts) -> impl Iterator<Item = (Role, &'a Claim)> {
        let claims = self.strays.claims.iter();
        let here = claims.filter(|claim| claim.metadata.namespace == release.namespace);
        here.filter_map(|claim| Some((parts.has_made(claim, release)?, claim)))
    }

    /// Every release, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&Release, &Parts)> {
        self.releases.iter()
    }
}

fn known<T>(value: Option<T>) -> Fact<T> {
    value.map_or(Fact::Unknown, Fact::Known)
}

impl Parts {
    fn fill(&mut self, other: Self) {
        self.config = self.config.take().or(other.config);
        self.workload = self.workload.take().or(other.workload);
        self.etcd = self.etcd.take().or(other.etcd);
        self.budget = self.budget.take().or(other.budget);
        self.etcd_budget = self.etcd_budget.take().or(other.etcd_budget);
    }

    /// The state that the parts make; `context` may know more. A file need not show all of a release, so a Secret or
    /// workload that is missing is unknown; budgets are rendered with the rest, so those are absent.
    #[must_use]
    pub fn state(&self, context: Option<&Self>) -> State {
        let workload = |part: &Option<(Workload, Identity)>| part.as_ref().map(|(workload, _)| workload.clone());
        let context = context.cloned().unwrap_or_default();
        State {
            config: known(self.config.clone().or(context.config)),
            workload: known(workload(&self.workload).or(workload(&context.workload))),
            etcd: known(workload(&self.etcd).or(workload(&context.etcd))),
            budget: Fact::from(self.budget.clone().or(context.budget)),
            etcd_budget: Fact::from(self.etcd_budget.clone().or(context.etcd_budget)),
            scaled: None,
            around: Surroundings::default(),
        }
    }

    /// Which of its workloads made a claim of its namespace, going by the name that the controller gives.
    #[must_use]
    pub fn has_made(&self, claim: &Claim, release: &Release) -> Option<Role> {
        let etcd = || alloc::format!("{}{ETCD_SUFFIX}", release.name);
        if self.workload.is_some() && claim.is_data_of(&release.name) {
            Some(Role::ControlPlane)
        } else if self.etcd.is_some() && claim.is_data_of(&etcd()) {
            Some(Role::Etcd)
        } else {
            None
        }
    }

    fn places(&self) -> Places {
        let all = [
            (self.config.is_some(), Places::CONFIG),
            (self.workload.is_some(), Places::WORKLOAD),
            (self.etcd.is_some(), Places::ETCD),
            (self.budget.is_some() || self.etcd_budget.is_some(), Places::BUDGET),
        ];
        all.into_iter()
            .filter(|(there, _)| *there)
            .fold(Places::NONE, |places, (_, place)| places.and(place))
    }

    fn is_sure(&self) -> bool {
        let identities = [&self.workload, &self.etcd].into_iter().flatten();
        self.config.is_some()
            || identities.clone().count() == 0
            || identities.into_iter().any(|(_, identity)| identity.sure)
    }

    /// The subject that is this release, coming from `before` if that is known. As at admission, what only `context`
    /// knows counts for both sides of the change.
    #[must_use]
    pub fn subject(&self, release: &Release, before: Option<&Self>, context: Option<&Self>) -> Subject {
        Subject {
            release: release.clone(),
            occasion: if before.is_some() {
                Occasion::Update
            } else {
                Occasion::Create
            },
            places: self.places(),
            unread: Places::NONE,
            sure: self.is_sure(),
            now: self.state(context),
            before: before.map(|before| before.state(context)),
        }
    }
}
