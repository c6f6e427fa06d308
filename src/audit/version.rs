//! The version of the host cluster, as its API server tells it.

use serde::Deserialize;
use vcluster_guard_core::fact::Fact;
use vcluster_guard_core::host::KubeVersion;

use super::gaps::Gaps;
use super::reader::{Garbled, Reader};

const PATH: &str = "/version";

/// What of `version.Info` is read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Info {
    git_version: String,
}

/// Asks for it. Everybody who has an account may (`system:public-info-viewer`).
pub(super) async fn read(reader: &Reader, gaps: &mut Gaps) -> Fact<KubeVersion> {
    let version = |bytes: &[u8]| {
        let info: Info = serde_json::from_slice(bytes).map_err(|_| Garbled)?;
        info.git_version.parse().map_err(|_| Garbled)
    };
    match reader.get(PATH, version).await {
        Ok(version) => Fact::Known(version),
        Err(failure) => {
            gaps.version(&failure);
            Fact::Unknown
        }
    }
}
