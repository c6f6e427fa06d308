//! What an audit tells besides the findings of rules. A topic is a file: it is given what was read, and gives
//! [`crate::report::Observation`]s.

pub(crate) mod coverage;
pub(crate) mod data;
pub(crate) mod exemptions;
pub(crate) mod images;
pub(crate) mod injection;
#[cfg(test)]
mod testing;
