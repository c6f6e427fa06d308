//! The program, run to its end with a text on its standard input.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Runs a command in a folder.
pub(crate) fn run(folder: &Path, arguments: &[&str], text: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_vcluster-guard"))
        .current_dir(folder)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // One that refuses its arguments may end before it has read anything.
    let _unread = child.stdin.take().unwrap().write_all(text);
    child.wait_with_output().unwrap()
}
