//! One case: what its file says, and whether that came true.

use serde::Deserialize;
use serde_json::Value;
use vcluster_guard_core::config::yaml;
use vcluster_guard_core::policy::Policy;
use vcluster_guard_core::rule::Rule;

use crate::doors::{self, Said};

/// Whose findings a case is about.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Topic {
    /// One rule's.
    Rule(&'static Rule),
    /// Any rule's: none of them may speak.
    EveryRule,
    /// None: the patch alone counts.
    Mends,
}

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

    /// Judges at both doors, and compares.
    pub(crate) fn judge(&self, topic: Topic, verdict: &str) -> Result<(), String> {
        let expected = &self.expected;
        if expected.about.is_empty() {
            return Err("says nothing `about` itself".into());
        }
        // A Scale is a request, not an object: only admission ever sees one.
        let scales = self.now.iter().any(|object| object["kind"] == "Scale");
        let only = expected.only.or(scales.then_some(Door::Admission));
        let mut at_admission = Said::default();
        let mut lines = Vec::new();
        if only != Some(Door::Check) {
            at_admission = doors::admission(self, topic)?;
            let wanted = expected.admission.as_ref().unwrap_or(&expected.findings);
            same("admission says", &at_admission.lines, wanted)?;
            self.compare_mends(&at_admission)?;
            lines.extend_from_slice(&at_admission.lines);
        }
        if only != Some(Door::Admission) {
            let at_check = doors::check(self, topic);
            let wanted = expected.check.as_ref().unwrap_or(&expected.findings);
            same("check says", &at_check, wanted)?;
            lines.extend(at_check);
        }
        let real = if at_admission.patch.is_empty() || verdict != "mend" {
            verdict_of(&lines)
        } else {
            "mend"
        };
        (real == verdict)
            .then_some(())
            .ok_or_else(|| format!("the verdict is {real}"))
    }

    fn compare_mends(&self, said: &Said) -> Result<(), String> {
        if let Some(patch) = &self.expected.patch {
            same("the patch is", &said.patch, patch)?;
        }
        match &self.expected.notes {
            Some(notes) => same("the notes are", &said.notes, notes),
            None => Ok(()),
        }
    }
}

fn same<T: PartialEq + serde::Serialize>(what: &str, real: &[T], wanted: &[T]) -> Result<(), String> {
    let json = |items| serde_json::to_string::<[T]>(items).unwrap();
    (real == wanted)
        .then_some(())
        .ok_or_else(|| format!("{what} {}, not {}", json(real), json(wanted)))
}

/// The worst of what is said.
fn verdict_of(lines: &[String]) -> &'static str {
    let says = |word: &&str| {
        lines
            .iter()
            .any(|line| line.split([' ', ',']).any(|first| first == *word))
    };
    ["deny", "warn", "info", "undecided"]
        .into_iter()
        .find(says)
        .unwrap_or("allow")
}
