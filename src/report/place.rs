//! Where things were read, as other tools want it named.

use std::path::{Component, Path, PathBuf};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What a path may hold in a URI as it is. A colon may not: in the first segment it would end a scheme.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The file below the working directory, which in a pipeline is the checkout; others stay as they are.
pub(super) fn relative(file: &str) -> String {
    let path = Path::new(file);
    let here = std::env::current_dir().ok();
    let below = here.and_then(|here| path.strip_prefix(here).ok());
    let named = below
        .unwrap_or(path)
        .components()
        .filter(|part| *part != Component::CurDir);
    let named: PathBuf = named.collect();
    named.display().to_string()
}

/// The same as a relative reference, percent-encoded.
pub(super) fn uri(file: &str) -> String {
    utf8_percent_encode(&relative(file), ENCODED).to_string()
}
