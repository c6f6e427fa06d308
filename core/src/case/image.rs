//! The images of the control plane: as the workload has them, else as the chart will make them.

use alloc::borrow::Cow;
use alloc::rc::Rc;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::cell::OnceCell;

use crate::config::key;
use crate::image::{self, Plan};
use crate::recognise::SYNCER;
use crate::rule::Part;

use super::Case;

/// The init container that copies vCluster's binary (charts 0.19 to 0.24); it runs the same image as `syncer`.
pub const COPY: &str = "vcluster-copy";

/// What is worked out of one state for all rules.
#[derive(Debug, Default)]
pub(crate) struct Shared<'a> {
    plans: OnceCell<Rc<[(ContainerImage<'a>, Plan)]>>,
}

/// One container's image.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ContainerImage<'a> {
    /// `syncer` or `vcluster-copy`.
    pub container: &'static str,
    /// The reference as written.
    pub image: Cow<'a, str>,
    /// `imagePullPolicy`
    pub pull_policy: &'a str,
    /// Where it is written.
    pub part: Part,
}

impl ContainerImage<'_> {
    /// Where it is written, for messages.
    #[must_use]
    pub fn path(&self) -> &'static str {
        match (self.part, self.container) {
            (Part::Config, _) => key::IMAGE.path,
            (_, COPY) => "spec.template.spec.initContainers[vcluster-copy].image",
            _ => "spec.template.spec.containers[syncer].image",
        }
    }
}

impl<'a> Case<'a> {
    /// The images that vCluster itself runs in this release: `syncer`, and `vcluster-copy` where there is one.
    #[must_use]
    pub fn images(&self) -> Vec<ContainerImage<'a>> {
        self.saw("image", self.find_images())
    }

    fn find_images(&self) -> Vec<ContainerImage<'a>> {
        match self.workload_at_hand() {
            Some(workload) => [SYNCER, COPY]
                .into_iter()
                .filter_map(|name| {
                    let container = workload.all_containers().find(|container| container.name == name)?;
                    Some(ContainerImage {
                        container: name,
                        image: Cow::Borrowed(container.image.as_str()),
                        pull_policy: &container.image_pull_policy,
                        part: Part::Workload,
                    })
                })
                .collect(),
            None => self.image_of_config().into_iter().collect(),
        }
    }

    /// The chart's `vcluster.controlPlane.image`; an empty tag means the chart's version, which the label tells.
    fn image_of_config(&self) -> Option<ContainerImage<'a>> {
        let secret = self.config_secret().ok()?;
        let config = secret.config().ok()?;
        let written = config.any(key::IMAGE);
        let part = |name: &str| {
            written
                .get(name)
                .and_then(serde_json::Value::as_str)
                .unwrap_or_default()
        };
        let chart = secret
            .chart_version()
            .map(|version| version.to_string())
            .unwrap_or_default();
        let tag = if part("tag").is_empty() {
            chart.as_str()
        } else {
            part("tag")
        };
        let default = config.text(key::DEFAULT_IMAGE_REGISTRY);
        let image = match written.as_str() {
            Some(text) => text.into(),
            None if part("repository").is_empty() => return None,
            None => image::from_values(default, part("registry"), part("repository"), tag),
        };
        Some(ContainerImage {
            container: SYNCER,
            image: Cow::Owned(image),
            pull_policy: "",
            part: Part::Config,
        })
    }

    /// What is to be done about each image. A dozen rules ask, so it is worked out once for all of them.
    #[must_use]
    pub fn image_plans(&self) -> Rc<[(ContainerImage<'a>, Plan)]> {
        // Whoever asks has looked at the object that the images come from, also when the answer is at hand.
        if self.workload_at_hand().is_none() {
            let _looked = self.config_secret();
        }
        let plan = |image: ContainerImage<'a>| {
            let plan = image::plan(&image.image, image.pull_policy, self.images);
            (image, plan)
        };
        let plans = self
            .shared
            .plans
            .get_or_init(|| self.find_images().into_iter().map(plan).collect());
        for (image, _) in plans.iter() {
            self.saw("image", image);
        }
        Rc::clone(plans)
    }
}
