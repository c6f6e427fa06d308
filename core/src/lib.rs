//! The judgement of vcluster-guard, and nothing else.
//!
//! A vCluster is one thing to its owner and up to six objects to Kubernetes. [`recognise`] says which part of
//! which release an object is, [`case`] joins what is known of the release, [`rules`] is the table of
//! everything that is judged, [`verdict`] turns findings into what the caller does with them, and [`defaults`]
//! holds the mends. [`config`] reads a vCluster's `config.yaml` exactly as vCluster itself does.
//!
//! ```text
//! bytes -> recognise -> Subject -> judge (rules) -> verdict (policy)
//!                          \-> mend (defaults) -> patch
//! ```
//!
//! The crate is pure on purpose: `no_std`, so that no clock, file, socket or environment can even be named.
//! Time comes in as an argument, objects come in as bytes.
#![no_std]
#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::string_slice))]

extern crate alloc;

pub mod admission;
pub mod carrier;
pub mod case;
pub mod config;
pub mod defaults;
pub mod edit;
pub mod exemption;
pub mod fact;
pub mod host;
pub mod idle;
pub mod image;
pub mod join;
pub mod judge;
pub mod misfit;
pub mod object;
pub mod patch;
pub mod policy;
pub mod recognise;
pub mod remedy;
pub mod rule;
pub mod rules;
pub mod startup;
pub mod store;
pub mod subject;
pub mod surroundings;
pub mod verdict;
