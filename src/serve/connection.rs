//! One connection: handshake, requests, end.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use http::header::{CONNECTION, HeaderValue};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::sleep;
use tokio_rustls::TlsAcceptor;
use tower::Service;

use super::crowd::Guest;
use super::life::{Life, Phase};

/// hyper's `header_read_timeout` also runs between two requests, so it is the idle timeout. kube-apiserver keeps idle
/// connections for 90 s and fails the call that meets a server closing sooner: this must be longer.
const IDLE: Duration = Duration::from_secs(120);
/// From the connection to the end of its first head: hyper's timer cannot tell this from being idle.
const FIRST_HEAD: Duration = Duration::from_secs(10);
/// What a connection that has not asked anything still gets when the server drains.
const LAST_CALL: Duration = Duration::from_secs(1);
/// The head of an admission call has 400 bytes, a TLS record 16 KB; hyper would keep up to 400 KB a connection.
const LARGEST_HEAD: usize = 16 << 10;

/// How long a connection may take over what.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    pub(crate) first_head: Duration,
    pub(crate) idle: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            first_head: FIRST_HEAD,
            idle: IDLE,
        }
    }
}

/// What all connections of one listener share.
#[derive(Clone)]
pub(crate) struct Host {
    /// Plain HTTP without it.
    pub(crate) tls: Option<TlsAcceptor>,
    pub(crate) router: Router,
    pub(crate) life: Life,
    pub(crate) patience: Patience,
}

impl Host {
    /// Serves one connection to its end. Dropping the future ends the work of its request, too.
    pub(crate) async fn receive(&self, stream: TcpStream, guest: Guest) {
        let guest = Arc::new(guest);
        let served = async {
            match &self.tls {
                Some(tls) => match tls.accept(stream).await {
                    Ok(stream) => self.serve(stream, &guest).await,
                    Err(error) => tracing::debug!(%error, "a TLS handshake failed"),
                },
                None => self.serve(stream, &guest).await,
            }
        };
        tokio::select! {
            () = served => {}
            () = self.first_head_is_late(&guest) => tracing::debug!("closed: no request came"),
            () = guest.sent_away() => tracing::debug!("closed: too many connections, and no request came on this one"),
        }
    }

    async fn serve<S: AsyncRead + AsyncWrite + Unpin + 'static>(&self, stream: S, guest: &Arc<Guest>) {
        let service = service_fn(|request| {
            guest.asks();
            answer(self.router.clone(), self.life.clone(), request)
        });
        let mut connection = pin!(
            http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(self.patience.idle)
                .max_buf_size(LARGEST_HEAD)
                .serve_connection(TokioIo::new(stream), service)
        );
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = self.life.reached(Phase::Draining) => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection broke off");
        }
    }

    /// Ends when the first head should have been there by now; never when it has come.
    async fn first_head_is_late(&self, guest: &Guest) {
        tokio::select! {
            () = sleep(self.patience.first_head) => {}
            () = async {
                self.life.reached(Phase::Draining).await;
                sleep(LAST_CALL).await;
            } => {}
        }
        if guest.has_asked() {
            std::future::pending::<()>().await;
        }
    }
}

async fn answer(
    mut router: Router,
    life: Life,
    request: http::Request<Incoming>,
) -> Result<http::Response<Body>, Infallible> {
    let mut response = router.call(request).await?;
    if life.phase() >= Phase::LameDuck {
        response
            .headers_mut()
            .insert(CONNECTION, HeaderValue::from_static("close"));
    }
    Ok(response)
}

#[cfg(test)]
#[path = "connection_tests.rs"]
mod tests;
