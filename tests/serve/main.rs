//! The real binary as a process: how it starts, what it says when it cannot, and how it ends.

mod process;
mod shutdown;
mod startup;
