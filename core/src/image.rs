//! Image references, and what is known of vCluster's images.
//!
//! Facts, from the release configuration at every tag of loft-sh/vcluster: `ghcr.io/loft-sh/vcluster` was pushed
//! up to 0.24.x and 0.25.0-alpha.2 and is built no more since 0.25.0-beta.1 (commit 74c7b8051); `vcluster-oss`
//! exists from 0.20.0-alpha.4 on, and wherever both exist they are one build under two names.

mod plan;

pub use plan::{Plan, plan};

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use semver::Version;
use serde::Deserialize;

/// Policy for images (`images:` of the policy file).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Images {
    /// Whether deprecated references are rewritten at all.
    pub rewrite: bool,
    /// Registries (`host` or `host/prefix`) that are known to hold `vcluster-oss` too.
    pub registries: Vec<String>,
    /// What is done about floating tags of the deprecated image.
    pub floating_tags: FloatingTags,
    /// Digest of `vcluster` to digest of `vcluster-oss`, for pinned references.
    pub digests: BTreeMap<String, String>,
}

/// What is done about `latest`, `0` and no tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FloatingTags {
    /// Nothing.
    Allow,
    /// A warning.
    Warn,
    /// A denial.
    Deny,
}

impl Default for Images {
    fn default() -> Self {
        let registries = ["ghcr.io", DOCKER_HUB].map(String::from).to_vec();
        Self {
            rewrite: true,
            registries,
            floating_tags: FloatingTags::Warn,
            digests: BTreeMap::new(),
        }
    }
}

/// The registry of a reference that names none.
pub const DOCKER_HUB: &str = "docker.io";
/// The name under which the open-source build lives on.
pub(crate) const OSS: &str = "vcluster-oss";

/// A reference, split as container runtimes split it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Reference<'a> {
    /// `ghcr.io`, if the reference names one.
    pub registry: Option<&'a str>,
    /// `loft-sh/vcluster`
    pub path: &'a str,
    /// `0.24.1`
    pub tag: Option<&'a str>,
    /// `sha256:…`
    pub digest: Option<&'a str>,
}

impl<'a> Reference<'a> {
    /// Splits a reference. Total: what is odd ends up in the path.
    #[must_use]
    pub fn parse(text: &'a str) -> Self {
        let (rest, digest) = text
            .split_once('@')
            .map_or((text, None), |(rest, digest)| (rest, Some(digest)));
        // A colon after the last slash starts the tag; one before it is a port.
        let (rest, tag) = match rest.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
            _ => (rest, None),
        };
        match rest.split_once('/') {
            Some((first, path)) if is_registry(first) => Self {
                registry: Some(first),
                path,
                tag,
                digest,
            },
            _ => Self {
                registry: None,
                path: rest,
                tag,
                digest,
            },
        }
    }

    /// The registry, with Docker Hub's names made one.
    #[must_use]
    pub fn effective_registry(&self) -> &'a str {
        match self.registry {
            None | Some("index.docker.io" | "registry-1.docker.io") => DOCKER_HUB,
            Some(registry) => registry,
        }
    }

    /// The last path segment: `vcluster`, `vcluster-oss`, `vcluster-pro` …
    #[must_use]
    pub fn repository(&self) -> &'a str {
        self.path.rsplit('/').next().unwrap_or(self.path)
    }

    fn last_two(&self) -> (&'a str, &'a str) {
        let (rest, last) = self.path.rsplit_once('/').unwrap_or(("", self.path));
        (rest.rsplit('/').next().unwrap_or(rest), last)
    }

    /// Whether it is the image that is built no more: the last two segments, exactly.
    #[must_use]
    pub fn is_deprecated(&self) -> bool {
        match self.last_two() {
            ("loft-sh", "vcluster") => true,
            // The vendor's name on Docker Hub has no hyphen; mirrors of Docker Hub keep it.
            ("loftsh", "vcluster") => self.effective_registry() != "ghcr.io",
            _ => false,
        }
    }

    /// Whether the open-source build is meant, which lacks the Pro features.
    #[must_use]
    pub fn is_open_source(&self) -> bool {
        self.is_deprecated() || self.last_two() == ("loft-sh", OSS)
    }

    /// Whether a vCluster's control plane runs it. Mirrors may keep the last segment alone, which is told apart only where
    /// the vendor chose a name of its own.
    #[must_use]
    pub fn is_control_plane(&self) -> bool {
        self.is_deprecated() || matches!(self.last_two().1, OSS | "vcluster-pro" | "vcluster-pro-fips")
    }

    /// The registry that stands within the repository: `ghcr.io/ghcr.io/loft-sh/…`, or `ghcr.io/mirror.example/loft-sh/…`,
    /// since no organisation of the public registries has a dot in its name. A mirror may well keep the names of the
    /// registries that it mirrors.
    #[must_use]
    pub fn registry_within(&self) -> Option<&'a str> {
        let (first, _) = self.path.split_once('/')?;
        let is_public = matches!(self.effective_registry(), "ghcr.io" | DOCKER_HUB);
        (self.registry? == first || is_public && first.contains(HOST_MARKS)).then_some(first)
    }

    /// The version that the tag names, without an architecture suffix.
    #[must_use]
    pub fn version(&self) -> Option<Version> {
        Version::parse(self.plain_tag()?).ok()
    }

    fn plain_tag(&self) -> Option<&'a str> {
        let tag = self.tag?;
        Some(
            tag.strip_suffix("-amd64")
                .or_else(|| tag.strip_suffix("-arm64v8"))
                .unwrap_or(tag),
        )
    }
}

impl core::fmt::Display for Reference<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        if let Some(registry) = self.registry {
            write!(f, "{registry}/")?;
        }
        f.write_str(self.path)?;
        if let Some(tag) = self.tag {
            write!(f, ":{tag}")?;
        }
        self.digest.map_or(Ok(()), |digest| write!(f, "@{digest}"))
    }
}

/// What the name of a host has, or its port; `localhost` has neither.
const HOST_MARKS: [char; 2] = ['.', ':'];

fn is_registry(first_segment: &str) -> bool {
    first_segment.contains(HOST_MARKS) || first_segment == "localhost"
}

/// The image that the chart makes of the values (vcluster: chart/templates/_helper.tpl, `vcluster.image`).
#[must_use]
pub fn from_values(default_registry: &str, registry: &str, repository: &str, tag: &str) -> String {
    let registry = if default_registry.is_empty() {
        registry
    } else {
        default_registry
    };
    let name = if registry.is_empty() {
        repository.to_string()
    } else {
        format!("{registry}/{repository}")
    };
    if tag.is_empty() { name } else { format!("{name}:{tag}") }
}
