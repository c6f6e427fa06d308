//! The two forms in which a cluster keeps reports. They differ in names alone, and in where the source stands.

use crate::audit::key::Key;

/// A form that a report can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// `Report` of `openreports.io/v1alpha1`.
    OpenReports,
    /// `PolicyReport` of `wgpolicyk8s.io/v1alpha2`, which the other grew out of.
    PolicyReport,
}

impl Form {
    /// The one that is taken when both are served stands first.
    pub(super) const ALL: [Self; 2] = [Self::OpenReports, Self::PolicyReport];

    pub(super) const fn api_version(self) -> &'static str {
        match self {
            Self::OpenReports => "openreports.io/v1alpha1",
            Self::PolicyReport => "wgpolicyk8s.io/v1alpha2",
        }
    }

    pub(super) const fn kind(self) -> &'static str {
        match self {
            Self::OpenReports => "Report",
            Self::PolicyReport => "PolicyReport",
        }
    }

    pub(super) const fn plural(self) -> &'static str {
        match self {
            Self::OpenReports => "reports",
            Self::PolicyReport => "policyreports",
        }
    }

    /// Path of the group and version.
    pub(super) fn api(self) -> String {
        format!("/apis/{}", self.api_version())
    }

    /// Path of the reports of a namespace, or of all.
    pub(super) fn collection(self, namespace: Option<&str>) -> String {
        let namespace = namespace.map(|namespace| format!("/namespaces/{namespace}"));
        format!("{}{}/{}", self.api(), namespace.unwrap_or_default(), self.plural())
    }

    /// Path of one report.
    pub(super) fn object(self, key: &Key) -> String {
        format!("{}/{}", self.collection(Some(&key.namespace)), key.name)
    }

    /// As RBAC names it, and kubectl.
    pub(super) const fn resource(self) -> &'static str {
        match self {
            Self::OpenReports => "reports.openreports.io",
            Self::PolicyReport => "policyreports.wgpolicyk8s.io",
        }
    }

    /// Whether the report as a whole says where it comes from; each result does in both.
    pub(super) const fn names_its_source(self) -> bool {
        matches!(self, Self::OpenReports)
    }
}
