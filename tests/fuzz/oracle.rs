//! The Go reader as a process: one text, one answer.

use std::io::{BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, bail};

/// Go walks its maps in another order each time: this often the same answer is no chance.
const ASKED_AGAIN: usize = 16;

/// What Go says: JSON, or why not.
pub(crate) type Answer = Result<String, String>;

/// The process. It is killed when dropped.
pub(crate) struct Oracle {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Oracle {
    pub(crate) fn start(program: &Path) -> anyhow::Result<Self> {
        let mut command = Command::new(program);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("failed to run {}: `make fuzz` builds it", program.display()))?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        Ok(Self {
            child,
            input: input.context("no input")?,
            output: BufReader::new(output.context("no output")?),
        })
    }

    pub(crate) fn ask(&mut self, text: &[u8]) -> anyhow::Result<Answer> {
        let mut framed = u32::try_from(text.len())?.to_be_bytes().to_vec();
        framed.extend_from_slice(text);
        self.input.write_all(&framed).context("the oracle is gone")?;
        let mut length = [0; 4];
        self.output
            .read_exact(&mut length)
            .with_context(|| format!("the oracle gave up over {}", text.escape_ascii()))?;
        let mut answer = vec![0; usize::try_from(u32::from_be_bytes(length))?];
        self.output.read_exact(&mut answer)?;
        match answer.split_first() {
            Some((b'+', json)) => Ok(Ok(std::str::from_utf8(json)?.to_owned())),
            Some((b'-', error)) => Ok(Err(String::from_utf8_lossy(error).into_owned())),
            _ => bail!("an answer without a sign"),
        }
    }

    /// Whether Go ever answers something else, as it does when two keys become the same string.
    pub(crate) fn wavers(&mut self, text: &[u8], answer: &Answer) -> anyhow::Result<bool> {
        for _ in 0..ASKED_AGAIN {
            if self.ask(text)?.as_ref().ok() != answer.as_ref().ok() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _killed = self.child.kill();
        let _reaped = self.child.wait();
    }
}
