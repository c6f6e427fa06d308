//! Image references of the control plane.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::case::image::ContainerImage;
use crate::case::{Case, Places};
use crate::config::key;
use crate::image::{FloatingTags, OSS, Plan, Reference};
use crate::remedy::Change;
use crate::rule::{Family, Found, Judgement, Part, Rule, Severity};

const PLACES: Places = Places::CONFIG.and(Places::WORKLOAD);
const FIX_AT_SOURCE: &str = "set controlPlane.statefulSet.image.repository to loft-sh/vcluster-oss";
const WHY: &str = "release configuration of loft-sh/vcluster at every tag: ghcr.io/loft-sh/vcluster is built no more since \
                   0.25.0-beta.1 (commit 74c7b8051); vcluster-oss exists from 0.20.0-alpha.4 (d1ebef2f9).";

const fn rule(
    id: &'static str,
    title: &'static str,
    consequence: &'static str,
    fix: &'static str,
    judge: fn(&Case<'_>) -> Judgement,
) -> Rule {
    Rule {
        id,
        title,
        family: Family::Image,
        severity: Severity::Warn,
        places: PLACES,
        needs: &[],
        consequence,
        fix,
        why: WHY,
        judge,
    }
}

/// The first image with that plan.
fn planned<'a>(case: &Case<'a>, wanted: fn(&Plan) -> bool) -> Option<(ContainerImage<'a>, Plan)> {
    case.image_plans().iter().find(|(_, plan)| wanted(plan)).cloned()
}

fn found(image: &ContainerImage<'_>, message: String) -> Found {
    Found::new(image.part, Cow::Borrowed(image.path()), message)
}

/// Another repository in the values; a workload is mended on its way into the cluster.
fn repository(case: &Case<'_>, image: &ContainerImage<'_>, change: impl Fn(&str) -> Option<String>) -> Vec<Change> {
    let written = || case.any(key::IMAGE).ok()?.get("repository")?.as_str();
    let repository = (image.part == Part::Config).then(written).flatten().and_then(change);
    let set = |repository| Change::set(format!("{}.repository", key::IMAGE.path), repository);
    repository.map(set).into_iter().collect()
}

/// The deprecated name of an image that lives on.
pub const IMG_REWRITE: Rule = Rule {
    why: "release configuration of loft-sh/vcluster at every tag: ghcr.io/loft-sh/vcluster is built no more since \
          0.25.0-beta.1 (commit 74c7b8051); vcluster-oss exists from 0.20.0-alpha.4 (d1ebef2f9). Seen on a real API server: \
          after the rewrite neither helm upgrade, with --force too, nor server-side apply by the same manager restarts \
          anything; another manager that sends the old name conflicts over it.",
    ..rule(
        "img-rewrite",
        "Deprecated image loft-sh/vcluster",
        "the name gets no more releases, and from 0.25.0-beta.1 on nothing was ever published under it",
        FIX_AT_SOURCE,
        img_rewrite,
    )
};

fn img_rewrite(case: &Case<'_>) -> Judgement {
    let Some((image, Plan::Rewrite(to))) = planned(case, |plan| matches!(plan, Plan::Rewrite(_))) else {
        return Ok(None);
    };
    let reference = Reference::parse(&image.image);
    let note = if reference.effective_registry() == crate::image::DOCKER_HUB {
        "; docker.io serves neither of them, ghcr.io/loft-sh/vcluster-oss is meant"
    } else {
        ""
    };
    let oss = |repository: &str| {
        // The end of the name may be all of it that stands here. A digest would have to change, too.
        let path = repository
            .strip_suffix("vcluster")
            .filter(|_| reference.digest.is_none())?;
        Some(format!("{path}{OSS}"))
    };
    let message = format!("{} is deprecated, {to} is the same build{note}", image.image);
    Ok(Some(found(&image, message).remedy(repository(case, &image, oss))))
}

/// Older than any `vcluster-oss`.
pub const IMG_TAG_TOO_OLD: Rule = rule(
    "img-tag-too-old",
    "Deprecated image without a successor of that version",
    "this version gets no more fixes, and no other image name has it",
    "upgrade vCluster through 0.20",
    img_tag_too_old,
);

fn img_tag_too_old(case: &Case<'_>) -> Judgement {
    let Some((image, _)) = planned(case, |plan| *plan == Plan::TooOld) else {
        return Ok(None);
    };
    let message = format!(
        "{} is deprecated and older than the first vcluster-oss (0.20.0-alpha.4)",
        image.image
    );
    Ok(Some(found(&image, message)))
}

/// A tag that moves under one name and is frozen under the other.
pub const IMG_FLOATING: Rule = rule(
    "img-floating",
    "Deprecated image with a floating tag",
    "the tag froze in June 2025 under this name but moves under vcluster-oss, where a newer vCluster may refuse the config",
    "name a full version as controlPlane.statefulSet.image.tag, and the repository loft-sh/vcluster-oss",
    img_floating,
);

fn img_floating(case: &Case<'_>) -> Judgement {
    let severity = match case.images.floating_tags {
        FloatingTags::Allow => return Ok(None),
        FloatingTags::Warn => Severity::Warn,
        FloatingTags::Deny => Severity::Deny,
    };
    let Some((image, _)) = planned(case, |plan| *plan == Plan::Floating) else {
        return Ok(None);
    };
    let message = format!("{} is deprecated and its tag names no version", image.image);
    Ok(Some(found(&image, message).severity(severity)))
}

/// Pinned by digest.
pub const IMG_DIGEST: Rule = rule(
    "img-digest",
    "Deprecated image pinned by digest",
    "the name gets no more releases; a digest is never dropped, so it is left as it is",
    "pin the digest of vcluster-oss, or map it under images.digests of the policy",
    img_digest,
);

fn img_digest(case: &Case<'_>) -> Judgement {
    let Some((image, _)) = planned(case, |plan| *plan == Plan::Digest) else {
        return Ok(None);
    };
    Ok(Some(found(
        &image,
        format!("{} is deprecated and pinned by digest", image.image),
    )))
}

/// A registry that nobody vouched for.
pub const IMG_MIRROR: Rule = rule(
    "img-mirror",
    "Deprecated image from a mirror",
    "the name gets no more releases; this registry may not hold vcluster-oss, so it is left as it is",
    "mirror loft-sh/vcluster-oss and set controlPlane.statefulSet.image.repository, or list the registry under \
     images.registries of the policy",
    img_mirror,
);

fn img_mirror(case: &Case<'_>) -> Judgement {
    let Some((image, _)) = planned(case, |plan| *plan == Plan::Mirror) else {
        return Ok(None);
    };
    let registry = Reference::parse(&image.image).effective_registry();
    Ok(Some(found(
        &image,
        format!(
            "{} is deprecated, and {registry} is not known to hold vcluster-oss",
            image.image
        ),
    )))
}

/// A development build.
pub const IMG_DEV: Rule = Rule {
    severity: Severity::Info,
    why: "vcluster: the development image is ghcr.io/loft-sh/vcluster:dev-next, loaded into kind; local registries, \
          commit hashes, names with the word test and imagePullPolicy Never are taken for such builds, too.",
    ..rule(
        "img-dev",
        "Development build under the deprecated name",
        "none that its owner does not know of; it is left as it is",
        "nothing to do",
        img_dev,
    )
};

fn img_dev(case: &Case<'_>) -> Judgement {
    let Some((image, _)) = planned(case, |plan| *plan == Plan::Development) else {
        return Ok(None);
    };
    Ok(Some(found(
        &image,
        format!("{} is taken for a development build", image.image),
    )))
}

/// Never published.
pub const IMG_NONEXISTENT: Rule = rule(
    "img-nonexistent",
    "Image that was never published",
    "the pod cannot pull it (ErrImagePull)",
    FIX_AT_SOURCE,
    img_nonexistent,
);

fn img_nonexistent(case: &Case<'_>) -> Judgement {
    let Some((image, _)) = planned(case, |plan| *plan == Plan::Nonexistent) else {
        return Ok(None);
    };
    Ok(Some(found(
        &image,
        format!("{} was never published under this name", image.image),
    )))
}

/// A registry within the repository.
pub const IMG_DOUBLE_REGISTRY: Rule = Rule {
    severity: Severity::Deny,
    why: "docs: troubleshoot/pro-feature-license-error tells users to write it so; vcluster: \
          e2e/test_core/lifecycle/helpers.go:38 notes the trap.",
    ..rule(
        "img-double-registry",
        "Registry given twice",
        "the pod cannot pull it (ErrImagePull)",
        "leave the registry out of controlPlane.statefulSet.image.repository; it stands in image.registry already",
        img_double_registry,
    )
};

fn img_double_registry(case: &Case<'_>) -> Judgement {
    let images = case.images();
    let Some((image, within)) = images
        .iter()
        .find_map(|image| Some((image, Reference::parse(&image.image).registry_within()?)))
    else {
        return Ok(None);
    };
    let registry = Reference::parse(&image.image).registry.unwrap_or_default();
    if registry != within {
        let message = format!("{} names {within} as a repository of {registry}", image.image);
        return Ok(Some(found(image, message).fix(format!(
            "set controlPlane.statefulSet.image.registry to {within}, and leave it out of the repository"
        ))));
    }
    let once = |repository: &str| Some(repository.strip_prefix(registry)?.strip_prefix('/')?.into());
    let message = format!("{} names its registry twice", image.image);
    Ok(Some(found(image, message).remedy(repository(case, image, once))))
}

/// Two builds in one pod.
pub const IMG_MIXED: Rule = rule(
    "img-mixed",
    "Different images for syncer and vcluster-copy",
    "the pod runs one build with the binary of another",
    "let both containers have the same image; the chart sets them together",
    img_mixed,
);

fn img_mixed(case: &Case<'_>) -> Judgement {
    let images = case.images();
    let [syncer, copy] = images.as_slice() else {
        return Ok(None);
    };
    if syncer.image == copy.image {
        return Ok(None);
    }
    Ok(Some(found(
        copy,
        format!("vcluster-copy runs {}, syncer runs {}", copy.image, syncer.image),
    )))
}
