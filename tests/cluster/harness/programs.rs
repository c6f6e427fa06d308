//! Where the programs of a cluster are: `.cache/bin` of the checkout, filled by `tests/tools/build.sh`.

use std::net::TcpListener;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};

/// The root of the checkout.
pub(crate) fn checkout() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A program of the test cluster. A missing one is a failure, never a skipped test.
pub(crate) fn program(name: &str) -> anyhow::Result<PathBuf> {
    let path = checkout().join(".cache/bin").join(name);
    ensure!(
        path.exists(),
        "`{name}` is missing from .cache/bin; run tests/tools/build.sh, or `make test`, which does"
    );
    Ok(path)
}

/// The guard itself: given by Cargo to integration tests; beside `examples/` for an example.
pub(crate) fn guard() -> anyhow::Result<PathBuf> {
    if let Some(path) = option_env!("CARGO_BIN_EXE_vcluster-guard") {
        return Ok(PathBuf::from(path));
    }
    let own = std::env::current_exe().context("failed to find this program")?;
    let path = own
        .parent()
        .and_then(Path::parent)
        .context("this program lies in no target directory")?
        .join("vcluster-guard");
    ensure!(path.exists(), "{} is missing; run `cargo build` first", path.display());
    Ok(path)
}

/// A TCP port of the loopback interface that nobody listens on now.
pub(crate) fn free_port() -> anyhow::Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).context("failed to bind a loopback port")?;
    Ok(listener.local_addr()?.port())
}
