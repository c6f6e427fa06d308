//! `vcluster-guard certs dev`: an authority and a serving certificate in a directory, kept as long as they are good.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;

use super::authority::{self, Pair};
use crate::files::{self, Readers};
use crate::report::say;

/// Flags of `certs dev`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Directory for ca.crt, ca.key, tls.crt and tls.key; made when missing
    #[arg(long, env = "VCLUSTER_GUARD_CERTS_DIR", default_value = "certs", value_name = "DIR")]
    dir: PathBuf,

    /// Name of the Service the certificate is for
    #[arg(
        long,
        env = "VCLUSTER_GUARD_SERVICE",
        default_value = "vcluster-guard",
        value_name = "NAME"
    )]
    service: String,

    /// Namespace of that Service
    #[arg(
        short,
        long,
        env = "VCLUSTER_GUARD_SERVICE_NAMESPACE",
        default_value = "vcluster-guard",
        value_name = "NAME"
    )]
    namespace: String,

    /// One more name or address; may be repeated, or hold several with commas between them
    #[arg(
        long = "host",
        value_name = "HOST",
        env = "VCLUSTER_GUARD_HOSTS",
        value_delimiter = ','
    )]
    hosts: Vec<String>,

    /// Replace what is there, even if it is good
    #[arg(long, env = "VCLUSTER_GUARD_FORCE")]
    force: bool,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    println!("{}", make(args)?);
    Ok(ExitCode::SUCCESS)
}

/// Makes what is missing or unusable, and says what it did.
fn make(args: &Args) -> anyhow::Result<String> {
    let place = Place(&args.dir);
    let hosts = args.hosts();
    fs::create_dir_all(&args.dir).with_context(|| format!("failed to make the directory {}", args.dir.display()))?;
    let (old_authority, old_serving) = (place.read("ca")?, place.read("tls")?);
    let shown = args.dir.display();
    if let (false, Some(cert), Some(pair)) = (args.force, place.text("ca.crt")?, &old_serving) {
        match authority::check(&cert, pair, &hosts) {
            Ok(()) => return Ok(format!("{shown}: the certificates there are good and stay")),
            Err(why) => say("note", &format!("{shown}: {why:#}; making a new one")),
        }
    }
    let kept = old_authority.filter(|pair| !args.force && authority::can_sign(pair));
    let is_new = kept.is_none();
    let authority = kept.map_or_else(authority::authority, Ok)?;
    let serving = authority::serving(&authority, &hosts)?;
    authority::check(&authority.cert, &serving, &hosts).context("the new certificate is not good")?;
    if is_new {
        place.write("ca", &authority)?;
    }
    place.write("tls", &serving)?;
    let by = if is_new {
        "a new authority (ca.crt)"
    } else {
        "the authority that was there (ca.crt)"
    };
    Ok(format!(
        "{shown}: made tls.crt and tls.key for {}, signed by {by}",
        hosts.join(", ")
    ))
}

impl Args {
    /// The hosts the certificate is for: this machine, the Service, and those given.
    fn hosts(&self) -> Vec<String> {
        let service = format!("{}.{}.svc", self.service, self.namespace);
        let mut hosts = vec![
            "localhost".to_owned(),
            "127.0.0.1".to_owned(),
            "::1".to_owned(),
            service,
        ];
        for host in &self.hosts {
            if !hosts.contains(host) {
                hosts.push(host.clone());
            }
        }
        hosts
    }
}

/// The directory.
struct Place<'a>(&'a Path);

impl Place<'_> {
    fn text(&self, name: &str) -> anyhow::Result<Option<String>> {
        files::read(&self.0.join(name))
    }

    fn read(&self, stem: &str) -> anyhow::Result<Option<Pair>> {
        let (cert, key) = (self.text(&format!("{stem}.crt"))?, self.text(&format!("{stem}.key"))?);
        Ok(cert.zip(key).map(|(cert, key)| Pair { cert, key }))
    }

    fn write(&self, stem: &str, pair: &Pair) -> anyhow::Result<()> {
        files::write(
            &self.0.join(format!("{stem}.key")),
            pair.key.as_bytes(),
            Readers::OwnerOnly,
        )?;
        files::write(
            &self.0.join(format!("{stem}.crt")),
            pair.cert.as_bytes(),
            Readers::Everyone,
        )
    }
}

#[cfg(test)]
#[path = "dev_tests.rs"]
mod tests;
