//! Rewrites `loft-sh/vcluster` to `loft-sh/vcluster-oss`: the same build under the name that lives on.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::Value;

use crate::carrier::workload::{Container, Workload};
use crate::case::image::COPY;
use crate::image::{self, Images, Plan};
use crate::policy::Settings;
use crate::recognise::{Identity, Role, SYNCER};

use super::{Edit, Mend, Op, REWRITTEN_FROM};

/// One image to be replaced.
struct Target<'a> {
    list: &'static str,
    index: usize,
    container: &'a Container,
    plan: Plan,
}

impl Target<'_> {
    fn after(&self) -> &str {
        match &self.plan {
            Plan::Rewrite(to) => to,
            _ => &self.container.image,
        }
    }
}

pub(super) fn rewrite(
    workload: &Workload,
    identity: &Identity,
    settings: &Settings<'_>,
    mend: &mut Mend,
    annotations: &mut Vec<(&'static str, String)>,
) {
    let images = &settings.policy.images;
    if !images.rewrite || identity.role != Role::ControlPlane {
        return;
    }
    let targets = targets(workload, images);
    if !stays_one_build(&targets) {
        return;
    }
    let Some(first) = targets.iter().find(|target| matches!(target.plan, Plan::Rewrite(_))) else {
        return;
    };
    for target in targets.iter().filter(|target| matches!(target.plan, Plan::Rewrite(_))) {
        let index = target.index.to_string();
        let path = ["spec", "template", "spec", target.list, &index, "image"];
        mend.edits
            .push(Edit::new(Op::Replace, &path, Value::String(target.after().into())));
    }
    annotations.push((REWRITTEN_FROM, first.container.image.clone()));
    mend.notes.push(format!(
        "img-rewrite: image {} was rewritten to {}; set controlPlane.statefulSet.image.repository to \
         loft-sh/vcluster-oss in the values",
        first.container.image,
        first.after(),
    ));
}

/// The containers of the control plane's own build.
fn targets<'a>(workload: &'a Workload, images: &Images) -> Vec<Target<'a>> {
    let pod = &workload.spec.template.spec;
    let lists = [
        ("containers", &pod.containers),
        ("initContainers", &pod.init_containers),
    ];
    let all = lists.into_iter().flat_map(|(list, items)| {
        let numbered = items.iter().enumerate();
        numbered.map(move |(index, container)| (list, index, container))
    });
    all.filter(|(_, _, container)| container.name == SYNCER || container.name == COPY)
        .map(|(list, index, container)| Target {
            list,
            index,
            container,
            plan: image::plan(&container.image, &container.image_pull_policy, images),
        })
        .collect()
}

/// `syncer` and `vcluster-copy` run one build. Rewriting one of them alone would mix two.
fn stays_one_build(targets: &[Target<'_>]) -> bool {
    match targets {
        [one, two] => {
            let both = [one, two].iter().all(|target| matches!(target.plan, Plan::Rewrite(_)));
            both || one.after() == two.after()
        }
        _ => true,
    }
}
