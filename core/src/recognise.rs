//! Which part of which vCluster an object is, or that it is none of ours. Alone knows labels and chart eras.
//!
//! Every chart since 0.15 gives the control plane the selector `{app: vcluster, release: NAME}` and a container
//! `syncer`; since 0.20 the pod mounts the Secret `vc-config-NAME`, before that `syncer` has `--name=NAME`.
//! `spec.selector` is immutable, labels are not, so labels decide nothing here.

mod lookalike;
pub mod names;

pub use lookalike::{Lookalike, lookalike};
pub use names::{APP_CONTROL_PLANE, APP_ETCD, CONFIG_SECRET_PREFIX, ETCD_SUFFIX, PLATFORM_KEY, SYNCER, config_secret};

use alloc::string::String;

use serde_json::Value;

use crate::carrier::budget::Budget;
use crate::carrier::scale::Scale;
use crate::carrier::workload::Workload;
use crate::object::Strings;

/// A part of a vCluster that has replicas of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// The control plane itself.
    ControlPlane,
    /// etcd deployed by the chart.
    Etcd,
}

/// What an object is to a vCluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Name of the vCluster.
    pub release: String,
    /// Which part it is.
    pub role: Role,
    /// False when only the selector speaks for it: such an object is warned about, never denied.
    pub sure: bool,
}

fn role_of(app: &str) -> Option<Role> {
    match app {
        APP_CONTROL_PLANE => Some(Role::ControlPlane),
        APP_ETCD => Some(Role::Etcd),
        _ => None,
    }
}

fn by_labels(labels: &Strings) -> Option<(Role, &str)> {
    Some((role_of(labels.get("app")?)?, labels.get("release")?.as_str()))
}

/// Says what a `StatefulSet` or Deployment is.
#[must_use]
pub fn workload(workload: &Workload) -> Option<Identity> {
    let name = workload.metadata.name.as_str();
    let selected = by_labels(&workload.spec.selector.match_labels);
    if let Some((Role::Etcd, release)) = selected {
        let sure = name.strip_suffix(ETCD_SUFFIX) == Some(release) && workload.container("etcd").is_some();
        return Some(Identity {
            release: release.into(),
            role: Role::Etcd,
            sure,
        });
    }
    let syncer = workload.container(SYNCER);
    // The Secret that is mounted, or the name that is passed, says whose control plane runs here.
    // A flag counts only under our selector: other people's containers may be called syncer too.
    let mounted = syncer.and(workload.config_secret()).and_then(config_secret);
    let marked = mounted.or_else(|| selected.and(syncer)?.flag("--name"));
    let release = marked.or(selected.map(|(_, release)| release))?;
    Some(Identity {
        release: release.into(),
        role: Role::ControlPlane,
        sure: syncer.is_some() && name == release && marked.is_some(),
    })
}

/// Says which workload a Scale belongs to. `previous` is the old object, which always has `status.selector`.
#[must_use]
pub fn scale(scale: &Scale, previous: Option<&Scale>) -> Option<Identity> {
    let source = previous.unwrap_or(scale);
    let role = role_of(source.selector("app")?)?;
    let release = source.selector("release")?;
    let name = source.metadata.name.as_str();
    let sure = match role {
        Role::ControlPlane => name == release,
        Role::Etcd => name.strip_suffix(ETCD_SUFFIX) == Some(release),
    };
    Some(Identity {
        release: release.into(),
        role,
        sure,
    })
}

/// Says whose pods a `PodDisruptionBudget` guards. One that selects `app: vcluster` without a release guards
/// tenants' pods and siblings too, so it is not one vCluster's.
#[must_use]
pub fn budget(budget: &Budget) -> Option<Identity> {
    let selector = &budget.spec.selector;
    let mut labels = selector.match_labels.clone();
    for expression in &selector.match_expressions {
        let (key, value) = single(expression)?;
        labels.insert(key.into(), value.into());
    }
    let (role, release) = by_labels(&labels)?;
    Some(Identity {
        release: release.into(),
        role,
        sure: true,
    })
}

/// `key In [value]`, which says the same as a label.
fn single(expression: &Value) -> Option<(&str, &str)> {
    let values = expression.get("values")?.as_array()?;
    let text = |name: &str| expression.get(name)?.as_str();
    match values.as_slice() {
        [value] if text("operator")? == "In" => Some((text("key")?, value.as_str()?)),
        _ => None,
    }
}
