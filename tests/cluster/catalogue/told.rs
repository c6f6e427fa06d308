//! From the line of a case to the words on the wire: what a user reads must be what the case says.

use vcluster_guard_core::rule::Rule;
use vcluster_guard_core::rules;

use crate::files::Topic;

/// What the guard said to the requests of a case.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) denials: Vec<String>,
    pub(crate) warnings: Vec<String>,
}

/// In front of what the ratchet let pass.
const AS_BEFORE: &str = "as before, so let through: ";
const UNDECIDED: &str = "vcluster-guard could not decide ";

/// Compares what was said of the case's topic with its lines.
pub(crate) fn compare(topic: Topic, lines: &[String], told: &Told) -> Result<(), String> {
    let rule = match topic {
        Topic::Rule(rule) => rule,
        Topic::EveryRule if lines.is_empty() => return nothing_said(told),
        Topic::EveryRule => return Err("is about no rule".to_owned()),
        Topic::Mends => return Ok(()),
    };
    let (mut denials, mut warnings) = (about(rule, &told.denials), about(rule, &told.warnings));
    for line in lines {
        match wanted(rule, line) {
            Some(Wanted::Denial(text)) => take(&mut denials, |said| said == text, line)?,
            Some(Wanted::Warning(text)) => take(&mut warnings, |said| is(said, &text), line)?,
            Some(Wanted::Inherited(text)) => {
                let same = |said: &str| is(said, &text) || is(said, &format!("{AS_BEFORE}{text}"));
                take(&mut warnings, same, line)?;
            }
            Some(Wanted::Undecided) => take(&mut warnings, |said| said.starts_with(UNDECIDED), line)?,
            Some(Wanted::Note(text)) => {
                let mut notes = told.warnings.iter().map(String::as_str).collect();
                take(&mut notes, |said| is(said, &text), line)?;
            }
            None => {}
        }
    }
    match [denials, warnings].concat().as_slice() {
        [] => Ok(()),
        more => Err(format!("says more: {more:?}")),
    }
}

enum Wanted {
    Denial(String),
    Warning(String),
    Inherited(String),
    Undecided,
    Note(String),
}

/// What of a line reaches the user, and how: metrics and logs alone are told what is worth an `info`.
fn wanted(rule: &Rule, line: &str) -> Option<Wanted> {
    let (word, rest) = line.split_at(line.find([' ', ','])?);
    let full = |text: &str| full(rule, text);
    match word {
        "deny" => Some(Wanted::Denial(full(rest))),
        "warn" => Some(match rest.strip_prefix(", as before") {
            Some(text) => Wanted::Inherited(full(text)),
            None => Wanted::Warning(full(rest)),
        }),
        "note" => Some(Wanted::Note(format!("vcluster-guard:{}", rest.strip_prefix(',')?))),
        "undecided" => line.ends_with("a warning says so").then_some(Wanted::Undecided),
        _ => None,
    }
}

/// `MESSAGE (PATH)[; then: CONSEQUENCE][; fix: FIX]` as `RULE-ID: MESSAGE (PATH); fix: FIX`; the row's own fix where the
/// line has none.
fn full(rule: &Rule, line: &str) -> String {
    let (line, fix) = line.rsplit_once("; fix: ").unwrap_or((line, rule.fix));
    let (line, _) = line.rsplit_once("; then: ").unwrap_or((line, ""));
    format!("{}:{line}; fix: {fix}", rule.id)
}

/// Whether that was said, to its end or to where a warning is cut.
fn is(said: &str, text: &str) -> bool {
    said == text || said.strip_suffix('…').is_some_and(|start| text.starts_with(start))
}

/// Whether one of the warnings is that text.
pub(crate) fn has(warnings: &[String], text: &str) -> Result<(), String> {
    let said = warnings.iter().any(|warning| is(warning, text));
    said.then_some(())
        .ok_or_else(|| format!("does not say: {text}; but {warnings:?}"))
}

fn take(said: &mut Vec<&str>, is: impl Fn(&str) -> bool, line: &str) -> Result<(), String> {
    let at = said.iter().position(|said| is(said));
    let at = at.ok_or_else(|| format!("does not say: {line}"))?;
    said.remove(at);
    Ok(())
}

/// What speaks of the rule, each once: two objects may be told the same.
fn about<'a>(rule: &Rule, told: &'a [String]) -> Vec<&'a str> {
    let mut said: Vec<&str> = Vec::new();
    for text in told {
        let line = text.strip_prefix(AS_BEFORE).unwrap_or(text);
        let own = line.strip_prefix(rule.id).is_some_and(|rest| rest.starts_with(':'));
        let open =
            line.starts_with(UNDECIDED) && line.split([' ', ',']).any(|word| word.trim_end_matches(':') == rule.id);
        if (own || open) && !said.contains(&text.as_str()) {
            said.push(text);
        }
    }
    said
}

/// The guard, of whatever: the API server warns of things, too.
fn nothing_said(told: &Told) -> Result<(), String> {
    let ours = |text: &&String| {
        let line = text.strip_prefix(AS_BEFORE).unwrap_or(text);
        let word = line.split([' ', ':']).next().unwrap_or_default();
        word == "vcluster-guard" || word == "inject" || rules::by_id(word).is_some()
    };
    let said: Vec<&String> = told.denials.iter().chain(told.warnings.iter().filter(ours)).collect();
    said.is_empty().then_some(()).ok_or_else(|| format!("says {said:?}"))
}
