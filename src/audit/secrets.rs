//! The config Secrets of a namespace: those that were listed, and by their names those that should be there.

use serde_json::value::RawValue;
use vcluster_guard_core::carrier::secret::ConfigSecret;
use vcluster_guard_core::case::Places;
use vcluster_guard_core::config::key::EXTERNAL_DB_CONNECTOR;
use vcluster_guard_core::join::Item;
use vcluster_guard_core::misfit::Misfit;
use vcluster_guard_core::object::Release;
use vcluster_guard_core::recognise::{CONFIG_SECRET_PREFIX, PLATFORM_KEY};

use super::key::Key;
use super::kind::Kind;
use super::lockstep::Room;
use super::reader::{Failure, Garbled, Reader};

/// A namespace with its Secrets, and what is not known of them.
pub(super) struct Furnished {
    pub(super) room: Room,
    /// Releases whose Secret could not be read.
    pub(super) unread: Vec<(Key, Trouble)>,
}

/// Why a Secret is not known.
pub(super) enum Trouble {
    Undecodable(Misfit),
    NotGiven(Failure),
}

/// Decodes the Secrets that were listed, and asks for those of releases that were found without one.
pub(super) async fn furnish(mut room: Room, reader: &Reader) -> Furnished {
    let mut unread = Vec::new();
    for (key, text) in std::mem::take(&mut room.secrets) {
        match ConfigSecret::from_json(text.get()) {
            Ok(secret) => add(&mut room, secret),
            Err(misfit) => unread.push((key, Trouble::Undecodable(misfit))),
        }
    }
    // Who may not list them would be refused a thousand times over.
    if room.unread.places.meets(Places::CONFIG) {
        room.unread.platform_key = true;
        return Furnished { room, unread };
    }
    for key in lacking(&room) {
        if unread.iter().any(|(known, _)| *known == key) {
            continue;
        }
        match get(reader, &key).await {
            Ok(Ok(secret)) => add(&mut room, secret),
            Ok(Err(misfit)) => unread.push((key, Trouble::Undecodable(misfit))),
            Err(Failure::NotFound) => {}
            Err(failure) => unread.push((key, Trouble::NotGiven(failure))),
        }
    }
    if awaits_platform(&room) {
        unread.extend(seek_platform_key(&mut room, reader).await);
    }
    Furnished { room, unread }
}

/// Whether the key to vCluster Platform is of interest: few vClusters have their database from there.
fn awaits_platform(room: &Room) -> bool {
    let configs = room
        .releases
        .iter()
        .filter_map(|(_, parts)| parts.config.as_ref()?.config().ok());
    configs
        .into_iter()
        .any(|config| !config.text(EXTERNAL_DB_CONNECTOR).is_empty())
}

/// Asks whether the namespace has that key. Nothing of it is decoded.
async fn seek_platform_key(room: &mut Room, reader: &Reader) -> Option<(Key, Trouble)> {
    let key = Key {
        namespace: room.namespace.clone(),
        name: PLATFORM_KEY.to_owned(),
    };
    let path = Kind::Secret.object(&key.namespace, &key.name);
    match reader.get(&path, |_| Ok(())).await {
        Ok(()) => room.releases.insert(Item::platform_key(&key.namespace)),
        Err(Failure::NotFound) => {}
        Err(failure) => {
            room.unread.platform_key = true;
            return Some((key, Trouble::NotGiven(failure)));
        }
    }
    None
}

fn add(room: &mut Room, secret: Option<ConfigSecret>) {
    if let Some(item) = secret.and_then(Item::secret) {
        room.releases.insert(item);
    }
}

fn lacking(room: &Room) -> Vec<Key> {
    let without = room
        .releases
        .iter()
        .filter(|(_, parts)| parts.config.is_none() && (parts.workload.is_some() || parts.etcd.is_some()));
    without.map(|(release, _)| secret_of(release)).collect()
}

/// Where the config Secret of a release is.
pub(super) fn secret_of(release: &Release) -> Key {
    Key {
        namespace: release.namespace.clone(),
        name: format!("{CONFIG_SECRET_PREFIX}{}", release.name),
    }
}

async fn get(reader: &Reader, key: &Key) -> Result<Result<Option<ConfigSecret>, Misfit>, Failure> {
    let path = Kind::Secret.object(&key.namespace, &key.name);
    let read = |bytes: &[u8]| {
        let text: &RawValue = serde_json::from_slice(bytes).map_err(|_| Garbled)?;
        Ok(ConfigSecret::from_json(text.get()))
    };
    reader.get(&path, read).await
}
