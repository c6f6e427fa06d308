//! Which part of the cluster is read.

/// One namespace, or all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Scope {
    /// The whole cluster.
    All,
    /// One namespace.
    Namespace(String),
}
