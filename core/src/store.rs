//! TEMPORARY until the config reader lands.
use crate::config::{Config, key};

/// The five backing stores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs)]
pub enum Store {
    EmbeddedDatabase,
    ExternalDatabase,
    EmbeddedEtcd,
    DeployedEtcd,
    ExternalEtcd,
}
impl Store {
    /// order of config.go:1029
    #[must_use]
    pub fn of(c: &Config) -> Self {
        if c.flag(key::EMBEDDED_ETCD_ENABLED) {
            Self::EmbeddedEtcd
        } else if c.flag(key::EXTERNAL_ETCD_ENABLED) {
            Self::ExternalEtcd
        } else if c.flag(key::DEPLOYED_ETCD_ENABLED) {
            Self::DeployedEtcd
        } else if c.flag(key::EMBEDDED_DB_ENABLED) {
            Self::EmbeddedDatabase
        } else if c.flag(key::EXTERNAL_DB_ENABLED) {
            Self::ExternalDatabase
        } else {
            Self::EmbeddedDatabase
        }
    }
    /// name
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EmbeddedDatabase => "embedded-database",
            Self::ExternalDatabase => "external-database",
            Self::EmbeddedEtcd => "embedded-etcd",
            Self::DeployedEtcd => "deployed-etcd",
            Self::ExternalEtcd => "external-etcd",
        }
    }
}
impl Store {
    /// words
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::EmbeddedDatabase => "embedded database",
            Self::ExternalDatabase => "external database",
            Self::EmbeddedEtcd => "embedded etcd",
            Self::DeployedEtcd => "deployed etcd",
            Self::ExternalEtcd => "external etcd",
        }
    }
    /// by name
    #[must_use]
    pub fn from_name(n: &str) -> Option<Self> {
        [
            Self::EmbeddedDatabase,
            Self::ExternalDatabase,
            Self::EmbeddedEtcd,
            Self::DeployedEtcd,
            Self::ExternalEtcd,
        ]
        .into_iter()
        .find(|s| s.as_str() == n)
    }
}
