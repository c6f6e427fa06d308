//! Which apiserver to ask, and as whom: the same for the webhook's look-ups and the audit.

use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use kube::config::{KubeConfigOptions, Kubeconfig};

/// Flags of every command that asks a cluster.
#[derive(Debug, Default, clap::Args)]
#[group(skip)]
pub(crate) struct Flags {
    /// Kubeconfig of the cluster; without it KUBECONFIG, ~/.kube/config or the service account of a pod
    #[arg(long, value_name = "FILE", env = "VCLUSTER_GUARD_KUBECONFIG")]
    pub(crate) kubeconfig: Option<PathBuf>,
    /// Context of the kubeconfig
    #[arg(long, value_name = "NAME", env = "VCLUSTER_GUARD_KUBE_CONTEXT")]
    pub(crate) kube_context: Option<String>,
}

/// Reads which cluster to ask. A configuration that was named must be there; one that is only looked for (KUBECONFIG,
/// `~/.kube/config`, the service account) may be missing.
pub(crate) async fn find(flags: &Flags) -> anyhow::Result<Option<kube::Config>> {
    let options = KubeConfigOptions {
        context: flags.kube_context.clone(),
        ..KubeConfigOptions::default()
    };
    let config = match (flags.kubeconfig.as_deref(), &flags.kube_context) {
        (Some(file), _) => named(file, &options).await?,
        (None, Some(name)) => kube::Config::from_kubeconfig(&options)
            .await
            .with_context(|| format!("failed to use the context {name:?} of the kubeconfig"))?,
        (None, None) => match kube::Config::infer().await {
            Ok(config) => config,
            Err(error) => {
                if is_promised() {
                    tracing::warn!(%error, "the environment names a cluster that cannot be used");
                }
                return Ok(None);
            }
        },
    };
    Ok(Some(config))
}

/// Whether the environment says that there is a cluster: then its absence is a mistake.
fn is_promised() -> bool {
    ["KUBECONFIG", "KUBERNETES_SERVICE_HOST"]
        .into_iter()
        .any(|name| std::env::var_os(name).is_some())
}

async fn named(file: &Path, options: &KubeConfigOptions) -> anyhow::Result<kube::Config> {
    let read = Kubeconfig::read_from(file).map_err(|error| {
        // Each of kube's errors says the words of its cause, too: the last one says it all.
        let cause = anyhow::Error::from(error);
        anyhow!(
            "failed to read the kubeconfig {}: {}; give another --kubeconfig",
            file.display(),
            cause.root_cause()
        )
    })?;
    kube::Config::from_custom_kubeconfig(read, options)
        .await
        .with_context(|| format!("failed to use the kubeconfig {}", file.display()))
}

/// A client for that apiserver. Nothing is sent yet.
pub(crate) fn client(config: kube::Config) -> anyhow::Result<kube::Client> {
    let url = config.cluster_url.to_string();
    kube::Client::try_from(config).with_context(|| format!("failed to make a client for {url}"))
}
