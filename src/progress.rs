//! How far long work has come, for who waits at a terminal. Nobody else ever sees it: no file, no pipe, no log of CI.

use std::io::{IsTerminal, stderr};
use std::sync::Once;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// What takes less needs no bar.
const PATIENCE: Duration = Duration::from_secs(1);

const BAR: &str = "{msg} {wide_bar} {pos}/{len} {eta}";
const COUNT: &str = "{spinner} {msg}: {pos}";

/// A line on stderr, which is gone when it is dropped.
pub(crate) struct Progress {
    bar: ProgressBar,
    doing: &'static str,
    template: &'static str,
    shown: Once,
}

impl Progress {
    /// Of so much work. Nothing is drawn yet.
    pub(crate) fn of(doing: &'static str, total: usize) -> Self {
        Self::new(doing, BAR, u64::try_from(total).ok())
    }

    /// Of work that nobody knows the end of.
    pub(crate) fn counting(doing: &'static str) -> Self {
        Self::new(doing, COUNT, None)
    }

    fn new(doing: &'static str, template: &'static str, total: Option<u64>) -> Self {
        Self {
            bar: ProgressBar::with_draw_target(total, ProgressDrawTarget::hidden()),
            doing,
            template,
            shown: Once::new(),
        }
    }

    /// One more is done.
    pub(crate) fn step(&self) {
        self.bar.inc(1);
        self.show_if_long();
    }

    /// So many are done.
    pub(crate) fn at(&self, done: usize) {
        self.bar.set_position(u64::try_from(done).unwrap_or(u64::MAX));
        self.show_if_long();
    }

    fn show_if_long(&self) {
        if self.bar.elapsed() > PATIENCE {
            self.shown.call_once(|| self.show());
        }
    }

    fn show(&self) {
        let is_watched = stderr().is_terminal() && std::env::var_os("CI").is_none();
        if let (true, Ok(style)) = (is_watched, ProgressStyle::with_template(self.template)) {
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
