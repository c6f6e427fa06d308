//! The config itself.

use alloc::format;

use crate::case::{Case, Places};
use crate::rule::{Family, Found, Judgement, Part, Rule, Severity};

/// A config that vCluster refuses to parse.
pub const CONFIG_UNREADABLE: Rule = Rule {
    id: "config-unreadable",
    title: "config.yaml that vCluster cannot read",
    family: Family::Store,
    severity: Severity::Deny,
    places: Places::CONFIG,
    needs: &[],
    consequence: "every pod of the control plane exits at its next start",
    fix: "correct config.yaml at that line; render it with `helm template` instead of editing the Secret by hand",
    why: "vCluster parses the Secret strictly with sigs.k8s.io/yaml (vcluster: pkg/config/parse.go). Only YAML errors, \
          StrBool fields and wrong types in fields that a rule reads are judged; unknown keys differ per release.",
    judge: config_unreadable,
};

fn config_unreadable(case: &Case<'_>) -> Judgement {
    let secret = case.config_secret()?;
    case.saw("config.yaml", secret.text());
    let Err(error) = secret.config() else { return Ok(None) };
    let at = error
        .line
        .map_or_else(|| "config.yaml".into(), |line| format!("config.yaml line {line}"));
    Ok(Some(Found::new(
        Part::Config,
        at,
        format!("vCluster refuses this config: {}", error.message),
    )))
}
