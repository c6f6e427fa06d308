//! Which part of the cluster is read.

use std::str::FromStr;

/// One namespace, or all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Scope {
    /// The whole cluster.
    All,
    /// One namespace.
    Namespace(String),
}

/// A text that names no namespace.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("a namespace is named by at most 63 lower-case letters, digits and dashes")]
pub(crate) struct NoNamespace;

impl Scope {
    /// The one namespace, if it is one.
    pub(crate) fn named(&self) -> Option<&str> {
        match self {
            Self::All => None,
            Self::Namespace(name) => Some(name),
        }
    }

    /// Whether it holds what is in a namespace.
    pub(crate) fn covers(&self, namespace: &str) -> bool {
        self.named().is_none_or(|only| only == namespace)
    }
}

impl FromStr for Scope {
    type Err = NoNamespace;

    /// The name becomes a part of each path that is asked for. An empty one, as an unset variable gives, is all of them.
    fn from_str(name: &str) -> Result<Self, NoNamespace> {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        match name {
            "" => Ok(Self::All),
            name if name.len() <= 63 && name.bytes().all(fits) => Ok(Self::Namespace(name.into())),
            _ => Err(NoNamespace),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_namespace_is_a_label_and_none_is_all() {
        assert_eq!("team-a".parse(), Ok(Scope::Namespace("team-a".into())));
        assert_eq!("".parse(), Ok(Scope::All));
        assert_eq!("a/../b".parse::<Scope>(), Err(NoNamespace));
        assert_eq!("Team".parse::<Scope>(), Err(NoNamespace));
    }
}
