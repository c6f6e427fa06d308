//! The guard in the cluster: its own chart by helm, with the Service pointed at a local process.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use serde_json::json;

use super::control_plane::ControlPlane;
use super::files::write;
use super::guard::{Guard, Settings};
use super::programs::loopback;
use super::samples::{PRO, Samples};
use super::wait::until;

/// Where the guard is installed; also the name of its release, Service and service account.
const GUARD_NAMESPACE: &str = "vcluster-guard";

/// A user of whom the webhooks do not ask: what it makes stands as if it had been there before the guard came.
pub(crate) const UNSEEN: &str = "before-the-guard";

const CALL_LIMIT: Duration = Duration::from_secs(30);

/// A cluster with the guard's chart installed and the guard running.
pub(crate) struct Installed {
    // The guard ends before the cluster that it is part of.
    guard: Option<Guard>,
    pub(crate) cluster: ControlPlane,
}

impl Installed {
    /// Starts everything and returns when the API server calls the guard. `before` puts things into the cluster
    /// before the guard comes. The webhooks do not ask of what [`UNSEEN`] does.
    pub(crate) fn start(before: impl FnOnce(&ControlPlane) -> anyhow::Result<()>) -> anyhow::Result<Self> {
        let seen = json!([{"name": "seen", "expression": format!("request.userInfo.username != '{UNSEEN}'")}]);
        let seen = format!("validating.matchConditions={seen},mutating.matchConditions={seen}");
        Self::start_with(&["--set-json", &seen], before)
    }

    /// The same with other values of the chart, given as flags of helm.
    pub(crate) fn start_with(
        values: &[&str],
        before: impl FnOnce(&ControlPlane) -> anyhow::Result<()>,
    ) -> anyhow::Result<Self> {
        let cluster = ControlPlane::start()?;
        before(&cluster)?;
        let host = format!("{GUARD_NAMESPACE}.{GUARD_NAMESPACE}.svc");
        let serving = cluster.authority.server("guard", &[&host, "localhost", "127.0.0.1"])?;
        let webhook = loopback()?;
        install_chart(&cluster, webhook.port(), values)?;
        let kubeconfig = cluster.service_account_kubeconfig(GUARD_NAMESPACE, GUARD_NAMESPACE)?;
        let settings = Settings {
            webhook,
            health: loopback()?,
            metrics: loopback()?,
            serving,
            kubeconfig,
            policy: mounted_policy(&cluster)?,
        };
        let guard = Guard::start(&cluster.processes, settings)?;
        let installed = Self {
            guard: Some(guard),
            cluster,
        };
        installed.wait_until_called()?;
        Ok(installed)
    }

    /// Shows the guard the policy that the chart has now, as the kubelet does, and waits until it has read it.
    pub(crate) fn remount_policy(&self) -> anyhow::Result<()> {
        let guard = self.guard()?;
        let reloads = || guard.log().matches("policy reloaded").count();
        let before = reloads();
        mounted_policy(&self.cluster)?;
        until("the guard to read its policy again", CALL_LIMIT, || {
            Ok((reloads() > before).then_some(()))
        })
    }

    /// The kubeconfig of the account that the chart gives to the auditor.
    pub(crate) fn auditor(&self) -> anyhow::Result<PathBuf> {
        let name = format!("{GUARD_NAMESPACE}-audit");
        self.cluster.service_account_kubeconfig(GUARD_NAMESPACE, &name)
    }

    /// The running guard.
    pub(crate) fn guard(&self) -> anyhow::Result<&Guard> {
        self.guard.as_ref().context("the guard is down")
    }

    /// Runs `work` while nobody answers the webhook calls, and brings the guard back after it.
    pub(crate) fn while_down<T>(&mut self, work: impl FnOnce(&ControlPlane) -> T) -> anyhow::Result<T> {
        let settings = self.guard.take().context("the guard is down already")?.kill()?;
        // The other tests need the guard back, also after a failure of this one.
        let result = catch_unwind(AssertUnwindSafe(|| work(&self.cluster)));
        self.guard = Some(Guard::start(&self.cluster.processes, settings)?);
        self.wait_until_called()?;
        result.or_else(|panic| resume_unwind(panic))
    }

    // A webhook configuration takes a moment until the API server acts on it, and each of the two by
    // itself. A dry run of a vCluster shows it without leaving anything behind.
    fn wait_until_called(&self) -> anyhow::Result<()> {
        let guard = self.guard()?;
        let probe = Samples::new("default", "probe").workload(1, PRO).to_string();
        let (validated, mutated) = (guard.reviews("/validate")?, guard.reviews("/mutate")?);
        until("the API server to call the guard", CALL_LIMIT, || {
            self.cluster
                .kubectl(&["create", "--dry-run=server", "-f", "-"], &probe)?;
            let called = guard.reviews("/validate")? > validated && guard.reviews("/mutate")? > mutated;
            Ok(called.then_some(()))
        })
        .with_context(|| format!("the webhooks are not in effect; the guard says:\n{}", guard.log()))
    }
}

// What the kubelet makes of the chart's ConfigMap. A rename, so that the guard reads all of it or nothing.
fn mounted_policy(cluster: &ControlPlane) -> anyhow::Result<PathBuf> {
    let text = r"-o=jsonpath={.data.policy\.yaml}";
    let get = ["get", "configmap", GUARD_NAMESPACE, "-n", GUARD_NAMESPACE, text];
    let policy = cluster.kubectl(&get, "")?.success()?.stdout;
    let new = write(cluster.processes.directory(), "policy.yaml.new", &policy)?;
    let mounted = new.with_extension("");
    std::fs::rename(&new, &mounted).context("failed to put the policy in place")?;
    Ok(mounted)
}

// The Service is of type ExternalName: the API server then dials the local guard, and still asks for the
// certificate of NAME.NAMESPACE.svc, so the chart's configurations are tested as they are.
fn install_chart(cluster: &ControlPlane, port: u16, values: &[&str]) -> anyhow::Result<()> {
    let authority = write(cluster.processes.directory(), "guard-ca.crt", &cluster.authority.pem())?;
    let flags = [
        "install",
        GUARD_NAMESPACE,
        "deploy/chart",
        "--namespace",
        GUARD_NAMESPACE,
        "--create-namespace",
        "--set",
        &format!(
            "deployment.enabled=false,audit.enabled=true,service.create=false,service.port={port},certificates.mode=secret"
        ),
        "--set-file",
        &format!("certificates.caBundle={}", authority.display()),
    ];
    let install = cluster.helm(&[&flags, values].concat())?;
    install.success().context("failed to install the chart")?;
    let service = ["create", "service", "externalname", GUARD_NAMESPACE];
    let target = ["--external-name=localhost", "-n", GUARD_NAMESPACE];
    cluster
        .kubectl(&[service.as_slice(), &target].concat(), "")?
        .success()?;
    Ok(())
}
