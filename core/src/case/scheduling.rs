//! What the pods ask of the scheduler: read off the workload where that is judged, else foretold from the values as
//! the chart renders them (vcluster: `chart/templates/statefulset.yaml`).

use alloc::string::String;
use alloc::vec::Vec;

use serde::Deserialize;
use serde_json::Value;

use crate::carrier::node::Node;
use crate::carrier::scheduling::{Affinity, PodTerm, Selector, Spread, Toleration};
use crate::carrier::workload::{Workload, WorkloadKind};
use crate::config::{Config, key};
use crate::object::Strings;
use crate::recognise::{APP_CONTROL_PLANE, Role};
use crate::rule::{Need, Part};

use super::storage::Data;
use super::{Case, Places};

/// The label that every node has, with its name.
pub const HOSTNAME: &str = "kubernetes.io/hostname";

/// The pods of the control plane, or of its deployed etcd.
#[derive(Debug, Clone, Copy)]
pub struct Pods<'c, 'a> {
    case: &'c Case<'a>,
    /// Whose pods.
    pub role: Role,
    source: Source<'a>,
}

#[derive(Debug, Clone, Copy)]
enum Source<'a> {
    Workload(&'a Workload),
    Values(&'a Config),
}

impl<'a> Case<'a> {
    /// The pods that the request, or the check, is about. Those of a deployed etcd are judged by their workload alone.
    pub fn pods<'c>(&'c self) -> Result<Vec<Pods<'c, 'a>>, Need> {
        let mut pods = Vec::new();
        let workload = self.workload_at_hand().filter(|_| self.places.meets(Places::WORKLOAD));
        let source = match workload {
            Some(workload) => Some(Source::Workload(workload)),
            None if self.places.meets(Places::CONFIG) => Some(Source::Values(self.config()?)),
            None => None,
        };
        let etcd = self.etcd_at_hand().filter(|_| self.places.meets(Places::ETCD));
        let sources = [(Role::ControlPlane, source), (Role::Etcd, etcd.map(Source::Workload))];
        for (role, source) in sources {
            pods.extend(source.map(|source| Pods {
                case: self,
                role,
                source,
            }));
        }
        Ok(pods)
    }
}

impl<'a> Pods<'_, 'a> {
    fn saw<T: core::hash::Hash>(&self, name: &'static str, value: T) -> T {
        self.case.saw(name, (self.role, value)).1
    }

    /// How many of them are to run.
    pub fn replicas(&self) -> Result<i64, Need> {
        match (self.role, self.source) {
            (Role::Etcd, _) => self.case.etcd_members(),
            // A live workload beside new values says nothing of what they ask for.
            (_, Source::Values(_)) => self.case.configured_replicas(),
            (_, Source::Workload(_)) => self.case.replicas(),
        }
    }

    /// The workload, where it is that which is read.
    #[must_use]
    pub fn workload(&self) -> Option<&'a Workload> {
        match self.source {
            Source::Workload(workload) => Some(workload),
            Source::Values(_) => None,
        }
    }

    /// Whether every pod has a claim of its own, which ties it to where its volume is.
    pub fn have_claims(&self) -> Result<bool, Need> {
        let storage = match self.role {
            Role::ControlPlane => self.case.storage()?,
            Role::Etcd => self.case.etcd_storage()?,
        };
        Ok(storage.kind == WorkloadKind::StatefulSet && storage.data == Data::ClaimTemplate)
    }

    /// Where a finding is best told.
    #[must_use]
    pub fn point(&self, values: &'static str, object: &'static str) -> (Part, &'static str) {
        match self.role {
            Role::ControlPlane => self.case.point(values, object),
            Role::Etcd => (Part::Etcd, object),
        }
    }

    /// Their labels.
    #[must_use]
    pub fn labels(&self) -> Strings {
        let labels = match self.source {
            Source::Workload(workload) => workload.spec.template.metadata.labels.clone(),
            Source::Values(config) => {
                let own = [("app", APP_CONTROL_PLANE), ("release", self.case.release)];
                let mut labels: Strings = own.map(|(key, value)| (key.into(), value.into())).into();
                labels.extend(strings(config.any(key::POD_LABELS)));
                labels
            }
        };
        self.saw("pod labels", labels)
    }

    /// `topologySpreadConstraints`
    #[must_use]
    pub fn spread(&self) -> Vec<Spread> {
        let spread = match self.source {
            Source::Workload(workload) => list(&workload.spec.template.spec.topology_spread_constraints),
            Source::Values(config) => list(items(config.any(key::SPREAD))),
        };
        self.saw("topologySpreadConstraints", spread)
    }

    /// `affinity`
    #[must_use]
    pub fn affinity(&self) -> Affinity {
        let affinity = match self.source {
            Source::Workload(workload) => workload.spec.template.spec.affinity.as_ref(),
            Source::Values(config) => Some(config.any(key::AFFINITY)),
        };
        let affinity = affinity.and_then(|affinity| Affinity::deserialize(affinity).ok());
        self.saw("affinity", affinity.unwrap_or_default())
    }

    /// `tolerations`
    #[must_use]
    pub fn tolerations(&self) -> Vec<Toleration> {
        let tolerations = match self.source {
            Source::Workload(workload) => list(&workload.spec.template.spec.tolerations),
            Source::Values(config) => list(items(config.any(key::TOLERATIONS))),
        };
        self.saw("tolerations", tolerations)
    }

    /// `nodeSelector`
    #[must_use]
    pub fn node_selector(&self) -> Strings {
        let selector = match self.source {
            Source::Workload(workload) => workload.spec.template.spec.node_selector.clone(),
            Source::Values(config) => strings(config.any(key::NODE_SELECTOR)).collect(),
        };
        self.saw("nodeSelector", selector)
    }

    /// `nodeName`, for which there is no value.
    #[must_use]
    pub fn node_name(&self) -> &'a str {
        let name = self
            .workload()
            .map_or("", |workload| &workload.spec.template.spec.node_name);
        self.saw("nodeName", name)
    }

    /// `priorityClassName`
    #[must_use]
    pub fn priority_class(&self) -> &'a str {
        let class = match self.source {
            Source::Workload(workload) => &workload.spec.template.spec.priority_class_name,
            Source::Values(config) => config.text(key::PRIORITY_CLASS),
        };
        self.saw("priorityClassName", class)
    }

    /// `dnsPolicy`
    #[must_use]
    pub fn dns_policy(&self) -> &'a str {
        let policy = match self.source {
            Source::Workload(workload) => &workload.spec.template.spec.dns_policy,
            Source::Values(config) => config.text(key::DNS_POLICY),
        };
        self.saw("dnsPolicy", policy)
    }

    /// The nodes that take these pods: neither cordoned nor tainted against them, and as they ask.
    pub fn nodes(&self) -> Result<Vec<&'a Node>, Need> {
        let nodes = self.case.nodes()?;
        let (selector, tolerations) = (self.node_selector(), self.tolerations());
        let required = self.affinity().node_affinity.required;
        let takes = |node: &&Node| {
            let selected = selector
                .iter()
                .all(|(key, value)| node.label(key) == Some(value.as_str()));
            let liked = required
                .as_ref()
                .is_none_or(|required| required.node_selector_terms.iter().any(|term| term.matches(node)));
            let mut taints = node
                .spec
                .taints
                .iter()
                .filter(|taint| taint.effect != "PreferNoSchedule");
            selected
                && liked
                && !node.spec.unschedulable
                && taints.all(|taint| tolerations.iter().any(|toleration| toleration.tolerates(taint)))
        };
        Ok(nodes.iter().filter(takes).collect())
    }
}

impl PodTerm {
    /// Whether it looks at pods of the own namespace.
    #[must_use]
    pub fn is_about_own_namespace(&self) -> bool {
        match &self.namespace_selector {
            Some(selector) => *selector == Selector::default(),
            None => self.namespaces.is_empty(),
        }
    }

    /// Whether pods with these labels keep away from each other by it.
    #[must_use]
    pub fn is_about(&self, labels: &Strings) -> bool {
        let selects = self.label_selector.as_ref();
        self.is_about_own_namespace() && selects.is_some_and(|selector| selector.matches(labels))
    }
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// What does not decode is refused by the API server anyway.
fn list<'v, T: Deserialize<'v>>(items: &'v [Value]) -> Vec<T> {
    items.iter().filter_map(|item| T::deserialize(item).ok()).collect()
}

fn strings(value: &Value) -> impl Iterator<Item = (String, String)> {
    let entries = value.as_object().into_iter().flatten();
    entries.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.into())))
}
