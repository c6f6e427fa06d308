//! The accept loop.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;
use tokio_util::task::TaskTracker;

use super::connection::Host;
use super::crowd::Crowd;
use super::life::Phase;

/// Pause after a failed accept: out of file descriptors, it would fail again at once and burn the processor.
const BACK_OFF: Duration = Duration::from_millis(100);

/// How long a caller may leave an answer unread.
#[cfg(target_os = "linux")]
const UNREAD: Duration = Duration::from_secs(30);

/// Binds `address`; `flag` names the way out when it is taken.
pub(crate) async fn bind(address: SocketAddr, flag: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("failed to listen on {address}: choose another {flag}"))
}

/// Accepts connections until the server drains, and waits for those it accepted.
pub(crate) async fn run(listener: TcpListener, host: Host, crowd: Arc<Crowd>) {
    let connections = TaskTracker::new();
    let host = Arc::new(host);
    let draining = host.life.clone();
    tokio::select! {
        () = draining.reached(Phase::Draining) => {}
        () = accept(&listener, &host, &crowd, &connections) => {}
    }
    drop(listener);
    connections.close();
    connections.wait().await;
}

async fn accept(listener: &TcpListener, host: &Arc<Host>, crowd: &Arc<Crowd>, connections: &TaskTracker) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => admit(stream, host, crowd, connections).await,
            // These concern one caller that has already gone.
            Err(error) if matches!(error.kind(), ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset) => {}
            Err(error) => {
                tracing::warn!(%error, "failed to accept a connection");
                crowd.send_away_oldest();
                sleep(BACK_OFF).await;
            }
        }
    }
}

async fn admit(stream: TcpStream, host: &Arc<Host>, crowd: &Arc<Crowd>, connections: &TaskTracker) {
    let Some(guest) = crowd.enter().await else {
        tracing::debug!("closed: too many connections");
        return;
    };
    if let Err(error) = tune(&stream) {
        tracing::debug!(%error, "failed to set an option of a connection");
    }
    let host = Arc::clone(host);
    connections.spawn(async move { host.receive(stream, guest).await });
}

fn tune(stream: &TcpStream) -> std::io::Result<()> {
    // An answer is one small write: waiting to fill a packet only delays it.
    stream.set_nodelay(true)?;
    // hyper waits for ever for a caller that asks and does not read the answer.
    #[cfg(target_os = "linux")]
    socket2::SockRef::from(stream).set_tcp_user_timeout(Some(UNREAD))?;
    Ok(())
}
