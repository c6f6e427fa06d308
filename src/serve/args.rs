//! Flags of `serve`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::cluster;
use crate::duration;
use crate::telemetry::Format;

/// Flags of `serve`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Address of the admission port (TLS)
    #[arg(
        long,
        env = "VCLUSTER_GUARD_LISTEN",
        default_value = "0.0.0.0:9443",
        value_name = "ADDR"
    )]
    pub(crate) listen: SocketAddr,

    /// Certificate chain in PEM, leaf first; read again when its content changes
    #[arg(long, env = "VCLUSTER_GUARD_TLS_CERT", value_name = "FILE")]
    pub(crate) tls_cert: PathBuf,

    /// Private key in PEM; read again when its content changes
    #[arg(long, env = "VCLUSTER_GUARD_TLS_KEY", value_name = "FILE")]
    pub(crate) tls_key: PathBuf,

    /// How often the files of certificate and policy are looked at
    #[arg(long, env = "VCLUSTER_GUARD_TLS_RELOAD_INTERVAL", default_value = "5s", value_name = "DURATION",
          value_parser = duration::parse)]
    pub(crate) tls_reload_interval: Duration,

    /// Address of /livez and /readyz (plain HTTP)
    #[arg(
        long,
        env = "VCLUSTER_GUARD_HEALTH_LISTEN",
        default_value = "0.0.0.0:8081",
        value_name = "ADDR"
    )]
    pub(crate) health_listen: SocketAddr,

    /// Address of /metrics (plain HTTP)
    #[arg(
        long,
        env = "VCLUSTER_GUARD_METRICS_LISTEN",
        default_value = "0.0.0.0:8080",
        value_name = "ADDR"
    )]
    pub(crate) metrics_listen: SocketAddr,

    /// Policy file; without it the built-in policy holds
    #[arg(long, env = "VCLUSTER_GUARD_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) cluster: cluster::Flags,

    /// Never ask a cluster: rules that need more than the request stay undecided
    #[arg(long, env = "VCLUSTER_GUARD_NO_LOOKUPS")]
    pub(crate) no_lookups: bool,

    /// Longest time for one admission call; a shorter ?timeout= of the caller wins
    #[arg(long, env = "VCLUSTER_GUARD_CALL_TIMEOUT", default_value = "10s", value_name = "DURATION",
          value_parser = duration::parse)]
    pub(crate) call_timeout: Duration,

    /// Most connections to the admission port at once
    #[arg(
        long,
        env = "VCLUSTER_GUARD_MAX_CONNECTIONS",
        default_value_t = 1024,
        value_name = "NUMBER"
    )]
    pub(crate) max_connections: usize,

    /// After SIGTERM: how long to go on serving, not ready, until nobody sends calls here any more
    #[arg(long, env = "VCLUSTER_GUARD_SHUTDOWN_DELAY", default_value = "15s", value_name = "DURATION",
          value_parser = duration::parse)]
    pub(crate) shutdown_delay: Duration,

    /// After that: how long calls in flight may take to end
    #[arg(long, env = "VCLUSTER_GUARD_DRAIN_TIMEOUT", default_value = "10s", value_name = "DURATION",
          value_parser = duration::parse)]
    pub(crate) drain_timeout: Duration,

    /// Form of the log on stderr
    #[arg(long, env = "VCLUSTER_GUARD_LOG_FORMAT", value_enum, default_value_t = Format::Text)]
    pub(crate) log_format: Format,

    /// error, warn, info, debug, trace, or a list such as info,hyper=debug
    #[arg(long, env = "VCLUSTER_GUARD_LOG_LEVEL", default_value = "info", value_name = "LEVEL")]
    pub(crate) log_level: String,
}
