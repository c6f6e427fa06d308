//! What the API server meets when it calls the guard: tried where the Service can be reached from here.

use std::collections::BTreeMap;

use vcluster_guard_core::object::Release;

use super::configuration::{Door, Entry};

/// A call as the API server makes it: to that Service, trusting those authorities.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Call {
    /// `NAMESPACE/NAME` of the Service.
    pub(crate) service: Release,
    pub(crate) port: u16,
    /// PEM in base64.
    pub(crate) bundle: String,
}

/// Why no call succeeds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// There is no such Service.
    Missing,
    /// The certificate that is served is not one to trust, in the words of the TLS library.
    Distrusted(String),
}

/// Calls that were tried and fail. One that is not here may work, or could not be tried.
pub(crate) type Faults = BTreeMap<Call, Fault>;

impl Call {
    /// The call of an entry, if it calls a Service at all.
    pub(super) fn of(entry: &Entry) -> Option<Self> {
        let service = entry.client_config.service.as_ref()?;
        Some(Self {
            service: service.host(),
            port: service.port.unwrap_or(443),
            bundle: entry.client_config.ca_bundle.clone(),
        })
    }
}

impl Fault {
    /// In the words after the name of the entry and a colon.
    pub(super) fn told(&self, call: &Call, entry: &Entry, door: Door) -> String {
        let service = &call.service;
        let what = match self {
            Self::Missing => format!("there is no Service {service}"),
            Self::Distrusted(why) => {
                format!("its caBundle does not fit the certificate that Service {service} serves ({why})")
            }
        };
        format!("{what}: {}", failing(entry, door))
    }
}

/// What comes of calls that all fail.
pub(super) fn failing(entry: &Entry, door: Door) -> String {
    match entry.failure_policy.as_str() {
        "Ignore" => format!("every call fails, and nothing is {}", door.done()),
        _ => "every call fails, and each change is refused".into(),
    }
}
