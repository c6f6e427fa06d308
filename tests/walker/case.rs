//! One case: what its file says.

use serde::Deserialize;
use serde_json::Value;
use vcluster_guard_core::config::yaml;
use vcluster_guard_core::fact::Fact;
use vcluster_guard_core::host::KubeVersion;
use vcluster_guard_core::policy::Policy;

/// The first document of a case.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    /// What is special here, for the reader.
    about: String,
    /// At both doors.
    #[serde(default)]
    findings: Vec<String>,
    /// Instead of `findings` at admission.
    admission: Option<Vec<String>>,
    /// Instead of `findings` in check.
    check: Option<Vec<String>>,
    /// The one door that this is about.
    only: Option<Door>,
    /// RFC 6902. Left out where the case is not about mends.
    patch: Option<Vec<Value>>,
    /// What the user is told of the mends. Left out where the case is not about that.
    notes: Option<Vec<String>>,
    #[serde(default)]
    policy: Policy,
    /// What check is told of the host cluster. Admission never knows it.
    #[serde(rename = "kube-version")]
    kube_version: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Door {
    Admission,
    Check,
}

/// A file of `tests/cases`.
#[derive(Debug)]
pub(crate) struct Case {
    expected: Expected,
    pub(crate) before: Option<Vec<Value>>,
    pub(crate) beside: Vec<Value>,
    pub(crate) now: Vec<Value>,
}

impl Case {
    pub(crate) fn read(text: &[u8]) -> Result<Self, String> {
        let documents = yaml::documents(text).map_err(|error| format!("line {:?}: {error}", error.line))?;
        let mut documents = documents.into_iter().map(|document| document.value);
        let expected = documents.next().ok_or("is empty")?;
        let expected: Expected = Expected::deserialize(expected).map_err(|error| error.to_string())?;
        if expected.about.is_empty() {
            return Err("says nothing `about` itself".into());
        }
        expected.policy.validate().map_err(|error| error.to_string())?;
        let mut case = Self {
            expected,
            before: None,
            beside: Vec::new(),
            now: Vec::new(),
        };
        let mut section = "now".to_owned();
        for document in documents {
            match (document, section.as_str()) {
                (Value::String(heading), _) => section = heading,
                (object, "now") => case.now.push(object),
                (object, "before") => case.before.get_or_insert_default().push(object),
                (object, "beside") => case.beside.push(object),
                (_, other) => return Err(format!("there is no section {other}")),
            }
        }
        Ok(case)
    }

    pub(crate) fn policy(&self) -> &Policy {
        &self.expected.policy
    }

    /// The version of the host cluster, where check is told it.
    pub(crate) fn host(&self) -> Fact<KubeVersion> {
        let version = self.expected.kube_version.as_deref();
        version.map_or(Fact::Unknown, |version| Fact::Known(version.parse().unwrap()))
    }

    /// The lines that are expected at admission, if admission ever sees such objects.
    pub(crate) fn at_admission(&self) -> Option<&[String]> {
        let lines = self.expected.admission.as_ref().unwrap_or(&self.expected.findings);
        (self.expected.only != Some(Door::Check)).then_some(lines)
    }

    /// The lines that are expected in check, if check ever sees such objects.
    pub(crate) fn in_check(&self) -> Option<&[String]> {
        // A Scale is a request, not an object: only admission ever sees one.
        let scales = self.now.iter().any(|object| object["kind"] == "Scale");
        let lines = self.expected.check.as_ref().unwrap_or(&self.expected.findings);
        (self.expected.only != Some(Door::Admission) && !scales).then_some(lines)
    }

    /// The patch that is expected, where the case is about mends.
    pub(crate) fn patch(&self) -> Option<&[Value]> {
        self.expected.patch.as_deref()
    }

    /// What the user is expected to be told of the mends, where the case is about that.
    pub(crate) fn notes(&self) -> Option<&[String]> {
        self.expected.notes.as_deref()
    }
}
