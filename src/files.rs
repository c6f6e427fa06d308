//! Files that appear whole or not at all.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use anyhow::Context;

/// Who may read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Readers {
    Everyone,
    /// Mode 0600: it holds a private key.
    OwnerOnly,
    /// Those of the file that it replaces, which must be there.
    AsBefore,
}

/// The text of `file`, or `None` when there is none.
pub(crate) fn read(file: &Path) -> anyhow::Result<Option<String>> {
    match fs::read_to_string(file) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        // Something that is no text is no certificate: it is replaced like any unusable one.
        Err(error) if error.kind() == std::io::ErrorKind::InvalidData => Ok(Some(String::new())),
        Err(error) => Err(error).with_context(|| format!("failed to read {}", file.display())),
    }
}

/// Writes `text` beside `file` and renames it, so that a server reading `file` sees the old or the new one.
pub(crate) fn write(file: &Path, text: &str, readers: Readers) -> anyhow::Result<()> {
    let mut name = std::ffi::OsString::from(".");
    name.push(file.file_name().unwrap_or_default());
    name.push(format!(".{}.tmp", std::process::id()));
    let draft = file.with_file_name(name);
    let written = fill(file, &draft, text, readers).and_then(|()| fs::rename(&draft, file));
    if written.is_err() {
        let _leftover = fs::remove_file(&draft);
    }
    written.with_context(|| format!("failed to write {}", file.display()))
}

fn fill(file: &Path, draft: &Path, text: &str, readers: Readers) -> std::io::Result<()> {
    let mut written = match readers {
        Readers::Everyone => create(draft, 0o644)?,
        Readers::OwnerOnly => create(draft, 0o600)?,
        Readers::AsBefore => like(file, draft)?,
    };
    written.write_all(text.as_bytes())?;
    written.sync_all()
}

fn create(draft: &Path, mode: u32) -> std::io::Result<File> {
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(mode)
        .open(draft)
}

/// A draft with the owner and the mode of a file.
fn like(file: &Path, draft: &Path) -> std::io::Result<File> {
    let before = fs::metadata(file)?;
    // Until the owner is right, nobody else reads it.
    let written = create(draft, 0o600)?;
    let now = written.metadata()?;
    if (now.uid(), now.gid()) != (before.uid(), before.gid()) {
        std::os::unix::fs::fchown(&written, Some(before.uid()), Some(before.gid()))?;
    }
    written.set_permissions(Permissions::from_mode(before.mode()))?;
    Ok(written)
}
