//! The promise that no process outlives the run, however the run ends.
//!
//! A small shell watches a pipe that only this process can write to. The kernel closes the pipe when
//! this process ends, by return, by panic, by ^C or by SIGKILL; the shell then kills the process group
//! of the control plane and removes its directory. So there is one way to end, and dropping takes it too.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::Context;

/// First line: the process group. Then nothing, until the end of file.
const WATCH: &str = r#"
trap "" INT TERM HUP
read -r group
while read -r _; do :; done
[ -n "$group" ] && kill -s KILL -- "-$group" 2>/dev/null
[ -z "$1" ] || rm -rf -- "$1" || { sleep 1; rm -rf -- "$1"; }
"#;

/// Kills one process group and removes one directory when this process ends.
pub(crate) struct Lifeline {
    watcher: Child,
}

impl Lifeline {
    /// Watches over `directory`, if it is to go; the group is told later, once a process leads it.
    pub(crate) fn over(directory: Option<&Path>) -> anyhow::Result<Self> {
        let watcher = Command::new("sh")
            .args(["-c", WATCH, "lifeline"])
            .arg(directory.unwrap_or(Path::new("")))
            // Away from the terminal's group: ^C must end us, not the one that cleans up after us.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .context("failed to start the watcher (sh)")?;
        Ok(Self { watcher })
    }

    /// Names the process group that ends with this process.
    pub(crate) fn hold(&mut self, group: u32) -> anyhow::Result<()> {
        let pipe = self.watcher.stdin.as_mut().context("the lifeline is already cut")?;
        writeln!(pipe, "{group}").context("failed to tell the watcher its process group")
    }

    /// Ends the group now and returns when it has been killed and its directory is gone.
    pub(crate) fn cut(&mut self) {
        drop(self.watcher.stdin.take());
        // Nothing is left to be done about a watcher that cannot be waited for.
        let _ = self.watcher.wait();
    }
}

impl Drop for Lifeline {
    fn drop(&mut self) {
        self.cut();
    }
}
