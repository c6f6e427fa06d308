//! The cluster that look-ups go to, if there is one.

use std::borrow::Cow;
use std::time::Duration;

use super::Lookup;
use crate::cluster::{self, Flags};

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

/// The cluster that look-ups are to ask.
pub(crate) async fn connect(flags: &Flags) -> anyhow::Result<Access> {
    match cluster::find(flags).await? {
        Some(config) => Cluster::new(config).map(Access::Cluster),
        None => Ok(Access::None(Cow::Borrowed("no cluster"))),
    }
}

impl Cluster {
    pub(super) fn new(mut config: kube::Config) -> anyhow::Result<Self> {
        config.connect_timeout = Some(CONNECT_TIMEOUT);
        // The deadline of a look-up is shorter than the first pause of a retry.
        config.default_retry = false;
        let url = config.cluster_url.to_string();
        Ok(Self {
            client: cluster::client(config)?,
            url,
        })
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
