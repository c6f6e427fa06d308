//! Where things were read, as other tools want it named.

use std::path::{Component, Path};

/// The file below the working directory, which in a pipeline is the checkout; others stay as they are.
pub(super) fn relative(file: &str) -> String {
    let path = Path::new(file);
    let here = std::env::current_dir().ok();
    let below = here.and_then(|here| path.strip_prefix(here).ok());
    let named = below
        .unwrap_or(path)
        .components()
        .filter(|part| *part != Component::CurDir);
    let named: std::path::PathBuf = named.collect();
    named.display().to_string()
}
