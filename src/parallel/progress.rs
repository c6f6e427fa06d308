//! How far long work has come, for who waits at a terminal. Nobody else ever sees it: no file, no pipe, no log of CI.

use std::io::{IsTerminal, stderr};
use std::sync::Once;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// What takes less needs no bar.
const PATIENCE: Duration = Duration::from_secs(1);

/// A bar on stderr, which is gone when it is dropped.
pub(super) struct Progress {
    bar: ProgressBar,
    doing: &'static str,
    shown: Once,
}

impl Progress {
    /// Of so much work. Nothing is drawn yet.
    pub(super) fn new(doing: &'static str, total: usize) -> Self {
        let total = u64::try_from(total).ok();
        Self {
            bar: ProgressBar::with_draw_target(total, ProgressDrawTarget::hidden()),
            doing,
            shown: Once::new(),
        }
    }

    /// One more is done.
    pub(super) fn step(&self) {
        self.bar.inc(1);
        if self.bar.elapsed() > PATIENCE {
            self.shown.call_once(|| self.show());
        }
    }

    fn show(&self) {
        let is_watched = stderr().is_terminal() && std::env::var_os("CI").is_none();
        let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {eta}");
        if let (true, Ok(style)) = (is_watched, style) {
            self.bar.set_style(style);
            self.bar.set_message(self.doing);
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
