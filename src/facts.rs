//! `vcluster-guard facts`: what vCluster will decide from a config.

mod number;
mod secret;

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use serde_json::{Value, json};
use vcluster_guard_core::{
    config::{Config, ParseError, key},
    startup,
    store::{self, Store},
};

use crate::check;

/// Flags of `facts`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// How the facts are shown
    #[arg(short, long, env = "VCLUSTER_GUARD_FACTS_OUTPUT", value_enum, default_value_t = Output::Table)]
    output: Output,
    /// The config before the change: also tell whether vCluster would refuse the change
    #[arg(long, value_name = "FILE", env = "VCLUSTER_GUARD_BEFORE")]
    before: Option<PathBuf>,
    /// A config.yaml, or manifests with the Secret that holds one; - reads standard input
    file: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Output {
    Table,
    Json,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    check::once_from_stdin(std::iter::once(&args.file).chain(&args.before))?;
    let parsed = parse(&args.file)?;
    let before = args.before.as_ref().map(|file| parse(file)).transpose()?;
    let (facts, code) = match &parsed {
        Ok(config) => (facts(config, before.as_ref()), ExitCode::SUCCESS),
        Err(error) => (json!({"parse_error": described(error)}), ExitCode::from(1)),
    };
    let text = match args.output {
        Output::Json => number::as_go_prints(&facts) + "\n",
        Output::Table => table(&facts),
    };
    std::io::stdout()
        .write_all(text.as_bytes())
        .context("failed to write the facts")?;
    Ok(code)
}

fn parse(file: &Path) -> anyhow::Result<Result<Config, ParseError>> {
    let text = check::read(file).map_err(anyhow::Error::msg)?;
    Ok(match secret::config(&text) {
        Some(config) => config.and_then(|config| Config::parse(&config)),
        None => Config::parse(&text),
    })
}

fn facts(config: &Config, before: Option<&Result<Config, ParseError>>) -> Value {
    let lease = startup::lease(config);
    let [duration, renew, retry] = lease;
    let mut facts = json!({
        "parse_error": null,
        "startup_error": message(startup::validate(config)),
        "leader_election_error": message(startup::leader_timings(duration, renew, retry)),
        "store": Store::of(config).name(),
        "embedded_database": store::embedded_database(config),
        "replicas": config.int(key::REPLICAS),
        "lease": lease,
        "volume_claim_enabled": config.strbool(key::CLAIM_ENABLED),
        "pdb": {
            "enabled": config.flag(key::PDB_ENABLED),
            "minAvailable": config.any(key::PDB_MIN_AVAILABLE),
            "maxUnavailable": config.any(key::PDB_MAX_UNAVAILABLE),
        },
    });
    if let Some(before) = before {
        let error = match before {
            Ok(before) => message(store::validate_change(before, config)),
            Err(error) => Some(format!(
                "the config before the change cannot be read: {}",
                described(error)
            )),
        };
        facts["change_error"] = error.into();
    }
    facts
}

fn message<E: std::error::Error>(result: Result<(), E>) -> Option<String> {
    result.err().map(|error| error.to_string())
}

fn described(error: &ParseError) -> String {
    match error.line {
        Some(line) => format!("line {line}: {error}"),
        None => error.to_string(),
    }
}

fn table(facts: &Value) -> String {
    let mut table = String::new();
    for (name, value) in facts.as_object().into_iter().flatten() {
        let shown = match value {
            Value::String(text) if !text.is_empty() => text.clone(),
            Value::Null | Value::String(_) => "-".to_owned(),
            value => number::as_go_prints(value),
        };
        // Writing to a String cannot fail.
        let _ = writeln!(table, "{name:<23}{shown}");
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_name_the_store_and_quote_no_data_source() {
        let text =
            "controlPlane: {backingStore: {database: {external: {enabled: true, dataSource: 'mysql://s3cret'}}}}";
        let shown = facts(&Config::parse(text.as_bytes()).unwrap(), None);
        assert_eq!(shown["store"], "external-database");
        assert_eq!(shown["embedded_database"], false);
        assert!(shown.get("change_error").is_none());
        assert!(!shown.to_string().contains("s3cret"));
    }

    #[test]
    fn a_change_is_judged_when_both_sides_can_be_read() {
        let config = Config::parse(b"controlPlane: {backingStore: {etcd: {deploy: {enabled: true}}}}").unwrap();
        let empty = Config::parse(b"").unwrap();
        assert!(facts(&config, Some(&Ok(empty.clone())))["change_error"].is_null());
        assert!(facts(&empty, Some(&Ok(config)))["change_error"].is_string());
        assert!(facts(&empty, Some(&Config::parse(b"[")))["change_error"].is_string());
    }
}
