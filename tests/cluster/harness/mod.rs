//! A real control plane without containers, for the cluster tests and for `make demo`.
//!
//! etcd, kube-apiserver, kube-controller-manager and kube-scheduler run as plain processes on free
//! loopback ports, everything they write in one temporary directory. The guard runs beside them as the
//! real binary, and the API server reaches it as a real one would: through a Service.
//!
//! ```text
//! programs ──► processes ──► control_plane ──► nodes          what a cluster is
//!   (found)     (kept)         │
//!              lifeline        └──► run (kubectl, helm) ──► install ──► guard
//!           (all end with us)
//! ```
//!
//! A folder with a `mod.rs`, so that `examples/demo.rs` can take it in by its path.

mod apiserver_metrics;
mod auditor;
mod control_plane;
pub(crate) mod definitions;
mod files;
mod guard;
mod http;
mod install;
mod kubeconfig;
mod lifeline;
mod nodes;
mod pki;
mod processes;
mod programs;
mod run;
mod samples;
mod store;
mod wait;

pub(crate) use auditor::Auditor;
pub(crate) use control_plane::ControlPlane;
pub(crate) use install::{Installed, UNSEEN};
pub(crate) use programs::{checkout, guard, program};
pub(crate) use run::{Output, run};
pub(crate) use samples::{DEPRECATED, PRO, Samples, deployed_etcd, embedded_etcd, sqlite};
pub(crate) use store::Store;
pub(crate) use wait::until;
