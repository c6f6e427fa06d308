//! Reads the policy file, at the start and whenever its content changes.

mod watch;

use std::path::{Path, PathBuf};

pub(crate) use watch::Watched;

use serde_json::Value;
use vcluster_guard_core::config::yaml;
use vcluster_guard_core::policy::Policy;

/// Why a policy file is refused: what, where, and at which key.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PolicyFileError {
    #[error("cannot read {file}: {source}", file = .0.display(), source = .1)]
    Read(PathBuf, std::io::Error),
    #[error("{file}{}: {message}", .line.map(|line| format!(" line {line}")).unwrap_or_default(), file = .file.display())]
    Content {
        file: PathBuf,
        line: Option<usize>,
        message: String,
    },
}

/// The policy in `file`, or the built-in one.
pub(crate) fn load(file: Option<&Path>) -> Result<Policy, PolicyFileError> {
    let Some(file) = file else { return Ok(Policy::default()) };
    let text = std::fs::read(file).map_err(|error| PolicyFileError::Read(file.into(), error))?;
    parse(&text).map_err(|(line, message)| PolicyFileError::Content {
        file: file.into(),
        line,
        message,
    })
}

/// The policy in a text, or the line and what is wrong there.
pub(crate) fn parse(text: &[u8]) -> Result<Policy, (Option<usize>, String)> {
    let documents = yaml::documents(text).map_err(|error| (error.line, error.message))?;
    let document = match documents.as_slice() {
        [] => return Ok(Policy::default()),
        [document] => document,
        [_, second, ..] => return Err((Some(second.line), "a policy file holds one document".into())),
    };
    let policy: Policy = serde_path_to_error::deserialize(&document.value).map_err(|error| {
        let path = error.path().to_string();
        let pointer = format!("/{}", path.replace(['.', '['], "/").replace(']', ""));
        let place = if path == "." {
            String::new()
        } else {
            format!("{path}: ")
        };
        (Some(document.line_of(&pointer)), format!("{place}{}", error.inner()))
    })?;
    policy.validate().map_err(|error| (None, error.to_string()))?;
    Ok(policy)
}

/// Whether a document looks like a policy, for a helpful error where one is given as a manifest.
pub(crate) fn looks_like_one(document: &Value) -> bool {
    document.get("kind").is_none() && document.get("version").is_some() && document.get("mode").is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use vcluster_guard_core::policy::{Inject, Mode, RuleSeverity, UndecidedPolicy};

    const WHOLE: &str = r#"
version: 1
mode: warn
rules: {ha-etcd-even: {severity: deny}, pe-no-persistence-embedded: {severity: "off"}, img-floating: {severity: off}}
namespaces:
  - match: {names: ["ci-*"], labels: {env: test}}
    mode: audit
    rules: {ha-embedded-db: {severity: warn}}
images: {rewrite: true, registries: [ghcr.io, docker.io], floatingTags: warn, digests: {}}
scheduling:
  inject: off
  antiAffinity: {enabled: true, hostnameWeight: 100, zoneWeight: 0}
  topologySpread: {enabled: true, maxSkew: 2, zone: true}
exemptions:
  annotations: true
  allowedGroups: [platform]
  list: [{namespace: a, release: b, rules: [ha-embedded-db], until: "2030-01-31T00:00:00Z", reason: move}]
lookups: {configSecret: true, deadline: 500ms}
undecided: deny
"#;

    fn refusal(text: &str) -> (Option<usize>, String) {
        parse(text.as_bytes()).unwrap_err()
    }

    #[test]
    fn every_key_is_read() {
        let policy = parse(WHOLE.as_bytes()).unwrap();
        assert_eq!(policy.mode, Mode::Warn);
        assert_eq!(policy.rules["pe-no-persistence-embedded"].severity, RuleSeverity::Off);
        assert_eq!(policy.namespaces[0].mode, Some(Mode::Audit));
        assert_eq!(policy.scheduling.inject, Inject::Off);
        assert_eq!(policy.scheduling.topology_spread.max_skew, 2);
        assert_eq!(policy.exemptions.list[0].release, "b");
        assert_eq!(policy.lookups.deadline_millis(), Ok(500));
        assert_eq!(policy.undecided, UndecidedPolicy::Deny);
    }

    #[test]
    fn an_unquoted_off_is_the_boolean_false_and_means_off() {
        let policy = parse(WHOLE.as_bytes()).unwrap();
        assert_eq!(policy.rules["img-floating"].severity, RuleSeverity::Off);
    }

    #[test]
    fn an_empty_file_is_the_built_in_policy() {
        assert_eq!(parse(b"# nothing\n"), Ok(Policy::default()));
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_line() {
        let (line, message) = refusal("version: 1\nimages:\n  rewritte: true\n");
        assert_eq!(line, Some(3));
        assert!(
            message.starts_with("images.rewritte: unknown field `rewritte`, expected one of"),
            "{message}"
        );
    }

    #[test]
    fn an_unknown_word_is_refused_with_its_line() {
        let (line, message) = refusal("mode: warn\nrules:\n  ha-etcd-even:\n    severity: fatal\n");
        assert_eq!(line, Some(4));
        assert!(message.contains("unknown variant `fatal`"), "{message}");
    }

    #[test]
    fn an_unknown_rule_is_refused() {
        let (_, message) = refusal("rules: {ha-embeded-db: {severity: warn}}");
        assert_eq!(
            message,
            "rules: there is no rule \"ha-embeded-db\" (see `vcluster-guard rules`)"
        );
    }

    #[test]
    fn values_out_of_range_are_refused() {
        let (_, message) = refusal("scheduling: {antiAffinity: {zoneWeight: 101}}");
        assert_eq!(
            message,
            "scheduling.antiAffinity.zoneWeight is 101; a weight is 1 to 100, or 0 to leave the term out"
        );
        let (_, message) = refusal("lookups: {deadline: soon}");
        assert_eq!(
            message,
            "lookups.deadline is \"soon\"; write a duration such as 1s or 500ms"
        );
        let (_, message) = refusal("namespaces: [{match: {}}]");
        assert_eq!(message, "namespaces[0].match is empty; give names or labels");
        let (_, message) = refusal("version: 2");
        assert_eq!(message, "version is 2; this program reads version 1");
    }
}
