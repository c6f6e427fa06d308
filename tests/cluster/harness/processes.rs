//! The processes of one run: started in one group, logging to files, ended together.

use std::fs::File;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Mutex;

use anyhow::{Context, bail};
use tempfile::TempDir;

use super::lifeline::Lifeline;

/// When this variable is set, the directory with all logs stays behind.
const KEEP: &str = "VCLUSTER_GUARD_KEEP_LOGS";

/// How much of a log is shown when a process fails.
const TAIL_LINES: usize = 30;

/// A directory, the processes that live in it, and the promise that both go.
pub(crate) struct Processes {
    directory: PathBuf,
    state: Mutex<State>,
}

struct State {
    lifeline: Lifeline,
    group: Option<u32>,
}

/// One running program and its log.
pub(crate) struct Process {
    name: String,
    log: PathBuf,
    child: Child,
}

// === impl Processes ===

impl Processes {
    /// An empty run in a fresh temporary directory.
    pub(crate) fn new() -> anyhow::Result<Self> {
        let directory = TempDir::with_prefix("vcluster-guard-").context("failed to make a temporary directory")?;
        let keep = std::env::var_os(KEEP).is_some();
        if keep {
            eprintln!("the logs of this run stay in {}", directory.path().display());
        }
        let lifeline = Lifeline::over(Some(directory.path()).filter(|_| !keep))?;
        // From here on the lifeline removes it, also when this process is killed.
        let directory = directory.keep();
        Ok(Self {
            directory,
            state: Mutex::new(State { lifeline, group: None }),
        })
    }

    /// The directory of this run.
    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Starts a program in the group of this run. Its output goes to `NAME.log`.
    pub(crate) fn start(&self, name: &str, command: &mut Command) -> anyhow::Result<Process> {
        let log = self.directory.join(format!("{name}.log"));
        let output = File::options()
            .create(true)
            .append(true)
            .open(&log)
            .context("failed to open a log")?;
        let Ok(mut state) = self.state.lock() else {
            bail!("another test died while it started a process")
        };
        // 0 makes the first process the leader of a new group, which the others join.
        let child = command
            .process_group(i32::try_from(state.group.unwrap_or(0))?)
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()
            .with_context(|| format!("failed to start {name}"))?;
        if state.group.is_none() {
            state.lifeline.hold(child.id())?;
            state.group = Some(child.id());
        }
        Ok(Process {
            name: name.to_owned(),
            log,
            child,
        })
    }
}

// === impl Process ===

impl Process {
    /// Fails with the end of the log if the process has ended.
    pub(crate) fn must_run(&mut self) -> anyhow::Result<()> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => bail!("{} ended ({status}):\n{}", self.name, self.log_tail()),
        }
    }

    /// Kills the process at once, as a node failure would.
    pub(crate) fn kill(&mut self) -> anyhow::Result<()> {
        self.child
            .kill()
            .with_context(|| format!("failed to kill {}", self.name))?;
        self.child
            .wait()
            .with_context(|| format!("failed to wait for {}", self.name))?;
        Ok(())
    }

    /// Asks the process to end, and returns how it did.
    pub(crate) fn terminate(&mut self) -> anyhow::Result<ExitStatus> {
        let asked = Command::new("kill")
            .args(["-s", "TERM", &self.child.id().to_string()])
            .status()?;
        anyhow::ensure!(asked.success(), "failed to ask {} to end", self.name);
        self.child
            .wait()
            .with_context(|| format!("failed to wait for {}", self.name))
    }

    /// Everything the process has written so far.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// The last lines of the log.
    pub(crate) fn log_tail(&self) -> String {
        let log = self.log();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended before; either way none of ours stays behind as a zombie.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
