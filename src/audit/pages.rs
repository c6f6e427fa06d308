//! One list, page by page, to its end: a list that expires goes on from where it was, and nothing comes twice.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::decode::{self, Entry};
use super::key::Key;
use super::kind::Kind;
use super::reader::{Failure, Reader};
use crate::scope::Scope;

/// Each is a list that outlived the five minutes that etcd keeps an old state; a cluster in which that happens again
/// and again is not read by trying harder.
const MOST_EXPIRIES: u32 = 5;

/// What is to be listed.
#[derive(Debug, Clone)]
pub(super) struct Pages {
    pub(super) kind: Kind,
    pub(super) scope: Scope,
    /// Fewer objects a page than usual.
    pub(super) page: Option<u32>,
}

/// What comes of a list: its objects in order, and a failure as the last thing if it could not be read to its end.
pub(super) type Inbox = mpsc::Receiver<Result<Vec<Entry>, Failure>>;

impl Pages {
    /// Reads ahead, one page further than whoever takes them out.
    pub(super) fn start(self, reader: Arc<Reader>) -> Inbox {
        let (outbox, inbox) = mpsc::channel(1);
        tokio::spawn(async move {
            let mut place = Place::new(self.kind.name());
            while let Some(page) = self.next(&reader, &mut place).await {
                let failed = page.is_err();
                if outbox.send(page).await.is_err() || failed {
                    return;
                }
            }
        });
        inbox
    }

    /// The whole list, for kinds of which a cluster has few. Gives what could be read, and why that is not all.
    pub(super) async fn all(self, reader: &Reader) -> (Vec<Entry>, Option<Failure>) {
        let (mut entries, mut place) = (Vec::new(), Place::new(self.kind.name()));
        while let Some(page) = self.next(reader, &mut place).await {
            match page {
                Ok(page) => entries.extend(page),
                Err(failure) => return (entries, Some(failure)),
            }
        }
        (entries, None)
    }

    async fn next(&self, reader: &Reader, place: &mut Place) -> Option<Result<Vec<Entry>, Failure>> {
        loop {
            let path = self.kind.list(&self.scope, self.page, place.cursor.resume()?);
            let page = reader.list(&path, |bytes| decode::page(self.kind, bytes)).await;
            let page = page.map(|page| (page.entries, page.resume));
            match place.cursor.take(page) {
                Ok(Some(entries)) => return Some(place.pass(entries)),
                Ok(None) => {}
                Err(failure) => return Some(Err(failure)),
            }
        }
    }
}

/// Where a list goes on.
#[derive(Debug)]
pub(super) struct Cursor {
    kind: &'static str,
    /// Where the next page begins; empty for the first, `None` after the last.
    resume: Option<String>,
    expiries: u32,
}

impl Cursor {
    /// At the beginning of a list of this kind.
    pub(super) const fn new(kind: &'static str) -> Self {
        Self {
            kind,
            resume: Some(String::new()),
            expiries: 0,
        }
    }

    /// Where the next page begins; nothing after the last.
    pub(super) fn resume(&self) -> Option<&str> {
        self.resume.as_deref()
    }

    /// Goes on behind a page and the place where the next one begins. No page when the list had expired: it goes on from
    /// where it was.
    pub(super) fn take<T>(&mut self, page: Result<(T, String), Failure>) -> Result<Option<T>, Failure> {
        match page {
            Ok((page, resume)) => {
                self.resume = Some(resume).filter(|resume| !resume.is_empty());
                Ok(Some(page))
            }
            Err(Failure::Expired { resume }) if self.expiries < MOST_EXPIRIES => {
                tracing::info!(kind = self.kind, "the list expired; going on from where it was");
                self.expiries += 1;
                self.resume = Some(resume);
                Ok(None)
            }
            Err(failure) => Err(failure),
        }
    }
}

/// How far a list was read, and its last object that was.
#[derive(Debug)]
struct Place {
    cursor: Cursor,
    passed: Key,
}

impl Place {
    fn new(kind: &'static str) -> Self {
        Self {
            cursor: Cursor::new(kind),
            passed: Key::default(),
        }
    }

    /// What of a page is new. A list that began again shows the old ones first; none ever goes back.
    fn pass(&mut self, entries: Vec<Entry>) -> Result<Vec<Entry>, Failure> {
        if !entries.is_sorted_by(|one, next| one.key < next.key) {
            return Err(Failure::Disorder);
        }
        let begins_after = entries.first().is_none_or(|first| first.key > self.passed);
        if !begins_after && self.cursor.expiries == 0 {
            return Err(Failure::Disorder);
        }
        let new: Vec<Entry> = entries.into_iter().filter(|entry| entry.key > self.passed).collect();
        if let Some(last) = new.last() {
            self.passed = last.key.clone();
        }
        Ok(new)
    }
}
