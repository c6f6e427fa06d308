//! Where a vCluster keeps its data, and which changes of that vCluster refuses (vcluster: config/config.go).

use core::fmt;

use serde_json::Value;

use crate::config::{
    Config,
    key::{self, Any, Flag, Key},
};

/// The backing store that vCluster takes a config for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Store {
    /// `SQLite` in the pod; also what no setting at all means.
    EmbeddedDatabase,
    /// A database reached over kine.
    ExternalDatabase,
    /// An etcd member in every replica.
    EmbeddedEtcd,
    /// The `StatefulSet` NAME-etcd of the chart.
    DeployedEtcd,
    /// An etcd that somebody else runs.
    ExternalEtcd,
}

impl Store {
    /// Every store with the key that enables it, in the order in which vCluster looks (config.go
    /// `BackingStoreType`).
    pub const ALL: [(Self, Key<Flag>); 5] = [
        (Self::EmbeddedEtcd, key::EMBEDDED_ETCD_ENABLED),
        (Self::ExternalEtcd, key::EXTERNAL_ETCD_ENABLED),
        (Self::DeployedEtcd, key::DEPLOYED_ETCD_ENABLED),
        (Self::EmbeddedDatabase, key::EMBEDDED_DB_ENABLED),
        (Self::ExternalDatabase, key::EXTERNAL_DB_ENABLED),
    ];

    /// What vCluster calls the store of this config: the first enabled one.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        Self::enabled(config).next().unwrap_or(Self::EmbeddedDatabase)
    }

    /// Every store that the config enables; more than one is a mistake.
    pub fn enabled(config: &Config) -> impl Iterator<Item = Self> {
        let enabled = Self::ALL.into_iter().filter(|(_, key)| config.flag(*key));
        enabled.map(|(store, _)| store)
    }

    /// As vCluster writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::EmbeddedDatabase => "embedded-database",
            Self::ExternalDatabase => "external-database",
            Self::EmbeddedEtcd => "embedded-etcd",
            Self::DeployedEtcd => "deployed-etcd",
            Self::ExternalEtcd => "external-etcd",
        }
    }

    /// The store of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .map(|(store, _)| store)
            .find(|store| store.name() == name)
    }

    /// For people.
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

    /// Whether vCluster goes from `old` to this store (config.go `ValidateStoreChanges`). Deployed etcd to embedded
    /// database looks harmless and is refused; embedded to external database is allowed for the sake of old
    /// configs that never enabled the external one.
    #[must_use]
    pub fn may_follow(self, old: Self) -> bool {
        let etcd_or_sqlite = matches!(old, Self::ExternalEtcd | Self::DeployedEtcd | Self::EmbeddedDatabase);
        match self {
            _ if self == old => true,
            Self::DeployedEtcd | Self::EmbeddedEtcd => etcd_or_sqlite,
            Self::ExternalDatabase => old == Self::EmbeddedDatabase,
            Self::EmbeddedDatabase | Self::ExternalEtcd => false,
        }
    }
}

impl fmt::Display for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Whether the process really runs on `SQLite` (config.go `EmbeddedDatabase`): the store is called an embedded
/// database also when an embedded and an external database are both enabled, and then the external one is used.
#[must_use]
pub fn embedded_database(config: &Config) -> bool {
    Store::enabled(config).all(|store| store == Store::EmbeddedDatabase)
}

/// A change that vCluster refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChangeError {
    /// The data would stay behind in the old store.
    #[error("the backing store changes from {old} to {new}, which vCluster refuses")]
    Store {
        /// Where the data is.
        old: Store,
        /// Where the new config looks for it.
        new: Store,
    },
    /// A setting that is fixed at creation.
    #[error("{path} cannot be changed")]
    Fixed {
        /// Dotted path of the setting.
        path: &'static str,
    },
}

impl ChangeError {
    /// The key to point at.
    #[must_use]
    pub fn path(&self) -> &'static str {
        match self {
            Self::Store { .. } => "controlPlane.backingStore",
            Self::Fixed { path } => path,
        }
    }
}

/// The first thing that vCluster refuses of a change (config.go `ValidateChanges`).
pub fn validate_change(old: &Config, new: &Config) -> Result<(), ChangeError> {
    validate_store_change(old, new)?;
    validate_namespaces_change(old, new)?;
    validate_vpn_change(old, new)
}

/// config.go `ValidateStoreChanges`
pub fn validate_store_change(old: &Config, new: &Config) -> Result<(), ChangeError> {
    let (old, new) = (Store::of(old), Store::of(new));
    if new.may_follow(old) {
        Ok(())
    } else {
        Err(ChangeError::Store { old, new })
    }
}

/// config.go `ValidateNamespaceSyncChanges`; `extraLabels` may change.
pub fn validate_namespaces_change(old: &Config, new: &Config) -> Result<(), ChangeError> {
    same_flag(key::SYNC_NAMESPACES_ENABLED, old, new)?;
    same_flag(key::SYNC_NAMESPACES_MAPPINGS_ONLY, old, new)?;
    same_value(key::SYNC_NAMESPACES_BY_NAME, old, new)?;
    same_value(key::SYNC_NAMESPACES_PATCHES, old, new)
}

/// config.go `ValidateVPNChanges`
pub fn validate_vpn_change(old: &Config, new: &Config) -> Result<(), ChangeError> {
    same_flag(key::PRIVATE_NODES_VPN_ENABLED, old, new)?;
    same_flag(key::PRIVATE_NODES_VPN_NODE_TO_NODE, old, new)
}

fn same_flag(key: Key<Flag>, old: &Config, new: &Config) -> Result<(), ChangeError> {
    fixed(key.path, old.flag(key) == new.flag(key))
}

/// Go's `reflect.DeepEqual` of the decoded values: an absent map and an empty one differ.
fn same_value(key: Key<Any>, old: &Config, new: &Config) -> Result<(), ChangeError> {
    let (old, new): (&Value, &Value) = (old.any(key), new.any(key));
    fixed(key.path, old == new)
}

fn fixed(path: &'static str, same: bool) -> Result<(), ChangeError> {
    if same { Ok(()) } else { Err(ChangeError::Fixed { path }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{format, vec::Vec};

    fn config(store: &str) -> Config {
        let text = format!("controlPlane: {{backingStore: {{{store}}}}}");
        Config::parse(text.as_bytes()).unwrap()
    }

    fn namespaces(text: &str) -> Config {
        Config::parse(format!("sync: {{toHost: {{namespaces: {{{text}}}}}}}").as_bytes()).unwrap()
    }

    #[test]
    fn nothing_enabled_is_the_embedded_database() {
        let config = config("");
        assert_eq!(Store::of(&config), Store::EmbeddedDatabase);
        assert!(embedded_database(&config));
    }

    #[test]
    fn embedded_and_external_database_together_use_the_external_one() {
        let config = config("database: {embedded: {enabled: true}, external: {enabled: true}}");
        assert_eq!(Store::of(&config), Store::EmbeddedDatabase);
        assert!(!embedded_database(&config));
        assert_eq!(Store::enabled(&config).count(), 2);
    }

    #[test]
    fn etcd_comes_before_databases() {
        let config = config("etcd: {deploy: {enabled: true}}, database: {embedded: {enabled: true}}");
        assert_eq!(Store::of(&config), Store::DeployedEtcd);
    }

    #[test]
    fn these_changes_of_the_store_are_allowed_and_no_others() {
        let mut allowed = Vec::new();
        for (old, _) in Store::ALL {
            for (new, _) in Store::ALL {
                if old != new && new.may_follow(old) {
                    allowed.push(format!("{old} {new}"));
                }
            }
        }
        allowed.sort();
        assert_eq!(
            allowed,
            [
                "deployed-etcd embedded-etcd",
                "embedded-database deployed-etcd",
                "embedded-database embedded-etcd",
                "embedded-database external-database",
                "external-etcd deployed-etcd",
                "external-etcd embedded-etcd",
            ]
        );
    }

    #[test]
    fn an_absent_map_and_an_empty_one_differ() {
        let error = validate_change(&namespaces(""), &namespaces("mappings: {byName: {}}")).unwrap_err();
        assert_eq!(error.path(), "sync.toHost.namespaces.mappings.byName");
        assert!(validate_change(&namespaces(""), &namespaces("patches: []")).is_err());
    }

    #[test]
    fn absent_and_false_are_the_same_and_labels_may_change() {
        let new = namespaces("enabled: false, mappings: {}, patches: null, extraLabels: {a: b}");
        assert_eq!(validate_change(&namespaces(""), &new), Ok(()));
    }

    #[test]
    fn patches_are_compared_as_decoded() {
        let old = namespaces("patches: [{path: a, expression: ''}]");
        assert_eq!(validate_change(&old, &namespaces("patches: [{Path: a}]")), Ok(()));
        assert!(validate_change(&old, &namespaces("patches: [{path: a, reference: {}}]")).is_err());
    }
}
