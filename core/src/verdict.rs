//! The one place where severity becomes action.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::case::Subject;
use crate::idle::is_idle;
use crate::judge::{Finding, Judged};
use crate::policy::{Mode, Settings, UndecidedPolicy};
use crate::rule::{Need, Rule, Severity};
use crate::rules;

/// What becomes of one finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// The request is refused.
    Deny,
    /// The user is told.
    Warn,
    /// Only metrics, log and audit annotations are told.
    Tell,
}

impl Action {
    /// For metrics: `deny`, `warn` or `tell`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Deny => "deny",
            Self::Warn => "warn",
            Self::Tell => "tell",
        }
    }
}

/// A finding with the policy applied.
#[derive(Debug, Clone)]
pub struct Ruled {
    /// The finding, with the policy's severity.
    pub finding: Finding,
    /// What becomes of it at admission.
    pub action: Action,
}

/// A rule that lacked a fact, with the policy applied.
#[derive(Debug, Clone, Copy)]
pub struct Open {
    /// The rule.
    pub rule: &'static Rule,
    /// What it lacked.
    pub need: Need,
    /// What that means at admission.
    pub action: Action,
}

/// What is to be done about a subject.
#[derive(Debug, Clone, Default)]
pub struct Verdict {
    /// Worst first. Rules that are off are gone.
    pub findings: Vec<Ruled>,
    /// In the order of the table. Rules that are off are gone.
    pub open: Vec<Open>,
    /// Exemptions that did not count, and why.
    pub refused_exemptions: Vec<String>,
}

/// Applies the policy.
#[must_use]
pub fn decide(judged: Judged, subject: &Subject, settings: &Settings<'_>) -> Verdict {
    let mut findings: Vec<Ruled> = judged
        .findings
        .into_iter()
        .filter_map(|mut finding| {
            finding.severity = settings.severity(finding.rule, finding.severity)?;
            if finding.exempt.is_some() {
                finding.severity = Severity::Info;
            }
            let action = action(&finding, settings.mode);
            Some(Ruled { finding, action })
        })
        .collect();
    findings.sort_by_key(|ruled| core::cmp::Reverse(ruled.finding.severity));
    let open = judged
        .undecided
        .into_iter()
        .filter_map(|undecided| {
            let severity = settings.severity(undecided.rule, undecided.rule.severity)?;
            let action = match open_action(severity, undecided.need, settings) {
                Action::Deny if is_idle(subject) => Action::Warn,
                action => action,
            };
            Some(Open {
                rule: undecided.rule,
                need: undecided.need,
                action,
            })
        })
        .collect();
    Verdict {
        findings,
        open,
        refused_exemptions: Vec::new(),
    }
}

fn action(finding: &Finding, mode: Mode) -> Action {
    match (mode, finding.severity) {
        (Mode::Audit, _) | (_, Severity::Info) => Action::Tell,
        // The ratchet: what was so before is told, never refused.
        (Mode::Enforce, Severity::Deny) if !finding.inherited => Action::Deny,
        (Mode::Enforce | Mode::Warn, _) => Action::Warn,
    }
}

/// An unreadable config is config-unreadable's to tell, not every rule's; and nobody at admission can help it that
/// lists are never read there.
fn open_action(severity: Severity, need: Need, settings: &Settings<'_>) -> Action {
    match (settings.mode, settings.policy.undecided) {
        _ if severity < Severity::Deny || need == Need::ReadableConfig || need.is_list() => Action::Tell,
        (Mode::Audit, _) | (_, UndecidedPolicy::Allow) => Action::Tell,
        (Mode::Enforce, UndecidedPolicy::Deny) => Action::Deny,
        _ => Action::Warn,
    }
}

impl Verdict {
    /// How many rules are on here, found nothing and lacked nothing.
    #[must_use]
    pub fn passed(&self, settings: &Settings<'_>) -> usize {
        let told = |rule: &Rule| {
            let found = self.findings.iter().any(|ruled| ruled.finding.rule.id == rule.id);
            found || self.open.iter().any(|open| open.rule.id == rule.id)
        };
        let passed = |rule: &&&Rule| settings.severity(rule, rule.severity).is_some() && !told(rule);
        rules::TABLE.iter().filter(passed).count()
    }

    /// Whether the request is refused.
    #[must_use]
    pub fn denies(&self) -> bool {
        self.findings.iter().any(|ruled| ruled.action == Action::Deny)
            || self.open.iter().any(|open| open.action == Action::Deny)
    }
}

impl Finding {
    /// `RULE-ID: what is wrong (path); fix: …`
    #[must_use]
    pub fn line(&self) -> String {
        format!("{}: {} ({}); fix: {}", self.rule.id, self.message, self.path, self.fix)
    }

    /// The line with what happens otherwise.
    #[must_use]
    pub fn full(&self) -> String {
        format!(
            "{}: {} ({}): {}; fix: {}",
            self.rule.id, self.message, self.path, self.consequence, self.fix
        )
    }
}
