//! The plain ports: probes and metrics, without TLS, for as long as the process lives.

use axum::Router;
use tokio::net::TcpListener;

use super::connection::{Host, Patience};
use super::crowd::Crowd;
use super::life::Life;
use super::listener;

/// Probes and a scraper or two.
const MOST_CONNECTIONS: usize = 64;

/// Serves until the process ends: `/readyz` has to say that it is ending.
pub(crate) fn serve(listener: TcpListener, router: Router) {
    let host = Host {
        tls: None,
        router,
        life: Life::new(),
        patience: Patience::default(),
    };
    tokio::spawn(listener::run(listener, host, Crowd::new(MOST_CONNECTIONS)));
}
