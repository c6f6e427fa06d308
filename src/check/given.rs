//! What a run is given: the flags that `check` and `fix` share, and how they are read.

use std::path::PathBuf;

use vcluster_guard_core::host::KubeVersion;
use vcluster_guard_core::policy::Policy;

use super::files::{self, Texts};
use super::input::Input;
use crate::scope::Scope;

/// Flags of every command that judges files.
#[derive(Debug, clap::Args)]
pub(crate) struct Given {
    /// The release before the change: rules about transitions then decide
    #[arg(long, value_name = "FILE|DIR", env = "VCLUSTER_GUARD_BEFORE")]
    before: Option<PathBuf>,
    /// Other live objects, such as nodes, claims, and the config Secret of a workload that is given alone
    #[arg(long, value_name = "FILE|DIR", env = "VCLUSTER_GUARD_CONTEXT")]
    context: Vec<PathBuf>,
    /// The version of Kubernetes that the host cluster runs, such as 1.30 or v1.36.3: some rules depend on it
    #[arg(long, value_name = "VERSION", env = "VCLUSTER_GUARD_KUBE_VERSION")]
    kube_version: Option<KubeVersion>,
    /// The namespace of what names none: values files, and manifests without metadata.namespace
    #[arg(short, long, value_name = "NAME", env = "VCLUSTER_GUARD_NAMESPACE")]
    namespace: Option<Scope>,
    /// The policy file
    #[arg(long, value_name = "FILE", env = "VCLUSTER_GUARD_CONFIG")]
    config: Option<PathBuf>,
    /// Manifests, values, directories of *.yaml, *.yml and *.json (but no hidden ones), or - for standard input
    #[arg(required = true, value_name = "FILE|DIR|-")]
    files: Vec<PathBuf>,
}

/// What the files are judged with.
#[derive(Debug)]
pub(crate) struct Beside {
    pub(crate) policy: Policy,
    pub(super) before: Option<Input>,
    pub(super) context: Option<Input>,
    pub(super) kube_version: Option<KubeVersion>,
}

impl Given {
    /// Reads the files, or the texts that stand in their place.
    pub(crate) fn files(&self, texts: &Texts) -> anyhow::Result<Input> {
        self.input(&self.files, texts)
    }

    /// Reads everything else.
    pub(crate) fn beside(&self) -> anyhow::Result<Beside> {
        let policy = crate::policy::load(self.config.as_deref())?;
        once_from_stdin(self.files.iter().chain(&self.before).chain(&self.context))?;
        let read = |files: &[PathBuf]| self.input(files, &Texts::new());
        let before = self.before.as_ref().map(|file| read(std::slice::from_ref(file)));
        let context = (!self.context.is_empty()).then(|| read(&self.context));
        Ok(Beside {
            policy,
            before: before.transpose()?,
            context: context.transpose()?,
            kube_version: self.kube_version,
        })
    }

    /// Whether standard input is one of the files.
    pub(crate) fn stdin_is_a_file(&self) -> bool {
        self.files.iter().any(|file| files::is_stdin(file))
    }

    fn input(&self, files: &[PathBuf], texts: &Texts) -> anyhow::Result<Input> {
        Input::read(files, texts, self.namespace.as_ref().and_then(Scope::named))
    }
}

/// What was read from standard input cannot be read again.
pub(crate) fn once_from_stdin<'a>(files: impl Iterator<Item = &'a PathBuf>) -> anyhow::Result<()> {
    if files.filter(|file| files::is_stdin(file)).count() > 1 {
        anyhow::bail!("- stands for standard input, which can be read only once: give a file for the others");
    }
    Ok(())
}
