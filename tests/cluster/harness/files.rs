//! Writing the small files of a run.

use std::path::{Path, PathBuf};

use anyhow::Context;

/// Writes a file and gives its path back.
pub(crate) fn write(directory: &Path, name: &str, text: &str) -> anyhow::Result<PathBuf> {
    let path = directory.join(name);
    std::fs::write(&path, text).with_context(|| format!("failed to write {}", path.display()))?;
    Ok(path)
}
