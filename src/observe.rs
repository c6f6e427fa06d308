//! What an audit tells besides the findings of rules. A topic is a file and a function: it is given what was read, and
//! gives [`crate::report::Observation`]s.

pub(crate) mod coverage;
pub(crate) mod exemptions;
