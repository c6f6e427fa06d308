//! The reports of ours that a cluster keeps, by their metadata alone.

use std::collections::BTreeMap;

use serde::Deserialize;
use vcluster_guard_core::object::Meta;

use super::document::{HASH, MANAGED_BY};
use super::form::Form;
use super::outcome::SOURCE;
use crate::audit::decode::ListMeta;
use crate::audit::key::Key;
use crate::audit::pages::Cursor;
use crate::audit::reader::{Failure, Garbled, Reader};
use crate::scope::Scope;

/// Of metadata, some 800 bytes each.
const PAGE: u32 = 500;

/// What is known of a report without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Kept {
    pub(super) uid: String,
    /// Of what it says; empty if somebody took that away.
    pub(super) hash: String,
}

#[derive(Deserialize)]
struct List {
    #[serde(default)]
    metadata: ListMeta,
    // Go writes an empty list as null.
    items: Option<Vec<Item>>,
}

#[derive(Deserialize)]
struct Item {
    metadata: Meta,
}

/// Lists them, page by page.
pub(super) async fn list(reader: &Reader, form: Form, scope: &Scope) -> Result<BTreeMap<Key, Kept>, Failure> {
    let mut kept = BTreeMap::new();
    let mut cursor = Cursor::new(form.kind());
    while let Some(resume) = cursor.resume() {
        let page = reader.list_metadata(&path(form, scope, resume), read).await;
        let items = cursor.take(page.map(|page| (page.items, page.metadata.resume)))?;
        kept.extend(items.into_iter().flatten().flatten().map(Item::split));
    }
    Ok(kept)
}

fn path(form: Form, scope: &Scope, resume: &str) -> String {
    let path = form.collection(scope.named()) + "?";
    let start = path.len();
    let mut query = form_urlencoded::Serializer::for_suffix(path, start);
    query.append_pair("limit", &PAGE.to_string());
    query.append_pair("labelSelector", &format!("{MANAGED_BY}={SOURCE}"));
    query.extend_pairs((!resume.is_empty()).then_some(("continue", resume)));
    query.finish()
}

fn read(bytes: &[u8]) -> Result<List, Garbled> {
    serde_json::from_slice(bytes).map_err(|_| Garbled)
}

impl Item {
    fn split(self) -> (Key, Kept) {
        let key = Key::of(&self.metadata);
        let Meta {
            uid, mut annotations, ..
        } = self.metadata;
        let hash = annotations.remove(HASH).unwrap_or_default();
        (key, Kept { uid, hash })
    }
}
