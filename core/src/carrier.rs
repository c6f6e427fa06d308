//! The objects that carry a part of a vCluster, as far as they are read.

pub mod autoscaler;
pub mod budget;
pub mod claim;
pub mod env;
pub mod locate;
pub mod node;
pub mod scale;
pub mod scheduling;
pub mod secret;
pub mod values;
pub mod workload;
