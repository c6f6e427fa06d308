//! What one webhook entry, as it is, leaves out of what the chart's would send.

use std::fmt;

use vcluster_guard_core::exemption::Now;

use super::bundle;
use super::configuration::{Configuration, Door, Entry, Service, selects_all};

/// The version whose chart is compared with.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// One thing that keeps objects from the guard: a sentence about the entry.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Gap(pub(super) String);

impl Gap {
    pub(super) fn missing(shipped: &Entry, door: Door) -> Self {
        Self(format!(
            "{} is missing: what it asks for is not {}",
            shipped.name,
            door.done()
        ))
    }
}

/// Everything about `entry` that is less than `shipped`, which has the same name.
pub(super) fn of(entry: &Entry, shipped: &Entry, configuration: &Configuration, door: Door, now: Now) -> Vec<Gap> {
    let mut gaps = Vec::new();
    gaps.extend(elsewhere(entry, shipped, configuration));
    gaps.extend(untrusted(entry, configuration, door, now));
    gaps.extend(unasked(entry, shipped, door));
    gaps.extend(ignored(entry, shipped));
    gaps.extend(selected(entry));
    gaps.extend(conditions(entry, shipped));
    gaps
}

/// The chart names the Service like the configuration, and puts all entries before one.
fn elsewhere(entry: &Entry, shipped: &Entry, configuration: &Configuration) -> Option<Gap> {
    let name = &entry.name;
    let Some(service) = &entry.client_config.service else {
        let url = entry.client_config.url.as_deref().unwrap_or("nothing");
        return Some(Gap(format!("{name} calls {url}, not a Service of this cluster")));
    };
    let wanted = Service {
        namespace: home(configuration, entry)?.into(),
        name: configuration.metadata.name.clone(),
        path: shipped.client_config.service.as_ref()?.path.clone(),
    };
    (*service != wanted).then(|| Gap(format!("{name} calls {service}, not {wanted}")))
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

fn untrusted(entry: &Entry, configuration: &Configuration, door: Door, now: Now) -> Option<Gap> {
    let name = &entry.name;
    let bundle = &entry.client_config.ca_bundle;
    if let Some(fault) = bundle::fault(bundle, now) {
        let then = match (door, entry.failure_policy.as_str()) {
            (_, "Ignore") => format!("every call fails, and nothing is {}", door.done()),
            _ => "every call fails, and each change is refused".into(),
        };
        return Some(Gap(format!("the caBundle of {name} {fault}: {then}")));
    }
    let first = configuration.webhooks.first()?;
    let differs =
        first.client_config.ca_bundle != *bundle && bundle::fault(&first.client_config.ca_bundle, now).is_none();
    differs.then(|| {
        Gap(format!(
            "the caBundle of {name} is another than that of {}, and both call one server",
            first.name
        ))
    })
}

fn unasked(entry: &Entry, shipped: &Entry, door: Door) -> Option<Gap> {
    let mut unasked: Vec<String> = Vec::new();
    for rule in &shipped.rules {
        for resource in &rule.resources {
            let operations: Vec<&str> = rule.operations.iter().map(String::as_str).collect();
            let missing = operations.into_iter().filter(|operation| {
                let asked = |group: &String| entry.rules.iter().any(|rule| rule.asks(group, resource, operation));
                !rule.api_groups.iter().all(asked)
            });
            let missing: Vec<&str> = missing.collect();
            if !missing.is_empty() {
                unasked.push(format!("{} of {resource}", missing.join(" and ")));
            }
        }
    }
    let what = unasked.join(", ");
    (!unasked.is_empty()).then(|| {
        Gap(format!(
            "{} does not ask for {what}, which is not {}",
            entry.name,
            door.done()
        ))
    })
}

/// A missing mend is no outage, so only what the chart ships as Fail is told.
fn ignored(entry: &Entry, shipped: &Entry) -> Option<Gap> {
    (shipped.failure_policy == "Fail" && entry.failure_policy == "Ignore").then(|| {
        Gap(format!(
            "{} has failurePolicy Ignore: while the guard cannot be reached, what it would refuse passes",
            entry.name
        ))
    })
}

fn selected(entry: &Entry) -> Option<Gap> {
    (!selects_all(&entry.object_selector)).then(|| {
        Gap(format!(
            "{} has an objectSelector: what lacks its labels is not sent, and labels are their owner's to change",
            entry.name
        ))
    })
}

fn conditions(entry: &Entry, shipped: &Entry) -> Vec<Gap> {
    let name = &entry.name;
    let mut gaps = Vec::new();
    for wanted in &shipped.match_conditions {
        let condition = &wanted.name;
        match entry.match_conditions.iter().find(|found| found.name == *condition) {
            None => gaps.push(Gap(format!(
                "{name} lacks the matchCondition {condition}: every object of its kinds is sent, and depends on the guard"
            ))),
            Some(found) if words(&found.expression) != words(&wanted.expression) => gaps.push(Gap(format!(
                "the matchCondition {condition} of {name} is not the one of the chart {VERSION}"
            ))),
            Some(_) => {}
        }
    }
    let is_added = |added: &str| shipped.match_conditions.iter().all(|wanted| wanted.name != added);
    for added in entry
        .match_conditions
        .iter()
        .filter(|condition| is_added(&condition.name))
    {
        gaps.push(Gap(format!(
            "{name} has a matchCondition {} that the chart does not ship: what does not meet it is not sent",
            added.name
        )));
    }
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
