//! What one webhook entry, as it is, leaves out of what the chart's would send.

use std::fmt;

use vcluster_guard_core::exemption::Now;

use super::bundle;
use super::calls::{Call, Faults, failing};
use super::configuration::{Configuration, Door, Entry, Service, selects_all};

/// The version whose chart is compared with.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Whatever the chart alone decides.
const FIX: &str = "upgrade the guard's release, which sets it anew";

/// One thing that keeps objects from the guard. Several entries may have it in common.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Gap {
    /// What there is to say of the entry, after its name and a colon.
    pub(super) what: String,
    pub(super) fix: String,
}

impl Gap {
    fn new(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            fix: FIX.into(),
        }
    }

    /// The whole entry.
    pub(super) fn missing(door: Door) -> Self {
        Self::new(format!("missing, and what it asks for is not {}", door.done()))
    }
}

/// Everything about `entry` that is less than `shipped`, which has the same name.
pub(super) fn of(
    entry: &Entry,
    shipped: &Entry,
    configuration: &Configuration,
    door: Door,
    (faults, now): (&Faults, Now),
) -> Vec<Gap> {
    let mut gaps = Vec::new();
    gaps.extend(elsewhere(entry, shipped, configuration));
    let untrusted = untrusted(entry, door, now).or_else(|| unanswered(entry, faults, door));
    gaps.extend(untrusted.or_else(|| differing(entry, configuration, now)));
    gaps.extend(unasked(entry, shipped, door));
    gaps.extend(ignored(entry, shipped, door));
    gaps.extend(selected(entry));
    gaps.extend(conditions(entry, shipped, door));
    gaps
}

/// The chart names the Service like the configuration, and puts all entries before one.
fn elsewhere(entry: &Entry, shipped: &Entry, configuration: &Configuration) -> Option<Gap> {
    let Some(service) = &entry.client_config.service else {
        let url = entry.client_config.url.as_deref().unwrap_or("nothing");
        return Some(Gap::new(format!("calls {url}, not a Service of this cluster")));
    };
    let wanted = Service {
        namespace: home(configuration, entry)?.into(),
        name: configuration.metadata.name.clone(),
        path: shipped.client_config.service.as_ref()?.path.clone(),
        port: service.port,
    };
    (*service != wanted).then(|| Gap::new(format!("calls {service}, not {wanted}")))
}

/// The namespace that most entries call, and the first of them where there are several.
fn home<'c>(configuration: &'c Configuration, entry: &'c Entry) -> Option<&'c str> {
    let services = || {
        configuration
            .webhooks
            .iter()
            .filter_map(|entry| entry.client_config.service.as_ref())
    };
    let calls = |namespace: &str| services().filter(|service| service.namespace == namespace).count();
    let own = entry.client_config.service.as_ref()?.namespace.as_str();
    let mut most = own;
    for service in services() {
        if calls(&service.namespace) > calls(most) {
            most = &service.namespace;
        }
    }
    Some(most)
}

fn untrusted(entry: &Entry, door: Door, now: Now) -> Option<Gap> {
    let fault = bundle::fault(&entry.client_config.ca_bundle, now)?;
    Some(Gap::new(format!("its caBundle {fault}: {}", failing(entry, door))))
}

/// One of two bundles is wrong; which one, only a call tells.
fn differing(entry: &Entry, configuration: &Configuration, now: Now) -> Option<Gap> {
    let first = configuration.webhooks.first()?;
    let other = &first.client_config.ca_bundle;
    let differs = *other != entry.client_config.ca_bundle && bundle::fault(other, now).is_none();
    let what = || {
        format!(
            "its caBundle is another than that of {}, and both call one server",
            first.name
        )
    };
    differs.then(|| Gap::new(what()))
}

fn unanswered(entry: &Entry, faults: &Faults, door: Door) -> Option<Gap> {
    let call = Call::of(entry)?;
    let fault = faults.get(&call)?;
    Some(Gap::new(fault.told(&call, entry, door)))
}

fn unasked(entry: &Entry, shipped: &Entry, door: Door) -> Option<Gap> {
    let mut unasked: Vec<String> = Vec::new();
    for rule in &shipped.rules {
        for resource in &rule.resources {
            let is_asked = |operation: &str| {
                let of = |group: &String| entry.rules.iter().any(|rule| rule.asks(group, resource, operation));
                rule.api_groups.iter().all(of)
            };
            let missing = rule.operations.iter().filter(|operation| !is_asked(operation));
            let missing: Vec<&str> = missing.map(String::as_str).collect();
            if !missing.is_empty() {
                unasked.push(format!("{} of {resource}", missing.join(" and ")));
            }
        }
    }
    let what = || format!("does not ask for {}, which is not {}", unasked.join(", "), door.done());
    (!unasked.is_empty()).then(|| Gap::new(what()))
}

/// A missing mend is no outage, so only what the chart ships as Fail is told.
fn ignored(entry: &Entry, shipped: &Entry, door: Door) -> Option<Gap> {
    (shipped.failure_policy == "Fail" && entry.failure_policy == "Ignore").then(|| Gap {
        what: "failurePolicy Ignore lets pass what it would refuse, while the guard cannot be reached".into(),
        fix: format!("set {}.failurePolicy of the chart to Fail", door.values_key()),
    })
}

fn selected(entry: &Entry) -> Option<Gap> {
    let what = "its objectSelector leaves out what lacks its labels, and labels are their owner's to change";
    (!selects_all(&entry.object_selector)).then(|| Gap::new(what))
}

fn conditions(entry: &Entry, shipped: &Entry, door: Door) -> Vec<Gap> {
    let mut gaps = Vec::new();
    for wanted in &shipped.match_conditions {
        let name = &wanted.name;
        match entry.match_conditions.iter().find(|found| found.name == *name) {
            None => gaps.push(Gap::new(format!(
                "lacks the matchCondition {name}: every object of its kinds is sent, and depends on the guard"
            ))),
            Some(found) if words(&found.expression) != words(&wanted.expression) => gaps.push(Gap::new(format!(
                "its matchCondition {name} is not the one of the chart {VERSION}"
            ))),
            Some(_) => {}
        }
    }
    let is_added = |added: &str| shipped.match_conditions.iter().all(|wanted| wanted.name != added);
    let added = entry.match_conditions.iter().map(|condition| condition.name.as_str());
    gaps.extend(added.filter(|name| is_added(name)).map(|name| Gap {
        what: format!("its matchCondition {name} is none of the chart's own: what does not meet it is not sent"),
        fix: format!(
            "take it out of the chart's {}.matchConditions, unless it is meant",
            door.values_key()
        ),
    }));
    gaps
}

/// White space means nothing in CEL outside of strings, and the chart's strings hold none.
fn words(expression: &str) -> String {
    expression.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `Service NAMESPACE/NAME at PATH`
impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Service {} at {}", self.host(), self.path)
    }
}
