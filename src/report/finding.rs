//! One finding, as reports show it.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;
use vcluster_guard_core::object::{ObjectRef, Release};
use vcluster_guard_core::remedy::Remedy;
use vcluster_guard_core::rule::Severity;
use vcluster_guard_core::verdict::Ruled;

#[derive(Debug, Serialize)]
pub(crate) struct Finding {
    /// Which of the report's vClusters it is about.
    #[serde(skip)]
    pub(super) vcluster: usize,
    pub(crate) rule: &'static str,
    pub(crate) severity: Severity,
    pub(crate) namespace: String,
    pub(crate) release: String,
    pub(crate) object: ObjectRef,
    /// Dotted; of the values for the config Secret and what carries values, of the object for others.
    pub(crate) path: Cow<'static, str>,
    pub(crate) message: String,
    pub(crate) consequence: Cow<'static, str>,
    pub(crate) fix: Cow<'static, str>,
    pub(crate) related: Vec<ObjectRef>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) exemption: Option<Exemption>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<Source>,
    /// For the command `fix`. Not shown: it may hold a value of somebody's.
    #[serde(skip)]
    pub(crate) remedy: Remedy,
}

/// Why a finding does not count, and until when.
#[derive(Debug, Serialize)]
pub(crate) struct Exemption {
    pub(crate) reason: String,
    /// RFC 3339.
    pub(crate) until: String,
}

/// Where an object was read from.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Source {
    pub(crate) file: String,
    /// 1-based.
    pub(crate) line: usize,
}

impl Finding {
    pub(super) fn of(
        vcluster: usize,
        release: &Release,
        ruled: Ruled,
        source: &impl Fn(&ObjectRef, &str) -> Option<Source>,
    ) -> Self {
        let mut finding = ruled.finding;
        // A fleet has tens of thousands of findings.
        finding.related.shrink_to_fit();
        finding.message.shrink_to_fit();
        // Outside admission the ratchet shows as a warning: the change itself would be let through.
        let severity = if finding.inherited {
            finding.severity.min(Severity::Warn)
        } else {
            finding.severity
        };
        Self {
            vcluster,
            rule: finding.rule.id,
            severity,
            namespace: release.namespace.clone(),
            release: release.name.clone(),
            source: source(&finding.object, &finding.path),
            object: finding.object,
            path: finding.path,
            message: finding.message,
            consequence: finding.consequence,
            fix: finding.fix,
            related: finding.related,
            remedy: finding.remedy,
            exemption: finding.exempt.map(|grant| Exemption {
                reason: grant.reason,
                until: grant.until,
            }),
        }
    }

    /// The object and the path in it: `Secret vc-config-demo: controlPlane.statefulSet`.
    pub(super) fn place(&self) -> String {
        format!("{} {}: {}", self.object.kind, self.object.name, self.path)
    }

    /// All of it, a line for each thing; an exempted one needs no mend.
    pub(super) fn paragraph(&self) -> String {
        let Self {
            message,
            consequence,
            fix,
            ..
        } = self;
        match &self.exemption {
            Some(exemption) => format!("{message}\nwhere: {}\n{exemption}", self.place()),
            None => format!("{message}\nwhere: {}\nthen: {consequence}\nfix: {fix}", self.place()),
        }
    }
}

/// `exempt until 2030-01-31T18:00:00Z: ticket 4711`
impl fmt::Display for Exemption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "exempt until {}: {}", self.until, self.reason)
    }
}

impl Source {
    /// Standard input is no file: nobody could open it at that line.
    pub(super) fn is_file(&self) -> bool {
        self.file != "-"
    }
}

/// `values.yaml:12`
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = if self.is_file() { &self.file } else { "stdin" };
        write!(f, "{file}:{}", self.line)
    }
}
