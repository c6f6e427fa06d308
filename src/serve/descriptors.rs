//! File descriptors: as many as the system grants, and some kept back.

use rustix::process::{Resource, getrlimit, setrlimit};

/// Kept for the listeners, certificate files, look-ups and probes: a flood of connections must not stop those.
const KEPT_BACK: u64 = 128;

/// Raises the soft limit of open files to the hard one, and says how many of `wanted` connections that allows.
pub(crate) fn places(wanted: usize) -> usize {
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        let mut raised = limit;
        raised.current = limit.maximum;
        match setrlimit(Resource::Nofile, raised) {
            Ok(()) => limit = raised,
            Err(error) => tracing::debug!(%error, "failed to raise the limit of open files"),
        }
    }
    let allowed = allowed(wanted, limit.current);
    if allowed < wanted {
        tracing::warn!(
            wanted,
            allowed,
            "the limit of open files (ulimit -n) allows fewer connections than wanted"
        );
    }
    allowed
}

/// How many of `wanted` a limit of open files allows; `None` is no limit.
fn allowed(wanted: usize, limit: Option<u64>) -> usize {
    let most = limit.map_or(u64::MAX, |limit| limit.saturating_sub(KEPT_BACK).max(limit / 2));
    wanted.min(usize::try_from(most).unwrap_or(usize::MAX)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_descriptors_are_kept_back() {
        for (limit, places) in [
            (None, 1024),
            (Some(1_048_576), 1024),
            (Some(1024), 896),
            (Some(512), 384),
            (Some(200), 100),
            (Some(1), 1),
        ] {
            assert_eq!(allowed(1024, limit), places, "{limit:?}");
        }
    }
}
