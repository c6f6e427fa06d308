//! `check` as its users run it: files of every form, and what is said of them.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at what must hold"
)]

mod explain;
mod files;
mod forms;
mod lists;
#[path = "../program/run.rs"]
mod program;
mod run;
mod schema;
mod versions;
