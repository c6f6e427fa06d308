//! The real binary as a process: how it starts, what it says when it cannot, and how it ends.

// `cfg(test)` tells clippy that all of this is test code, which may say outright what must hold.
#[cfg(test)]
mod crowd;
#[cfg(test)]
mod policy;
#[cfg(test)]
mod process;
#[cfg(test)]
mod shutdown;
#[cfg(test)]
mod startup;
