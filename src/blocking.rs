//! Work that would keep other connections waiting.

use tokio::runtime::{Handle, RuntimeFlavor::MultiThread};

/// From here on decoding takes long enough to hold up other connections of the same thread.
const HEAVY: usize = 1 << 20;

/// Runs `work` so that a long decode does not hold up other connections. It stays in the caller's future.
pub(crate) fn unhurried<T>(bytes: usize, work: impl FnOnce() -> T) -> T {
    let may_block = || Handle::try_current().is_ok_and(|runtime| runtime.runtime_flavor() == MultiThread);
    if bytes >= HEAVY && may_block() {
        tokio::task::block_in_place(work)
    } else {
        work()
    }
}
