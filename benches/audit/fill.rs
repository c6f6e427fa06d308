//! Puts objects into the cluster, many at a time.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, ensure};
use kube::config::{KubeConfigOptions, Kubeconfig};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::fleet::{self, Created};

/// vClusters that are created at a time.
const AT_ONCE: usize = 16;

/// Creates the vClusters of these numbers.
pub(crate) async fn vclusters(kubeconfig: &Path, numbers: std::ops::Range<usize>) -> anyhow::Result<()> {
    let client = client(kubeconfig).await?;
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let mut creating = JoinSet::new();
    for number in numbers {
        let place = Arc::clone(&places).acquire_owned().await?;
        let client = client.clone();
        creating.spawn(async move {
            let _place = place;
            create(&client, fleet::vcluster(number)?).await
        });
        while let Some(done) = creating.try_join_next() {
            done??;
        }
    }
    while let Some(done) = creating.join_next().await {
        done??;
    }
    Ok(())
}

/// Creates nodes.
pub(crate) async fn nodes(kubeconfig: &Path, count: usize) -> anyhow::Result<()> {
    create(&client(kubeconfig).await?, fleet::nodes(count)).await
}

async fn create(client: &kube::Client, objects: Vec<Created>) -> anyhow::Result<()> {
    for (path, object) in objects {
        let request = http::Request::post(&path)
            .header("content-type", "application/json")
            .body(kube::client::Body::from(serde_json::to_vec(&object)?))?;
        let answer = client.send(request).await.with_context(|| path.clone())?;
        ensure!(answer.status().is_success(), "{path}: {}", answer.status());
        // The connection is free again only when the answer has been read.
        answer.into_body().collect_bytes().await?;
    }
    Ok(())
}

async fn client(kubeconfig: &Path) -> anyhow::Result<kube::Client> {
    let read = Kubeconfig::read_from(kubeconfig)?;
    let config = kube::Config::from_custom_kubeconfig(read, &KubeConfigOptions::default()).await?;
    Ok(kube::Client::try_from(config)?)
}
