//! Who is connected, and who has to go when there are too many.
//!
//! kube-apiserver keeps idle connections for 90 s and never repeats a call that it wrote to one that was closed:
//! those are left alone. A connection that has not asked anything yet can be closed without harm.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

/// How long one that was sent away may take to leave.
const LEAVE: Duration = Duration::from_millis(500);

/// All connections of one listener.
#[derive(Debug)]
pub(crate) struct Crowd {
    places: Arc<Semaphore>,
    /// Those that have not asked anything yet, oldest first.
    silent: Mutex<BTreeMap<u64, Arc<Notify>>>,
    next: AtomicU64,
}

/// One connection's place.
#[derive(Debug)]
pub(crate) struct Guest {
    crowd: Arc<Crowd>,
    number: u64,
    sent_away: Arc<Notify>,
    has_asked: AtomicBool,
    _place: OwnedSemaphorePermit,
}

impl Crowd {
    pub(crate) fn new(places: usize) -> Arc<Self> {
        let places = Arc::new(Semaphore::new(places.min(Semaphore::MAX_PERMITS)));
        Arc::new(Self {
            places,
            silent: Mutex::default(),
            next: AtomicU64::new(0),
        })
    }

    /// A place for a new connection; when all are taken, that of the one silent for longest. `None` when everyone
    /// has asked something.
    pub(crate) async fn enter(self: &Arc<Self>) -> Option<Guest> {
        let place = match Arc::clone(&self.places).try_acquire_owned() {
            Ok(place) => place,
            Err(_) if self.send_away_oldest() => {
                let freed = tokio::time::timeout(LEAVE, Arc::clone(&self.places).acquire_owned()).await;
                freed.ok()?.ok()?
            }
            Err(_) => return None,
        };
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let sent_away = Arc::new(Notify::new());
        self.silent().insert(number, Arc::clone(&sent_away));
        Some(Guest {
            crowd: Arc::clone(self),
            number,
            sent_away,
            has_asked: AtomicBool::new(false),
            _place: place,
        })
    }

    /// Sends the connection away that has been silent for longest; `false` when there is none.
    pub(crate) fn send_away_oldest(&self) -> bool {
        let oldest = self.silent().pop_first();
        oldest.is_some_and(|(_, guest)| {
            guest.notify_one();
            true
        })
    }

    fn silent(&self) -> std::sync::MutexGuard<'_, BTreeMap<u64, Arc<Notify>>> {
        self.silent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Guest {
    /// The head of a request has come: from now on the connection stays.
    pub(crate) fn asks(&self) {
        if !self.has_asked.swap(true, Ordering::Relaxed) {
            self.crowd.silent().remove(&self.number);
        }
    }

    pub(crate) fn has_asked(&self) -> bool {
        self.has_asked.load(Ordering::Relaxed)
    }

    /// Ends when the connection has to make room.
    pub(crate) async fn sent_away(&self) {
        self.sent_away.notified().await;
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.crowd.silent().remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_one_silent_for_longest_makes_room() {
        let crowd = Crowd::new(2);
        let oldest = crowd.enter().await.unwrap();
        let other = crowd.enter().await.unwrap();
        let leaving = tokio::spawn(async move { oldest.sent_away().await });
        assert!(crowd.enter().await.is_some());
        leaving.await.unwrap();
        assert!(!other.has_asked());
    }

    #[tokio::test]
    async fn one_that_asked_is_never_sent_away() {
        let crowd = Crowd::new(1);
        let guest = crowd.enter().await.unwrap();
        guest.asks();
        assert!(crowd.enter().await.is_none());
        drop(guest);
        assert!(crowd.enter().await.is_some());
    }
}
