//! The policy: what an operator may change about the judgement.

mod error;
mod namespace;
mod scheduling;
mod word;

pub use error::PolicyError;
pub use namespace::{NamespaceMatch, NamespacePolicy};
pub use scheduling::{AntiAffinity, Inject, Scheduling, TopologySpread};

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use serde::Deserialize;

use crate::exemption::grant::{Entry, Grant, Now};
use crate::image::Images;
use crate::object::Strings;
use crate::rule::{Rule, Severity};
use crate::rules;
use word::word;

/// The policy file. Unknown keys are refused: a misspelt key would switch nothing, silently.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Policy {
    /// Version of the format, 1.
    pub version: u32,
    /// For everything that is not overridden.
    #[serde(deserialize_with = "word")]
    pub mode: Mode,
    /// Per rule id.
    pub rules: BTreeMap<String, RulePolicy>,
    /// First match wins.
    pub namespaces: Vec<NamespacePolicy>,
    /// Image rewriting.
    pub images: Images,
    /// Injection of anti-affinity and spread.
    pub scheduling: Scheduling,
    /// What a rule that lacks a fact means, where it would deny.
    #[serde(deserialize_with = "word")]
    pub undecided: UndecidedPolicy,
    /// Look-ups at admission.
    pub lookups: Lookups,
    /// Exemptions.
    pub exemptions: Exemptions,
}

/// What findings do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Denials deny, mends are made.
    #[default]
    Enforce,
    /// Denials become warnings, mends are made.
    Warn,
    /// Everything passes untouched; metrics, log and audit annotations are told.
    Audit,
}

/// What a policy says of one rule.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RulePolicy {
    /// Replaces the rule's own severity.
    #[serde(deserialize_with = "word")]
    pub severity: RuleSeverity,
}

/// A severity, or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the words of the policy file")]
pub enum RuleSeverity {
    Deny,
    Warn,
    Info,
    Off,
}

/// What an undecided rule means where it would deny.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the words of the policy file")]
pub enum UndecidedPolicy {
    Allow,
    #[default]
    Warn,
    Deny,
}

/// `lookups:` of the policy file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Lookups {
    /// Whether the config Secret may be read.
    pub config_secret: bool,
    /// `1s`, `500ms`
    pub deadline: String,
}

impl Default for Lookups {
    fn default() -> Self {
        Self {
            config_secret: true,
            deadline: "1s".into(),
        }
    }
}

impl Lookups {
    /// The deadline in milliseconds; an error says what a duration looks like.
    pub fn deadline_millis(&self) -> Result<u64, PolicyError> {
        let text = self.deadline.as_str();
        let parsed = match text.strip_suffix("ms") {
            Some(millis) => millis.parse().ok(),
            None => text
                .strip_suffix('s')
                .and_then(|seconds| seconds.parse::<u64>().ok()?.checked_mul(1000)),
        };
        parsed
            .filter(|&millis| millis > 0)
            .ok_or_else(|| PolicyError::Deadline(text.into()))
    }
}

/// `exemptions:` of the policy file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Exemptions {
    /// Whether annotations on the release's objects count.
    pub annotations: bool,
    /// Groups whose members may exempt by annotation; empty lets everybody who may write the object.
    pub allowed_groups: Vec<String>,
    /// Exemptions that the operator grants.
    pub list: Vec<Entry>,
}

impl Exemptions {
    /// Whether a user of these groups may exempt by annotation.
    #[must_use]
    pub fn lets<'a>(&self, mut groups: impl Iterator<Item = &'a str>) -> bool {
        self.allowed_groups.is_empty() || groups.any(|group| self.allowed_groups.iter().any(|allowed| allowed == group))
    }
}

impl Default for Exemptions {
    fn default() -> Self {
        Self {
            annotations: true,
            allowed_groups: Vec::new(),
            list: Vec::new(),
        }
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            version: 1,
            mode: Mode::default(),
            rules: BTreeMap::new(),
            namespaces: Vec::new(),
            images: Images::default(),
            scheduling: Scheduling::default(),
            undecided: UndecidedPolicy::default(),
            lookups: Lookups::default(),
            exemptions: Exemptions::default(),
        }
    }
}

impl Policy {
    /// Checks what the types cannot.
    pub fn validate(&self) -> Result<(), PolicyError> {
        if self.version != 1 {
            return Err(PolicyError::Version(self.version));
        }
        self.lookups.deadline_millis()?;
        known(&self.rules, "rules")?;
        self.scheduling.validate()?;
        for (index, namespace) in self.namespaces.iter().enumerate() {
            if namespace.matches.names.is_empty() && namespace.matches.labels.is_empty() {
                return Err(PolicyError::EmptyMatch(index));
            }
            known(&namespace.rules, &alloc::format!("namespaces[{index}].rules"))?;
        }
        for (index, entry) in self.exemptions.list.iter().enumerate() {
            let rules: Vec<&str> = entry.rules.iter().map(String::as_str).collect();
            // One that has run out is said where it would have counted; it does not break the policy.
            Grant::new(&rules, &entry.reason, &entry.until, Now(i64::MIN))
                .map_err(|error| PolicyError::Exemption(index, error))?;
        }
        Ok(())
    }

    /// Whether any namespace is told apart by its labels, so that they have to be looked up.
    #[must_use]
    pub fn reads_namespace_labels(&self) -> bool {
        self.namespaces
            .iter()
            .any(|namespace| !namespace.matches.labels.is_empty())
    }

    /// The settings for one namespace. `labels` of `None` match no label.
    #[must_use]
    pub fn for_namespace(&self, name: &str, labels: Option<&Strings>) -> Settings<'_> {
        let special = self
            .namespaces
            .iter()
            .find(|namespace| namespace.matches.meets(name, labels));
        Settings {
            policy: self,
            special,
            mode: special.and_then(|s| s.mode).unwrap_or(self.mode),
        }
    }
}

fn known(rules: &BTreeMap<String, RulePolicy>, place: &str) -> Result<(), PolicyError> {
    match rules.keys().find(|id| rules::by_id(id).is_none()) {
        Some(id) => Err(PolicyError::UnknownRule(place.into(), id.clone())),
        None => Ok(()),
    }
}

/// The policy as it stands for one namespace.
#[derive(Debug, Clone, Copy)]
pub struct Settings<'a> {
    /// The whole policy.
    pub policy: &'a Policy,
    special: Option<&'a NamespacePolicy>,
    /// The mode here.
    pub mode: Mode,
}

impl Settings<'_> {
    /// The severity of a finding here; `None` when the rule is off.
    #[must_use]
    pub fn severity(&self, rule: &Rule, found: Severity) -> Option<Severity> {
        let special = self.special.and_then(|namespace| namespace.rules.get(rule.id));
        match special
            .or_else(|| self.policy.rules.get(rule.id))
            .map(|policy| policy.severity)
        {
            None if rules::OPT_IN.contains(&rule.id) => None,
            None => Some(found),
            Some(RuleSeverity::Deny) => Some(Severity::Deny),
            Some(RuleSeverity::Warn) => Some(Severity::Warn),
            Some(RuleSeverity::Info) => Some(Severity::Info),
            Some(RuleSeverity::Off) => None,
        }
    }
}
