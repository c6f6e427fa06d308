//! Every manifest of a directory behind each other, as `helm template` of many charts would print them.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use tempfile::NamedTempFile;

/// The manifests in one file.
pub(crate) struct Stream {
    pub(crate) file: NamedTempFile,
    /// How many it was made of, a release each.
    pub(crate) files: u32,
    bytes: usize,
}

impl Stream {
    /// Puts the manifests of a directory together, in the order of their names.
    pub(crate) fn of(directory: &Path) -> anyhow::Result<Self> {
        let entries = fs::read_dir(directory).with_context(|| format!("cannot list {}", directory.display()))?;
        let paths = entries
            .map(|entry| Ok(entry?.path()))
            .collect::<std::io::Result<Vec<PathBuf>>>();
        let mut paths = paths?;
        paths.sort();
        let mut stream = Self {
            file: NamedTempFile::with_suffix(".yaml")?,
            files: 0,
            bytes: 0,
        };
        for path in paths {
            let text = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
            writeln!(stream.file, "---")?;
            stream.file.write_all(&text)?;
            stream.files += 1;
            stream.bytes += text.len();
        }
        Ok(stream)
    }

    pub(crate) fn megabytes(&self) -> f64 {
        u32::try_from(self.bytes / 1000).map_or(f64::NAN, f64::from) / 1e3
    }
}
