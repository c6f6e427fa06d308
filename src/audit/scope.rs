//! Which part of the cluster is read.

/// One namespace, or all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Scope {
    /// The whole cluster.
    All,
    /// One namespace.
    Namespace(String),
}

impl Scope {
    /// Whether it holds what is in a namespace.
    pub(super) fn covers(&self, namespace: &str) -> bool {
        match self {
            Self::All => true,
            Self::Namespace(only) => only == namespace,
        }
    }
}
