//! What is to be done about an image reference.

use alloc::format;
use alloc::string::String;

use semver::Version;

use super::{DOCKER_HUB, Images, OSS, Reference};

/// What is to be done about a reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plan {
    /// Not the deprecated image.
    Keep,
    /// A development build under the deprecated name: somebody knows what they do.
    Development,
    /// The same build under its living name.
    Rewrite(String),
    /// `latest`, `0` or no tag: froze under this name, moves under the other.
    Floating,
    /// Older than the first `vcluster-oss`.
    TooOld,
    /// Pinned by digest, and no digest of the other name is known.
    Digest,
    /// A registry that may not hold `vcluster-oss`.
    Mirror,
    /// Never published under this name, in a registry that we may not rewrite.
    Nonexistent,
}

/// Decides about one container's image.
#[must_use]
pub fn plan(image: &str, pull_policy: &str, images: &Images) -> Plan {
    let reference = Reference::parse(image);
    if !reference.is_deprecated() || reference.registry_within().is_some() {
        return Plan::Keep;
    }
    if is_development(&reference, pull_policy) {
        return Plan::Development;
    }
    if let Some(digest) = reference.digest {
        return match images.digests.get(digest) {
            Some(other) if may_rewrite(&reference, images) => Plan::Rewrite(renamed(&reference, Some(other))),
            _ => Plan::Digest,
        };
    }
    let (published, too_old) = match (reference.version(), minor(&reference)) {
        (Some(version), _) => (
            version < Version::parse("0.25.0-beta.1").unwrap_or(version.clone()),
            is_too_old(&version),
        ),
        (None, Some((major, minor))) => ((major, minor) < (0, 25), (major, minor) < (0, 20)),
        (None, None) if reference.tag.is_some_and(is_prefixed_version) => return Plan::Nonexistent,
        (None, None) => return Plan::Floating,
    };
    match (too_old, may_rewrite(&reference, images), published) {
        (true, _, _) => Plan::TooOld,
        (false, true, _) => Plan::Rewrite(renamed(&reference, None)),
        (false, false, true) => Plan::Mirror,
        (false, false, false) => Plan::Nonexistent,
    }
}

/// 0.19.6 to 0.19.10 came out later than 0.20.0-alpha.4 and still have no `vcluster-oss`.
fn is_too_old(version: &Version) -> bool {
    Version::parse("0.20.0-alpha.4").is_ok_and(|first| *version < first)
}

/// `X.Y`
fn minor(reference: &Reference<'_>) -> Option<(u64, u64)> {
    let (major, minor) = reference.plain_tag()?.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// `v0.24.1`: tags of vCluster's images have no `v`.
fn is_prefixed_version(tag: &str) -> bool {
    tag.strip_prefix('v').is_some_and(|rest| Version::parse(rest).is_ok())
}

fn may_rewrite(reference: &Reference<'_>, images: &Images) -> bool {
    let registry = reference.effective_registry();
    // On the vendor's own registries only the vendor's own path is known; elsewhere any prefix may be a mirror's.
    let own = matches!(registry, "ghcr.io" | DOCKER_HUB);
    if own && reference.path != "loft-sh/vcluster" {
        return false;
    }
    let full = format!("{registry}/{}", reference.path);
    let covers = |entry: &String| {
        full.strip_prefix(entry.trim_end_matches('/'))
            .is_some_and(|rest| rest.starts_with('/'))
    };
    reference.last_two().0 == "loft-sh" && images.registries.iter().any(covers)
}

fn renamed(reference: &Reference<'_>, digest: Option<&str>) -> String {
    let prefix = reference.path.strip_suffix("vcluster").unwrap_or(reference.path);
    let mut out = reference
        .registry
        .map(|registry| format!("{registry}/"))
        .unwrap_or_default();
    out.push_str(prefix);
    out.push_str(OSS);
    for (mark, part) in [(':', reference.tag), ('@', digest)] {
        if let Some(part) = part {
            out.push(mark);
            out.push_str(part);
        }
    }
    out
}

/// Development builds are left alone silently: local registries, `…-next…`, commit hashes, names with `test`.
fn is_development(reference: &Reference<'_>, pull_policy: &str) -> bool {
    let host = reference
        .registry
        .map_or("", |registry| registry.split(':').next().unwrap_or(registry));
    let local = host == "localhost" || host == "127.0.0.1" || host.starts_with("kind-") || host.ends_with(".localhost");
    let tag = reference.tag.unwrap_or_default();
    let words = || {
        reference
            .path
            .split(['/', '-', '_', '.'])
            .chain(tag.split(['-', '_', '.']))
    };
    let hash = (7..=64).contains(&tag.len())
        && tag.bytes().all(|b| b.is_ascii_hexdigit())
        && tag.bytes().any(|b| b.is_ascii_alphabetic());
    pull_policy == "Never"
        || local
        || tag == "next"
        || tag.contains("-next")
        || hash
        || words().any(|word| word == "test")
}
