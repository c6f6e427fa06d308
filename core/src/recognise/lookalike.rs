//! Workloads that run a vCluster although nothing we go by says so: no webhook ever sees them.

use alloc::string::String;
use alloc::vec::Vec;

use crate::carrier::workload::{Container, Workload};
use crate::image::Reference;

use super::{APP_CONTROL_PLANE, SYNCER};

/// A variable that the chart has given the container `syncer` since 0.20.
const NAME_VARIABLE: &str = "VCLUSTER_NAME";

/// What makes a workload look like a vCluster, and what it lacks to be known as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lookalike {
    /// The container that runs it.
    pub container: String,
    /// The image of that container.
    pub image: String,
    /// What it lacks, each of which keeps it out of sight.
    pub lacks: Vec<&'static str>,
}

/// Says whether a `StatefulSet` or Deployment looks like a vCluster and is not recognised as one.
#[must_use]
pub fn lookalike(workload: &Workload) -> Option<Lookalike> {
    if super::workload(workload).is_some() {
        return None;
    }
    let container = workload.all_containers().find(|container| runs_vcluster(container))?;
    let selector = &workload.spec.selector.match_labels;
    let lacks = [
        (
            selector.get("app").is_none_or(|app| app != APP_CONTROL_PLANE) || !selector.contains_key("release"),
            "no selector `app: vcluster` with a `release`",
        ),
        (workload.container(SYNCER).is_none(), "no container `syncer`"),
        (
            workload.config_secret().is_none(),
            "no volume of a Secret `vc-config-NAME`",
        ),
    ];
    Some(Lookalike {
        container: container.name.clone(),
        image: container.image.clone(),
        lacks: lacks
            .into_iter()
            .filter_map(|(lacks, what)| lacks.then_some(what))
            .collect(),
    })
}

fn runs_vcluster(container: &Container) -> bool {
    Reference::parse(&container.image).is_control_plane() || container.env.iter().any(|env| env.name == NAME_VARIABLE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn told(selector: &Value, container: &Value, volumes: &Value) -> Option<Lookalike> {
        let template = json!({"spec": {"containers": [container], "volumes": volumes}});
        let spec = json!({"selector": {"matchLabels": selector}, "template": template});
        lookalike(&serde_json::from_value(json!({"metadata": {"name": "demo"}, "spec": spec})).unwrap())
    }

    fn config() -> Value {
        json!([{"name": "config", "secret": {"secretName": "vc-config-demo"}}])
    }

    fn lacks(selector: &Value, container: &Value, volumes: &Value) -> Vec<&'static str> {
        told(selector, container, volumes).unwrap().lacks
    }

    const PRO: &str = "ghcr.io/loft-sh/vcluster-pro:0.36.1";

    #[test]
    fn a_renamed_syncer_is_seen_by_its_image() {
        let renamed = json!({"name": "main", "image": PRO});
        assert_eq!(
            told(&json!({"app": "mine"}), &renamed, &config()),
            Some(Lookalike {
                container: "main".into(),
                image: PRO.into(),
                lacks: alloc::vec!["no selector `app: vcluster` with a `release`", "no container `syncer`"],
            })
        );
    }

    #[test]
    fn a_syncer_without_its_secret_under_another_selector_is_seen() {
        let syncer = json!({"name": "syncer", "image": "registry.corp.example/team/vcluster-oss:0.30.0"});
        assert_eq!(
            lacks(&json!({"app": "vcluster"}), &syncer, &json!([])),
            [
                "no selector `app: vcluster` with a `release`",
                "no volume of a Secret `vc-config-NAME`"
            ]
        );
        let named =
            json!({"name": "syncer", "image": "mirror/vc:1", "env": [{"name": "VCLUSTER_NAME", "value": "demo"}]});
        assert_eq!(lacks(&json!({}), &named, &json!([])).len(), 2);
    }

    #[test]
    fn what_is_recognised_is_no_lookalike() {
        let syncer = json!({"name": "syncer", "image": PRO});
        assert_eq!(told(&json!({}), &syncer, &config()), None);
        let renamed = json!({"name": "main", "image": PRO});
        assert_eq!(
            told(&json!({"app": "vcluster", "release": "demo"}), &renamed, &json!([])),
            None
        );
    }

    #[test]
    fn neighbours_of_vcluster_are_no_vclusters() {
        for image in [
            "ghcr.io/loft-sh/vcluster-platform:4.3.0",
            "ghcr.io/loft-sh/vcluster-cli:0.30.0",
            "ghcr.io/loft-sh/vcluster-hpm:0.1",
            "registry.corp.example/team/vcluster:1",
            "nginx",
        ] {
            let container = json!({"name": "main", "image": image});
            assert_eq!(told(&json!({"app": "mine"}), &container, &json!([])), None, "{image}");
        }
    }
}
