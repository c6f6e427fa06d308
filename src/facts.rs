//! `vcluster-guard facts`: what vCluster will decide from a config.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use base64::Engine as _;
use serde_json::{Value, json};
use vcluster_guard_core::{
    carrier::secret::CONFIG_KEY,
    config::{Config, ParseError, key, yaml},
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
    /// A config.yaml, or the Secret that holds one; - reads standard input
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
        Output::Json => format!("{facts}\n"),
        Output::Table => table(&facts),
    };
    std::io::stdout()
        .write_all(text.as_bytes())
        .context("failed to write the facts")?;
    Ok(code)
}

fn parse(file: &Path) -> anyhow::Result<Result<Config, ParseError>> {
    let text = check::read(file).map_err(anyhow::Error::msg)?;
    match secret_config(&text) {
        Some(config) => Ok(Config::parse(&config?)),
        None => Ok(Config::parse(&text)),
    }
}

/// The config in a Secret manifest; nothing when the text is no Secret.
fn secret_config(text: &[u8]) -> Option<anyhow::Result<Vec<u8>>> {
    // A config has no `kind`, so only a text that reads as one Secret is taken for one.
    let documents = yaml::documents(text).ok()?;
    let [document] = documents.as_slice() else { return None };
    let secret = &document.value;
    if secret.get("kind")? != "Secret" {
        return None;
    }
    let held = |field: &str| secret.get(field)?.get(CONFIG_KEY)?.as_str();
    // The API server lets stringData win.
    if let Some(plain) = held("stringData") {
        return Some(Ok(plain.as_bytes().to_vec()));
    }
    let packed: Option<Vec<u8>> = held("data").map(|data| data.bytes().filter(|b| !b.is_ascii_whitespace()).collect());
    Some(
        packed
            .with_context(|| format!("the Secret has no key {CONFIG_KEY}"))
            .and_then(|packed| {
                let decoded = base64::engine::general_purpose::STANDARD.decode(packed);
                decoded.map_err(|_| anyhow::anyhow!("the Secret's key {CONFIG_KEY} is not base64"))
            }),
    )
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
            value => value.to_string(),
        };
        // Writing to a String cannot fail.
        let _ = writeln!(table, "{name:<23}{shown}");
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(text: &str) -> Option<anyhow::Result<Vec<u8>>> {
        secret_config(text.as_bytes())
    }

    #[test]
    fn a_secret_gives_its_config() {
        let data = "kind: Secret\ndata:\n  config.yaml: c3luYzoge30=\n";
        assert_eq!(held(data).unwrap().unwrap(), b"sync: {}");
        let both = format!("{data}stringData:\n  config.yaml: 'pro: true'\n");
        assert_eq!(held(&both).unwrap().unwrap(), b"pro: true");
    }

    #[test]
    fn a_secret_without_config_is_an_error() {
        assert!(held("kind: Secret\n").unwrap().is_err());
        assert!(held("kind: Secret\ndata: {config.yaml: '%'}\n").unwrap().is_err());
    }

    #[test]
    fn anything_else_is_a_config() {
        assert!(held("controlPlane: {}\n").is_none());
        assert!(held("kind: ConfigMap\n").is_none());
        assert!(held("kind: Secret\n---\nkind: Secret\n").is_none());
        assert!(held("a: [").is_none());
    }

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
