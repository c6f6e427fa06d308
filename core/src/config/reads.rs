//! Which keys of a config were read: a bit for each of [`key::ALL`], so that a shared config can be watched.

use alloc::sync::Arc;
use core::sync::atomic::{AtomicU64, Ordering};

use super::key;

const WORDS: usize = key::ALL.len().div_ceil(64);

/// The bits.
#[derive(Debug, Clone, Default)]
pub(super) struct Reads(Arc<[AtomicU64; WORDS]>);

impl Reads {
    /// Remembers a read.
    pub(super) fn note(&self, path: &str) {
        let Some(at) = key::ALL.iter().position(|(known, _)| *known == path) else {
            return;
        };
        if let Some(word) = self.0.get(at / 64) {
            word.fetch_or(1 << (at % 64), Ordering::Relaxed);
        }
    }

    /// What was read since the last call.
    pub(super) fn take(&self) -> impl Iterator<Item = &'static str> {
        let chunks = self.0.iter().zip(key::ALL.chunks(64));
        chunks.flat_map(|(word, keys)| {
            let bits = word.swap(0, Ordering::Relaxed);
            let read = keys.iter().enumerate().filter(move |(at, _)| bits & (1 << at) != 0);
            read.map(|(_, (path, _))| *path)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn what_is_taken_is_forgotten() {
        let reads = Reads::default();
        let last = key::ALL.last().map(|(path, _)| *path).unwrap();
        for path in [key::REPLICAS.path, last, "no.such.key"] {
            reads.note(path);
        }
        assert_eq!(reads.take().collect::<Vec<_>>(), [key::REPLICAS.path, last]);
        assert_eq!(reads.take().count(), 0);
    }
}
