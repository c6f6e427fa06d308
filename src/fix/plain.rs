//! What of a line may be shown. What may be is listed: bare keys, numbers of keys that are known, words that are known,
//! and on a changed line the names of images. Everything else, comments included, may be somebody's secret.

/// Where a line stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Beside {
    /// It is changed itself: the change is about a key that is known, and others may stand beside it in braces.
    Change,
    /// It only surrounds a change.
    Nothing,
}

/// Keys whose numbers and booleans are nobody's secret.
const COUNTS: [&str; 15] = [
    "enabled",
    "failureThreshold",
    "leaseDuration",
    "maxSkew",
    "maxUnavailable",
    "minAvailable",
    "minDomains",
    "periodSeconds",
    "renewDeadline",
    "replicas",
    "retryPeriod",
    "revisionHistoryLimit",
    "terminationGracePeriodSeconds",
    "timeoutSeconds",
    "weight",
];

/// Keys whose texts stand in plain sight on the workload.
const NAMES: [&str; 7] = [
    "app",
    "image",
    "registry",
    "release",
    "repository",
    "tag",
    "topologyKey",
];

/// Words that Kubernetes or the chart gives a meaning.
const WORDS: [&str; 10] = [
    "ClusterFirst",
    "Default",
    "Delete",
    "DoNotSchedule",
    "Honor",
    "Ignore",
    "OrderedReady",
    "Parallel",
    "Retain",
    "ScheduleAnyway",
];

/// The guard's own annotations.
const OWN: &str = "vcluster-guard.dev/";

/// Whether nothing on the line can be a secret, or nothing but its comment where it is a change.
pub(super) fn is_harmless(line: &str, beside: Beside) -> bool {
    let line = line.trim_end();
    if line.is_empty() || line == "---" {
        return true;
    }
    let Some(code) = code(line) else { return false };
    let (is_whole, is_change) = (code.len() == line.len(), beside == Beside::Change);
    (is_whole || is_change && !code.trim().is_empty())
        && members(code)
            .into_iter()
            .all(|member| is_harmless_member(member, is_change))
}

/// The line without its comment and the blanks before it. `None` where quotes are left open or hold escapes: it is not
/// told by the line alone what is text there.
pub(super) fn code(line: &str) -> Option<&str> {
    let (mut quote, mut before) = (None, ' ');
    for (at, c) in line.char_indices() {
        match (quote, c) {
            (_, '\\') => return None,
            (None, '#') if before.is_whitespace() => return Some(line.get(..at)?.trim_end()),
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            _ => {}
        }
        before = c;
    }
    quote.is_none().then(|| line.trim_end())
}

/// The members of flow collections; a line without one is its only member.
fn members(code: &str) -> Vec<&str> {
    let mut quote = None;
    let parts = move |c: char| {
        match quote {
            Some(open) if open == c => quote = None,
            None if matches!(c, '"' | '\'') => quote = Some(c),
            _ => {}
        }
        quote.is_none() && matches!(c, ',' | '{' | '}' | '[' | ']')
    };
    code.split(parts).collect()
}

/// `KEY: VALUE`, or a part of it, where the value is none, or of those that are listed.
fn is_harmless_member(member: &str, is_change: bool) -> bool {
    let bare = |text: &str| String::from(text.trim().trim_matches(['"', '\'']));
    let member = member.trim().trim_start_matches("- ");
    let Some((key, value)) = member.split_once(':') else {
        return member.is_empty() || member == "-";
    };
    let (key, value) = (bare(key), bare(value));
    let is_name = |text: &str| {
        text.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_./:@".contains(&byte))
    };
    let number = value.strip_suffix('%').unwrap_or(&value);
    let is_count = ["true", "false", "null"].contains(&number) || number.bytes().all(|byte| byte.is_ascii_digit());
    let has_login = value.contains("://") || value.contains('@') && !value.contains("@sha256:");
    is_name(&key)
        && (["", "|", "|-", "|+", ">", ">-"].contains(&&*value)
            || COUNTS.contains(&&*key) && is_count
            || WORDS.contains(&&*value)
            || is_change && key.starts_with(OWN)
            || is_change && NAMES.contains(&&*key) && is_name(&value) && !has_login)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_beside_a_change_in_braces_is_shown_only_if_it_is_known() {
        for (line, shown) in [
            ("image: {registry: ghcr.io, repository: loft-sh/vcluster}", true),
            ("podDisruptionBudget: {enabled: true, minAvailable: \"50%\"}", true),
            ("repository: \"loft-sh/vcluster\"   # old", true),
            (
                "vcluster-guard.dev/injected: \"v1:podAntiAffinity,topologySpreadConstraints\"",
                true,
            ),
            ("repository: hunter2@ghcr.io/loft-sh/vcluster", false),
            ("env: [{name: A, value: hunter2}]", false),
            ("{\"a\": \"hunter2\", \"enabled\": false}", false),
            ("dataSource: x", false),
            ("endpoint: a,b:hunter2@c", false),
            ("value: 83749201", false),
            ("{enabled: true, 'a: \"hunter2', replicas: 3}", false),
        ] {
            assert_eq!(is_harmless(line, Beside::Change), shown, "{line}");
        }
    }
}
