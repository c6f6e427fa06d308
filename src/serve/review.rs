//! The AdmissionReview, version `admission.k8s.io/v1`: what is read of it and what is answered.
//!
//! [`envelope`] decodes in two phases: first the envelope with the uid, the objects left as raw text; the
//! judgement then decodes only the fields it needs. An object nested thousands of levels deep (the apiserver
//! passes 9,990) therefore still has its uid read and its answer carries it.

mod answer;
mod envelope;
mod request;

pub(crate) use answer::Answer;
pub(crate) use answer::Cause;
pub(crate) use envelope::{Unreadable, decode};
pub(crate) use request::{Operation, Request};
