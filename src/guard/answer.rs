//! From a verdict to the words of an answer.

use std::fmt::Write;

use vcluster_guard_core::case::Subject;
use vcluster_guard_core::exemption::EXEMPT;
use vcluster_guard_core::policy::{Mode, Settings};
use vcluster_guard_core::rule::{Need, Severity};
use vcluster_guard_core::verdict::{Action, Open, Ruled, Verdict};

use crate::serve::review::{Answer, Cause};

const FORBIDDEN: u16 = 403;

/// The answer to a judged request.
pub(super) fn of_verdict(subject: &Subject, verdict: &Verdict, settings: &Settings<'_>) -> Answer {
    let mut answer = Answer {
        vcluster: subject.release.to_string(),
        ..Answer::allow()
    };
    let told: Vec<&Ruled> = verdict.findings.iter().collect();
    if !told.is_empty() {
        let ids: Vec<&str> = told.iter().map(|ruled| ruled.finding.rule.id).collect();
        answer.audit_annotations.push(("findings".into(), ids.join(",")));
    }
    let exempt: Vec<&str> = told
        .iter()
        .filter(|ruled| ruled.finding.exempt.is_some())
        .map(|r| r.finding.rule.id)
        .collect();
    if !exempt.is_empty() {
        answer.exempt = exempt.join(",");
        answer.audit_annotations.push(("exempt".into(), answer.exempt.clone()));
    }
    if verdict.denies() {
        deny(&mut answer, subject, verdict);
    } else {
        answer.warnings = warnings(verdict);
    }
    if settings.mode == Mode::Audit {
        answer.warnings.clear();
    }
    answer
}

fn deny(answer: &mut Answer, subject: &Subject, verdict: &Verdict) {
    answer.allowed = false;
    answer.code = FORBIDDEN;
    answer.reason = "Forbidden";
    let denied = verdict.findings.iter().filter(|ruled| ruled.action == Action::Deny);
    for ruled in denied {
        let finding = &ruled.finding;
        // Writing to a String cannot fail.
        let _ = writeln!(answer.message, "{}", finding.line());
        answer.causes.push(Cause {
            reason: finding.rule.id.into(),
            message: format!("{}: {}", finding.message, finding.consequence),
            field: finding.path.to_string(),
        });
    }
    for open in verdict.open.iter().filter(|open| open.action == Action::Deny) {
        let _ = writeln!(answer.message, "{}", undecided(open));
        answer.causes.push(Cause {
            reason: open.rule.id.into(),
            message: undecided(open),
            field: String::new(),
        });
    }
    let _ = write!(
        answer.message,
        "vCluster {}; `vcluster-guard rules explain RULE-ID` says why",
        subject.release
    );
    // What would only have been a warning is told with the denial, not in its stead.
    answer.warnings = warnings(verdict);
}

/// What the user is told of a request that the API server is about to refuse by itself.
pub(super) fn advice(verdict: &Verdict) -> Vec<String> {
    let told = verdict.findings.iter().filter(|ruled| ruled.action != Action::Tell);
    told.map(|ruled| ruled.finding.line()).collect()
}

fn warnings(verdict: &Verdict) -> Vec<String> {
    let findings = verdict
        .findings
        .iter()
        .filter(|ruled| ruled.action == Action::Warn)
        .map(|ruled| {
            let finding = &ruled.finding;
            match (finding.inherited, finding.severity) {
                (true, Severity::Deny) => format!("as before, so let through: {}", finding.line()),
                _ => finding.line(),
            }
        });
    let open: Vec<&Open> = verdict.open.iter().filter(|open| open.action == Action::Warn).collect();
    let refused = verdict
        .refused_exemptions
        .iter()
        .map(|refused| format!("vcluster-guard: {refused}"));
    findings.chain(undecided_together(&open)).chain(refused).collect()
}

/// One warning for all rules that lacked the same fact.
fn undecided_together(open: &[&Open]) -> Vec<String> {
    let mut needs: Vec<Need> = open.iter().map(|open| open.need).collect();
    needs.sort_unstable();
    needs.dedup();
    let ids = |need: Need| {
        let lacking = open.iter().filter(|open| open.need == need);
        lacking.map(|open| open.rule.id).collect::<Vec<_>>().join(", ")
    };
    let warning = |need: Need| {
        format!(
            "vcluster-guard could not decide {}: it lacks {}",
            ids(need),
            need.in_words()
        )
    };
    needs.into_iter().map(warning).collect()
}

fn undecided(open: &Open) -> String {
    format!("{}: cannot be decided without {}", open.rule.id, open.need.in_words())
}

/// The answer to whoever writes an exemption without being let.
pub(super) fn of_forbidden_exemption(allowed_groups: &[String]) -> Answer {
    let mut answer = Answer::allow();
    answer.allowed = false;
    answer.code = FORBIDDEN;
    answer.reason = "Forbidden";
    answer.message = format!(
        "exemptions.allowedGroups: only members of {} may write {EXEMPT}, its reason or its end; fix: leave the \
         annotations as they are, or ask one of them",
        allowed_groups.join(", ")
    );
    answer
}

/// The answer to an object that looks like ours and cannot be decoded.
pub(super) fn of_unreadable(what: &str, mode: Mode) -> Answer {
    let mut answer = Answer::allow();
    let message = format!("vcluster-guard: {what}, so it cannot be judged; fix: correct that field");
    match mode {
        Mode::Enforce => {
            answer.allowed = false;
            answer.code = 422;
            answer.reason = "Invalid";
            answer.message = message;
        }
        Mode::Warn => answer.warnings.push(message),
        Mode::Audit => answer.audit_annotations.push(("unreadable".into(), what.into())),
    }
    answer
}

/// Several notes as one audit annotation.
pub(super) fn joined(notes: &[String]) -> String {
    notes.join("; ")
}
