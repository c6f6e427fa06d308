//! From an admission request to a subject: the first half of the way through the guard.

mod template;

pub use template::template_changes;

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::carrier::budget::Budget;
use crate::carrier::scale::Scale;
use crate::carrier::secret::ConfigSecret;
use crate::carrier::workload::{LabelSelector, Workload, WorkloadKind};
use crate::case::{Occasion, Places, Scaled, State, Subject};
use crate::fact::Fact;
use crate::misfit::{self, Misfit};
use crate::object::{Meta, Release, or_default};
use crate::recognise::{self, Identity, Role};

/// vCluster sets it while it restores a snapshot, which scales and patches freely.
const RESTORING: &str = "loft.sh/restoring";

/// The objects that the guard knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// StatefulSet or Deployment.
    Workload(WorkloadKind),
    /// Their scale subresource.
    Scale,
    /// Secret.
    Secret,
    /// PodDisruptionBudget.
    Budget,
}

impl Kind {
    /// By API group, kind and subresource of a request. `None` for everything that is not ours to judge.
    #[must_use]
    pub fn of(group: &str, kind: &str, sub_resource: &str) -> Option<Self> {
        Some(match (group, kind, sub_resource) {
            ("apps", "StatefulSet", "") => Self::Workload(WorkloadKind::StatefulSet),
            ("apps", "Deployment", "") => Self::Workload(WorkloadKind::Deployment),
            ("autoscaling", "Scale", "scale") => Self::Scale,
            ("", "Secret", "") => Self::Secret,
            ("policy", "PodDisruptionBudget", "") => Self::Budget,
            _ => return None,
        })
    }
}

/// What a request asks: the objects as JSON text, still undecoded.
#[derive(Debug, Clone, Copy)]
pub struct Change<'a> {
    /// Namespace of the request, which the object need not name.
    pub namespace: &'a str,
    /// Name of the request; empty with `generateName`.
    pub name: &'a str,
    /// The object as it is to be.
    pub object: &'a RawValue,
    /// The object as it was; `None` on CREATE.
    pub old: Option<&'a RawValue>,
}

/// What a request turned out to be.
#[derive(Debug)]
pub enum Recognised {
    /// None of ours.
    NotOurs,
    /// Ours, and never blocked: why.
    Free(&'static str),
    /// Ours by its looks, but it cannot be decoded. The text names no value.
    Unreadable(String),
    /// To be judged.
    Subject(Box<Subject>),
    /// To be judged, and perhaps mended.
    Workload(Box<Subject>, Identity),
}

/// Recognises what a request is about.
#[must_use]
pub fn recognise(kind: Kind, change: &Change<'_>) -> Recognised {
    match kind {
        Kind::Workload(kind) => workload(kind, change),
        Kind::Scale => scale(change),
        Kind::Secret => secret(change),
        Kind::Budget => budget(change),
    }
}

fn decode<'a, T: Deserialize<'a>>(object: &'a RawValue) -> Result<T, Misfit> {
    misfit::decode(object.get())
}

/// Decodes a workload of a known kind.
pub fn decode_workload(kind: WorkloadKind, json: &str) -> Result<Workload, Misfit> {
    let mut workload: Workload = misfit::decode(json)?;
    workload.kind = kind;
    Ok(workload)
}

/// What is read of an object that did not decode, to see whether it looks like ours.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Looks {
    #[serde(deserialize_with = "or_default")]
    spec: LooksSpec,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct LooksSpec {
    #[serde(deserialize_with = "or_default")]
    selector: LabelSelector,
}

fn unreadable(object: &RawValue, what: &str, misfit: &Misfit) -> Recognised {
    let looks: Looks = decode(object).unwrap_or_default();
    let app = looks.spec.selector.match_labels.get("app").map(String::as_str);
    if matches!(app, Some(recognise::APP_CONTROL_PLANE | recognise::APP_ETCD)) {
        Recognised::Unreadable(because(what, misfit))
    } else {
        Recognised::NotOurs
    }
}

fn because(what: &str, misfit: &Misfit) -> String {
    format!("the {what} cannot be decoded: {misfit}")
}

fn workload(kind: WorkloadKind, change: &Change<'_>) -> Recognised {
    let mut now = match decode_workload(kind, change.object.get()) {
        Ok(workload) => workload,
        Err(misfit) => return unreadable(change.object, kind.as_str(), &misfit),
    };
    complete(&mut now.metadata, change);
    let before = change.old.and_then(|old| decode_workload(kind, old.get()).ok());
    // The old object still says whose it is when the new one has lost its marks, or some of them.
    let was = before.as_ref().and_then(recognise::workload);
    let identity = match (recognise::workload(&now), was) {
        (Some(is), Some(was)) if was.sure && !is.sure => Some(was),
        (is, was) => is.or(was),
    };
    let Some(identity) = identity else {
        return Recognised::NotOurs;
    };
    if let Some(why) = is_free(&now.metadata) {
        return Recognised::Free(why);
    }
    let (places, part): (_, fn(Workload) -> State) = match identity.role {
        Role::ControlPlane => (Places::WORKLOAD, |workload| State {
            workload: Fact::Known(workload),
            ..State::default()
        }),
        Role::Etcd => (Places::ETCD, |workload| State {
            etcd: Fact::Known(workload),
            ..State::default()
        }),
    };
    let subject = subject(change, &identity, places, part(now), before.map(part));
    Recognised::Workload(Box::new(subject), identity)
}

/// The request knows the namespace and the name even where the object does not say.
fn complete(metadata: &mut Meta, change: &Change<'_>) {
    if metadata.namespace.is_empty() {
        metadata.namespace = change.namespace.into();
    }
    if metadata.name.is_empty() {
        metadata.name = change.name.into();
    }
}

fn is_free(metadata: &Meta) -> Option<&'static str> {
    if metadata.deletion_timestamp.is_some() {
        return Some("the workload is terminating");
    }
    metadata
        .annotations
        .contains_key(RESTORING)
        .then_some("vCluster is restoring it")
}

fn subject(change: &Change<'_>, identity: &Identity, places: Places, now: State, before: Option<State>) -> Subject {
    let occasion = match (places == Places::SCALE, &before) {
        (true, _) => Occasion::Scale,
        (false, Some(_)) => Occasion::Update,
        (false, None) => Occasion::Create,
    };
    let release = Release::new(change.namespace, &identity.release);
    Subject {
        release,
        occasion,
        places,
        unread: Places::NONE,
        sure: identity.sure,
        now,
        before,
    }
}

fn scale(change: &Change<'_>) -> Recognised {
    let Ok(now) = decode::<Scale>(change.object) else {
        return Recognised::NotOurs;
    };
    let before = change.old.and_then(|old| decode::<Scale>(old).ok());
    let Some(identity) = recognise::scale(&now, before.as_ref()) else {
        return Recognised::NotOurs;
    };
    if now.replicas() == 0 {
        return Recognised::Free("it is scaled to 0");
    }
    let scaled = |scale: &Scale| State {
        scaled: Some(Scaled {
            role: identity.role,
            replicas: scale.replicas(),
        }),
        ..State::default()
    };
    let subject = subject(
        change,
        &identity,
        Places::SCALE,
        scaled(&now),
        before.as_ref().map(scaled),
    );
    Recognised::Subject(Box::new(subject))
}

fn secret(change: &Change<'_>) -> Recognised {
    let Some(release) = recognise::config_secret(change.name) else {
        return Recognised::NotOurs;
    };
    let before = change.old.and_then(|old| ConfigSecret::from_json(old.get()).ok()?);
    let json = change.object.get();
    let now = match ConfigSecret::from_json(json) {
        // Given back by a second update, the key would come with no past to compare it with.
        Ok(None) if before.is_some() => ConfigSecret::without_config(json).map(Some),
        now => now,
    };
    let now = match now {
        Ok(Some(secret)) => secret,
        Ok(None) => return Recognised::NotOurs,
        Err(misfit) => return Recognised::Unreadable(because("Secret", &misfit)),
    };
    let sure = [Some(&now), before.as_ref()]
        .into_iter()
        .flatten()
        .any(ConfigSecret::is_of_vcluster);
    let identity = Identity {
        release: release.into(),
        role: Role::ControlPlane,
        sure,
    };
    let state = |secret| State {
        config: Fact::Known(secret),
        ..State::default()
    };
    Recognised::Subject(Box::new(subject(
        change,
        &identity,
        Places::CONFIG,
        state(now),
        before.map(state),
    )))
}

fn budget(change: &Change<'_>) -> Recognised {
    let mut now: Budget = match decode(change.object) {
        Ok(budget) => budget,
        Err(misfit) => return unreadable(change.object, "PodDisruptionBudget", &misfit),
    };
    complete(&mut now.metadata, change);
    let before = change.old.and_then(|old| decode::<Budget>(old).ok());
    // A selector may be changed until it names no release any more; the pods that it covers stay the same.
    let identity = recognise::budget(&now).or_else(|| recognise::budget(before.as_ref()?));
    let Some(identity) = identity else {
        return Recognised::NotOurs;
    };
    let state: fn(Budget) -> State = match identity.role {
        Role::ControlPlane => |budget| State {
            budget: Fact::Known(budget),
            ..State::default()
        },
        Role::Etcd => |budget| State {
            etcd_budget: Fact::Known(budget),
            ..State::default()
        },
    };
    Recognised::Subject(Box::new(subject(
        change,
        &identity,
        Places::BUDGET,
        state(now),
        before.map(state),
    )))
}
