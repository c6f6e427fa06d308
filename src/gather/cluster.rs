//! The cluster that look-ups go to, if there is one.

use std::borrow::Cow;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, anyhow};
use kube::config::{KubeConfigOptions, Kubeconfig};

use super::Lookup;

/// A connection that is not up within the deadline of a look-up is of no use to it.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// Where look-ups go, or why they go nowhere.
#[derive(Debug)]
pub(crate) enum Access {
    Cluster(Cluster),
    None(Cow<'static, str>),
}

/// An apiserver. Connections are made by the first look-up, so a cluster that is down does not hold up the start.
pub(crate) struct Cluster {
    client: kube::Client,
    url: String,
}

impl std::fmt::Debug for Cluster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cluster")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

/// Reads which cluster to ask. A configuration that was named must be there; one that is only looked for (KUBECONFIG,
/// `~/.kube/config`, the service account) may be missing.
pub(crate) async fn connect(kubeconfig: Option<&Path>, context: Option<&str>) -> anyhow::Result<Access> {
    let options = KubeConfigOptions {
        context: context.map(ToOwned::to_owned),
        ..KubeConfigOptions::default()
    };
    let config = match (kubeconfig, context) {
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
                return Ok(Access::None(Cow::Borrowed("no cluster")));
            }
        },
    };
    Cluster::new(config).map(Access::Cluster)
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

impl Cluster {
    pub(super) fn new(mut config: kube::Config) -> anyhow::Result<Self> {
        config.connect_timeout = Some(CONNECT_TIMEOUT);
        // The deadline of a look-up is shorter than the first pause of a retry.
        config.default_retry = false;
        let url = config.cluster_url.to_string();
        let client = kube::Client::try_from(config).with_context(|| format!("failed to make a client for {url}"))?;
        Ok(Self { client, url })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// GETs one object as text.
    pub(super) async fn get(&self, path: &str) -> Lookup<String> {
        let Ok(request) = http::Request::get(path).body(Vec::new()) else {
            return Lookup::Unknown(Cow::Borrowed("not a path"));
        };
        match self.client.request_text(request).await {
            Ok(text) => Lookup::Found(text),
            Err(kube::Error::Api(status)) if status.code == 404 => Lookup::Absent,
            Err(kube::Error::Api(status)) if status.code == 403 => {
                Lookup::Unknown(Cow::Borrowed("this server's account may not read it"))
            }
            // The apiserver's own words may quote the object: the code says enough.
            Err(kube::Error::Api(status)) => Lookup::Unknown(format!("the apiserver answered {}", status.code).into()),
            Err(_) => Lookup::Unknown(Cow::Borrowed("the apiserver could not be reached")),
        }
    }
}
