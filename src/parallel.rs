//! The same work for many things, on every core that there is, with a bar on a terminal when it takes long.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::progress::Progress;

/// What `work` makes of each item, in the order of the items. A panic of it goes on in the caller. `doing` is what people
/// who wait for it are told.
pub(crate) fn map<T: Sync, R: Send>(doing: &'static str, items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let progress = Progress::of(doing, items.len());
    let work = |item: &T| {
        let result = work(item);
        progress.step();
        result
    };
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let workers = cores.min(items.len());
    if workers < 2 {
        return items.iter().map(&work).collect();
    }
    let next = AtomicUsize::new(0);
    // Each takes the next item when it is done with the last one: files differ in size by a thousand.
    let worker = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(at) else { return done };
            done.push((at, work(item)));
        }
    };
    let mut done = thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(worker)).collect();
        let mut done = Vec::with_capacity(items.len());
        for worker in workers {
            done.extend(worker.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        done
    });
    done.sort_unstable_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_items() {
        let items: Vec<usize> = (0..1000).collect();
        assert_eq!(
            map("", &items, |item| item * 2),
            (0..1000).map(|item| item * 2).collect::<Vec<_>>()
        );
        assert!(map("", &[0; 0], |item| *item).is_empty());
    }

    #[test]
    fn a_panic_is_not_lost() {
        let caught = std::panic::catch_unwind(|| map("", &[1, 2, 3], |item| assert_ne!(*item, 2, "two")));
        assert!(caught.is_err());
    }
}
