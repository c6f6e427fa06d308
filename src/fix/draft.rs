//! The files of a run while they are edited. Each is edited document by document, so that a large one is read once for
//! each edit of a small part of it. What lies between is bytes: it need not be a text that can be read.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use vcluster_guard_core::edit::{Refused, Text};

use crate::check::{File, Place, Texts};

/// The name of a file that could not be written, and why.
pub(super) type Failed = (String, anyhow::Error);

/// Every file that something is edited in.
#[derive(Debug, Default)]
pub(super) struct Drafts {
    files: BTreeMap<String, Draft>,
}

#[derive(Debug)]
struct Draft {
    file: Arc<File>,
    /// By where they begin.
    pieces: BTreeMap<usize, (Range<usize>, Text)>,
}

impl Drafts {
    /// The part of a file that can be read by itself, as it is by now.
    pub(super) fn piece(&mut self, place: &Place) -> Result<&mut Text, Refused> {
        let draft = self.files.entry(place.file.name.clone()).or_insert_with(|| Draft {
            file: Arc::clone(&place.file),
            pieces: BTreeMap::new(),
        });
        let piece = match draft.pieces.entry(place.range.start) {
            std::collections::btree_map::Entry::Occupied(piece) => piece.into_mut(),
            std::collections::btree_map::Entry::Vacant(free) => {
                let raw = place.file.text.get(place.range.clone()).unwrap_or_default();
                free.insert((place.range.clone(), Text::of(raw)?))
            }
        };
        Ok(&mut piece.1)
    }

    /// The files that have changed, with their new texts.
    pub(super) fn changed(&self) -> impl Iterator<Item = (&File, Vec<u8>)> {
        let drafts = self.files.values().map(|draft| (&*draft.file, draft.text()));
        drafts.filter(|(file, text)| *text != file.text)
    }

    /// The same, by their names.
    pub(super) fn texts(&self) -> Texts {
        let texts = self.changed();
        texts.map(|(file, text)| (file.name.clone(), text)).collect()
    }

    /// These files stay as they are.
    pub(super) fn lose(&mut self, failed: &[Failed]) {
        self.files.retain(|name, _| failed.iter().all(|(lost, _)| lost != name));
    }
}

impl Draft {
    fn text(&self) -> Vec<u8> {
        let between = |range: Range<usize>| self.file.text.get(range).unwrap_or_default();
        let (mut text, mut at) = (Vec::new(), 0);
        for (range, piece) in self.pieces.values() {
            text.extend_from_slice(between(at..range.start));
            text.extend_from_slice(piece.as_str().as_bytes());
            at = range.end;
        }
        text.extend_from_slice(between(at..self.file.text.len()));
        text
    }
}
