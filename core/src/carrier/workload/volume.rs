//! The volumes of a pod, and where they are mounted.

use alloc::string::String;
use alloc::vec::Vec;

use serde::Deserialize;

use crate::object::or_default;

/// A volume mount.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the names of the Kubernetes API")]
pub struct Mount {
    #[serde(deserialize_with = "or_default")]
    pub name: String,
}

/// A pod volume with the sources that matter here.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the names of the Kubernetes API")]
pub struct Volume {
    #[serde(deserialize_with = "or_default")]
    pub name: String,
    pub secret: Option<SecretSource>,
    pub projected: Option<Projected>,
    pub persistent_volume_claim: Option<ClaimSource>,
    pub empty_dir: Option<EmptyDir>,
    pub host_path: Option<HostPath>,
    pub ephemeral: Option<serde::de::IgnoredAny>,
    pub csi: Option<serde::de::IgnoredAny>,
}

/// `secret` of a volume.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the names of the Kubernetes API")]
pub struct SecretSource {
    #[serde(deserialize_with = "or_default")]
    pub secret_name: String,
}

/// `persistentVolumeClaim` of a volume.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the names of the Kubernetes API")]
pub struct ClaimSource {
    #[serde(deserialize_with = "or_default")]
    pub claim_name: String,
}

/// `emptyDir` of a volume.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the names of the Kubernetes API")]
pub struct EmptyDir {
    #[serde(deserialize_with = "or_default")]
    pub medium: String,
}

/// `hostPath` of a volume.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the names of the Kubernetes API")]
pub struct HostPath {
    #[serde(deserialize_with = "or_default")]
    pub path: String,
}

/// `projected` of a volume: several sources in one directory.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the names of the Kubernetes API")]
pub struct Projected {
    #[serde(deserialize_with = "or_default")]
    pub sources: Vec<ProjectedSource>,
}

/// One source of a projected volume.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the names of the Kubernetes API")]
pub struct ProjectedSource {
    pub secret: Option<ProjectedSecret>,
}

/// `secret` of a projected volume, which names it by another key than a volume does.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the names of the Kubernetes API")]
pub struct ProjectedSecret {
    #[serde(deserialize_with = "or_default")]
    pub name: String,
}

impl Volume {
    /// Names of the Secrets it mounts, by itself or projected.
    pub fn secrets(&self) -> impl Iterator<Item = &str> + Clone {
        let own = self.secret.iter().map(|secret| secret.secret_name.as_str());
        let projected = self.projected.iter().flat_map(|projected| &projected.sources);
        own.chain(projected.filter_map(|source| Some(source.secret.as_ref()?.name.as_str())))
    }
}

#[cfg(test)]
mod tests {
    use crate::carrier::workload::Workload;
    use serde_json::json;

    #[test]
    fn a_projected_config_secret_is_seen_like_a_mounted_one() {
        let volumes = json!([
            {"name": "token", "projected": {"sources": [{"serviceAccountToken": {"path": "t"}}, {"secret": null}]}},
            {"name": "none", "projected": {"sources": null}},
            {"name": "config", "projected": {"sources": [{"secret": {"name": "other"}}, {"secret": {"name": "vc-config-a"}}]}},
            {"name": "second", "secret": {"secretName": "vc-config-b"}},
        ]);
        let named = |name: &str| -> Workload {
            let spec = json!({"template": {"spec": {"volumes": volumes}}});
            serde_json::from_value(json!({"metadata": {"name": name}, "spec": spec})).unwrap()
        };
        assert_eq!(named("x").config_secret(), Some("vc-config-a"));
        assert_eq!(named("b").config_secret(), Some("vc-config-b"));
    }
}
