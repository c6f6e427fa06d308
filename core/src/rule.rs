//! What a rule is: one row and one function.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::case::{Case, Places};
use crate::remedy::{Change, Remedy};

/// How bad a finding is. Policy may change it per rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Will hurt; let through with a warning.
    Warn,
    /// Breaks the vCluster or loses its data.
    Deny,
}

impl Severity {
    /// `deny`, `warn` or `info`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Deny => "deny",
        }
    }
}

/// The families of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// High availability against backing store.
    Replicas,
    /// Backing-store configuration.
    Store,
    /// Changes of a live vCluster.
    Transition,
    /// Where `/data` lies.
    Persistence,
    /// Fields of the `StatefulSet`, and scaling.
    Statefulset,
    /// `PodDisruptionBudgets`.
    Disruption,
    /// Affinity, spread, tolerations.
    Scheduling,
    /// Image references.
    Image,
    /// Charts up to 0.19.
    Legacy,
}

/// A fact that a rule may lack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Need {
    /// The config Secret of the vCluster.
    Config,
    /// A config that vCluster itself can read.
    ReadableConfig,
    /// The very config that the workload was rendered from.
    MatchingConfig,
    /// The values that others add to those that can be seen.
    Values,
    /// The workload of the control plane.
    Workload,
    /// The `StatefulSet` of the chart's etcd.
    Etcd,
    /// The disruption budgets of the namespace.
    Budgets,
    /// The autoscalers of the namespace.
    Autoscalers,
    /// The nodes of the host cluster.
    Nodes,
    /// The claims of the namespace.
    Claims,
    /// The other vClusters of the namespace.
    Neighbours,
    /// The priority classes of the host cluster.
    PriorityClasses,
    /// The other vClusters of the host cluster.
    Fleet,
    /// Whether the namespace has the key to vCluster Platform.
    PlatformKey,
}

impl Need {
    /// Whether it takes a list or another object, which admission never asks for: audit and check know it, or nobody does.
    #[must_use]
    pub fn is_list(self) -> bool {
        matches!(
            self,
            Self::Budgets
                | Self::Autoscalers
                | Self::Nodes
                | Self::Claims
                | Self::Neighbours
                | Self::PriorityClasses
                | Self::Fleet
                | Self::PlatformKey
        )
    }

    /// The name in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::ReadableConfig => "readable-config",
            Self::MatchingConfig => "matching-config",
            Self::Values => "values",
            Self::Workload => "workload",
            Self::Etcd => "etcd",
            Self::Budgets => "budgets",
            Self::Autoscalers => "autoscalers",
            Self::Nodes => "nodes",
            Self::Claims => "claims",
            Self::Neighbours => "neighbours",
            Self::PriorityClasses => "priority-classes",
            Self::Fleet => "fleet",
            Self::PlatformKey => "platform-key",
        }
    }

    /// For people: what was missing.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Config => "the config Secret of the vCluster",
            Self::ReadableConfig => "a config.yaml that vCluster can read",
            Self::MatchingConfig => "the config that the workload was rendered from (vClusterConfigHash differs)",
            Self::Values => "the values that others add to those that can be seen",
            Self::Workload => "the workload of the control plane",
            Self::Etcd => "the StatefulSet of the deployed etcd",
            Self::Budgets => "the disruption budgets of the namespace",
            Self::Autoscalers => "the autoscalers of the namespace",
            Self::Nodes => "the nodes of the host cluster",
            Self::Claims => "the claims of the namespace",
            Self::Neighbours => "the other vClusters of the namespace",
            Self::PriorityClasses => "the priority classes of the host cluster",
            Self::Fleet => "the other vClusters of the host cluster",
            Self::PlatformKey => "the Secrets of the namespace",
        }
    }
}

/// Which object of the vCluster a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// The Secret `vc-config-NAME`.
    Config,
    /// The workload NAME.
    Workload,
    /// The `StatefulSet` NAME-etcd.
    Etcd,
    /// The budget over the control plane.
    Budget,
    /// The budget over etcd.
    EtcdBudget,
    /// An autoscaler that targets one of the workloads.
    Autoscaler,
}

impl Part {
    /// Every part.
    pub const ALL: [Self; 6] = [
        Self::Config,
        Self::Workload,
        Self::Etcd,
        Self::Budget,
        Self::EtcdBudget,
        Self::Autoscaler,
    ];

    /// A bit of its own, for sets of parts.
    pub(crate) const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// What a rule's function found, before the row and the policy have their say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The object at fault.
    pub part: Part,
    /// Dotted path in the values for [`Part::Config`], in the object for the others.
    pub path: Cow<'static, str>,
    /// What is wrong, with the numbers that make it so. Never a value of the config Secret that may be a secret.
    pub message: String,
    /// Where the function knows better than the row.
    pub severity: Option<Severity>,
    /// Where the function knows better than the row.
    pub consequence: Option<Cow<'static, str>>,
    /// Where the function knows better than the row.
    pub fix: Option<Cow<'static, str>>,
    /// A fact that might clear it, if somebody can look it up.
    pub doubt: Option<Need>,
    /// What mends it without a choice of its owner's; nothing where there is one to make.
    pub remedy: Remedy,
}

impl Found {
    /// Something wrong at `path` of `part`.
    #[must_use]
    pub fn new(part: Part, path: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self {
            part,
            path: path.into(),
            message: message.into(),
            severity: None,
            consequence: None,
            fix: None,
            doubt: None,
            remedy: Remedy::default(),
        }
    }

    /// With another severity than the row's.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }

    /// With another consequence than the row's.
    #[must_use]
    pub fn consequence(mut self, consequence: impl Into<Cow<'static, str>>) -> Self {
        self.consequence = Some(consequence.into());
        self
    }

    /// True unless that fact says otherwise.
    #[must_use]
    pub fn unless(mut self, need: Need) -> Self {
        self.doubt = Some(need);
        self
    }

    /// Mended by these changes of the values.
    #[must_use]
    pub fn remedy(mut self, changes: impl Into<Vec<Change>>) -> Self {
        self.remedy.changes = changes.into();
        self
    }

    /// With a word about what the remedy does to a release that runs.
    #[must_use]
    pub fn caution(mut self, caution: &'static str) -> Self {
        self.remedy.caution = Some(caution);
        self
    }

    /// With another fix than the row's.
    #[must_use]
    pub fn fix(mut self, fix: impl Into<Cow<'static, str>>) -> Self {
        self.fix = Some(fix.into());
        self
    }
}

/// What a rule's function answers: nothing wrong, something wrong, or that it lacks a fact.
pub type Judgement = Result<Option<Found>, Need>;

/// One rule. The row is the only place where these facts about it stand.
#[derive(Debug)]
pub struct Rule {
    /// `[a-z0-9-]+`, for ever.
    pub id: &'static str,
    /// One line.
    pub title: &'static str,
    /// Family of the catalogue.
    pub family: Family,
    /// Unless the function or the policy says otherwise.
    pub severity: Severity,
    /// Which objects ask it.
    pub places: Places,
    /// Facts that it may need beside the object itself.
    pub needs: &'static [Need],
    /// What happens if nothing is done.
    pub consequence: &'static str,
    /// What to change.
    pub fix: &'static str,
    /// The evidence: files of vCluster or Kubernetes, pages of the documentation, measurements.
    pub why: &'static str,
    /// The judgement.
    pub judge: fn(&Case<'_>) -> Judgement,
}
