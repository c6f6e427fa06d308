//! 404s, kept for a moment: a chart era without the Secret asks for it again with every object of the release.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

const KEPT: Duration = Duration::from_secs(5);
/// Callers choose the names, so their number is bounded.
const MOST: usize = 1024;

/// Paths that the apiserver has just said do not exist.
#[derive(Debug, Default)]
pub(super) struct Absences(Mutex<HashMap<String, Instant>>);

impl Absences {
    pub(super) fn holds(&self, path: &str) -> bool {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(path).is_some_and(|since| since.elapsed() < KEPT)
    }

    pub(super) fn keep(&self, path: String) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.retain(|_, since| since.elapsed() < KEPT);
        }
        if known.len() < MOST {
            known.insert(path, Instant::now());
        }
    }

    pub(super) fn forget(&self, path: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_absence_is_forgotten_after_five_seconds() {
        let absences = Absences::default();
        absences.keep("/a".to_owned());
        assert!(absences.holds("/a"));
        assert!(!absences.holds("/b"));
        tokio::time::advance(KEPT).await;
        assert!(!absences.holds("/a"));
    }

    #[test]
    fn what_is_being_written_is_not_absent() {
        let absences = Absences::default();
        absences.keep("/a".to_owned());
        absences.forget("/a");
        assert!(!absences.holds("/a"));
    }

    #[tokio::test(start_paused = true)]
    async fn no_caller_can_make_it_grow() {
        let absences = Absences::default();
        for number in 0..MOST * 2 {
            absences.keep(number.to_string());
        }
        assert_eq!(absences.0.lock().unwrap().len(), MOST);
        tokio::time::advance(KEPT).await;
        absences.keep("new".to_owned());
        assert_eq!(absences.0.lock().unwrap().len(), 1);
    }
}
