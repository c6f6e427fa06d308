//! The objects that carry a part of a vCluster, as far as they are read.

pub mod budget;
pub mod scale;
pub mod secret;
pub mod workload;
