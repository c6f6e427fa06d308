//! Where the programs of a cluster are: `.cache/bin` of the checkout, filled by `tests/tools/build.sh`.

use std::net::{SocketAddr, TcpListener};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

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

/// Below the ports that Linux and macOS give to outgoing connections: one of those may be taken between
/// our look and the program's.
const PORTS: Range<u16> = 20_000..32_000;

/// A TCP port of the loopback interface that nobody listens on now, never the same twice.
pub(crate) fn free_port() -> anyhow::Result<u16> {
    static TAKEN: AtomicU16 = AtomicU16::new(0);
    // Runs side by side begin at different ports.
    static START: LazyLock<u16> = LazyLock::new(|| {
        let nanoseconds = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |now| now.subsec_nanos());
        u16::try_from(nanoseconds % u32::from(PORTS.end - PORTS.start)).unwrap_or(0)
    });
    let length = PORTS.end - PORTS.start;
    loop {
        let taken = TAKEN.fetch_add(1, Ordering::Relaxed);
        ensure!(
            taken < length,
            "no free loopback port from {} to {}",
            PORTS.start,
            PORTS.end
        );
        let port = PORTS.start + (*START + taken) % length;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
}

/// A free port of the loopback interface, as an address to listen on.
pub(crate) fn loopback() -> anyhow::Result<SocketAddr> {
    Ok(SocketAddr::from(([127, 0, 0, 1], free_port()?)))
}
