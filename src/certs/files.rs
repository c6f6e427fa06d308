//! Files that appear whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::Path;

use anyhow::Context;

/// Who may read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Readers {
    Everyone,
    /// Mode 0600: it holds a private key.
    OwnerOnly,
}

/// The text of `file`, or `None` when there is none.
pub(super) fn read(file: &Path) -> anyhow::Result<Option<String>> {
    match fs::read_to_string(file) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        // Something that is no text is no certificate: it is replaced like any unusable one.
        Err(error) if error.kind() == std::io::ErrorKind::InvalidData => Ok(Some(String::new())),
        Err(error) => Err(error).with_context(|| format!("failed to read {}", file.display())),
    }
}

/// Writes `text` beside `file` and renames it, so that a server reading `file` sees the old or the new one.
pub(super) fn write(file: &Path, text: &str, readers: Readers) -> anyhow::Result<()> {
    let mut name = std::ffi::OsString::from(".");
    name.push(file.file_name().unwrap_or_default());
    name.push(format!(".{}.tmp", std::process::id()));
    let draft = file.with_file_name(name);
    let written = fill(&draft, text, readers).and_then(|()| fs::rename(&draft, file));
    if written.is_err() {
        let _leftover = fs::remove_file(&draft);
    }
    written.with_context(|| format!("failed to write {}", file.display()))
}

fn fill(draft: &Path, text: &str, readers: Readers) -> std::io::Result<()> {
    let mut file = create(draft, readers)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn create(draft: &Path, readers: Readers) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    let mode = match readers {
        Readers::Everyone => 0o644,
        Readers::OwnerOnly => 0o600,
    };
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(mode)
        .open(draft)
}
