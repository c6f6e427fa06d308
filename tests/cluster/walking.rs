//! docs/audit.md, walked through in a cluster of its own with the guard in mode audit, as a reader would.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::Context;

use crate::console;
use crate::harness::{ControlPlane, Installed, checkout, definitions, guard, program, run, until};

/// One for each replica that keeps state in a claim.
const CLAIMS: usize = 8;

#[test]
fn the_page_about_audits_tells_what_really_happens() {
    let installed = Installed::start_with(&["--set", "policy.mode=audit"], fleet).unwrap();
    console::walk(&checkout().join("docs/audit.md"), |command| {
        let output = as_a_reader(&installed.cluster, checkout(), command).unwrap();
        if command.starts_with("helm upgrade") {
            installed.remount_policy().unwrap();
        }
        output
    });
    let log = installed.guard().unwrap().log();
    assert!(
        log.contains("mode enforce begins; `vcluster-guard audit` tells which"),
        "{log}"
    );
}

/// The vClusters of the page, with the claims that their controllers make.
fn fleet(cluster: &ControlPlane) -> anyhow::Result<()> {
    definitions::install(cluster, &definitions::open_reports(cluster)?)?;
    for manifests in ["examples/audit/namespaces.yaml", "examples/audit"] {
        cluster.kubectl(&["apply", "-f", manifests], "")?.success()?;
    }
    until("the claims of the fleet", Duration::from_secs(60), || {
        let claims = cluster.kubectl(&["get", "pvc", "-A", "-o", "name"], "")?.success()?;
        Ok((claims.stdout.lines().count() == CLAIMS).then_some(()))
    })
}

/// Runs a line of a page, in a directory, in a shell that finds kubectl, helm and the guard.
pub(crate) fn as_a_reader(cluster: &ControlPlane, directory: &Path, line: &str) -> anyhow::Result<String> {
    let (kubectl, guard) = (program("kubectl")?, guard()?);
    let tools = kubectl.parent().context("kubectl lies in no directory")?;
    let own = guard.parent().context("the guard lies in no directory")?;
    let path = std::env::var("PATH").unwrap_or_default();
    let mut shell = Command::new("bash");
    shell
        .args(["-c", &format!("exec 2>&1\n{line}")])
        .env("PATH", format!("{}:{}:{path}", own.display(), tools.display()))
        .env("KUBECONFIG", cluster.admin_kubeconfig())
        .env("HOME", cluster.processes.directory())
        .current_dir(directory);
    Ok(run(&mut shell, "")?.stdout)
}
