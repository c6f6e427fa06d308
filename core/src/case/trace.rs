//! The names of what a rule reads, for whoever wants a judgement explained. No value is kept, and admission keeps nothing.

use alloc::vec::Vec;
use core::cell::RefCell;

use crate::rule::Rule;

use super::{Case, Images, State, Subject};
use crate::config::Config;
use crate::fact::Fact;

/// One thing that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Read {
    /// A path in the values or in an object, or what a rule made of several of them.
    pub name: &'static str,
    /// Of the state before the change.
    pub earlier: bool,
}

/// What a rule reads of a subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reads {
    /// In the order of reading, each name once.
    pub names: Vec<Read>,
    /// It asked how it was before, and nobody knows.
    pub lacks_past: bool,
}

/// What was read so far.
#[derive(Debug, Default)]
pub(super) struct Trace(RefCell<Vec<Read>>);

impl Trace {
    pub(super) fn note(&self, name: &'static str, earlier: bool) {
        let read = Read { name, earlier };
        let mut reads = self.0.borrow_mut();
        if !reads.contains(&read) {
            reads.push(read);
        }
    }
}

/// What a rule reads of a subject: keys of the config by their paths, and what it names itself.
#[must_use]
pub fn reads_of(rule: &Rule, subject: &Subject, images: &Images) -> Reads {
    let mut subject = subject.clone();
    subject.watch_configs();
    let trace = Trace::default();
    let case = Case {
        trace: Some(&trace),
        ..Case::now(&subject, images)
    };
    let _only_its_reads_count = (rule.judge)(&case);
    let lacks_past = case.lacks_past();
    for (state, earlier) in [(Some(&subject.now), false), (subject.before.as_ref(), true)] {
        for name in state.into_iter().flat_map(State::take_config_reads) {
            trace.note(name, earlier);
        }
    }
    Reads {
        names: trace.0.into_inner(),
        lacks_past,
    }
}

impl Subject {
    fn watch_configs(&mut self) {
        for state in [Some(&mut self.now), self.before.as_mut()].into_iter().flatten() {
            if let Fact::Known(secret) = &mut state.config {
                secret.watch();
            }
        }
    }
}

impl State {
    fn take_config_reads(&self) -> impl Iterator<Item = &'static str> {
        let config = self.config.known().and_then(|secret| secret.config().ok());
        config.into_iter().flat_map(Config::take_reads)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::carrier::secret::ConfigSecret;
    use crate::join::Parts;
    use crate::object::{Meta, Release};
    use crate::rules;
    use alloc::vec;

    #[test]
    fn a_rule_is_known_by_what_it_reads() {
        let text = b"controlPlane: {backingStore: {etcd: {embedded: {enabled: true}}}}".to_vec();
        let parts = Parts {
            config: Some(ConfigSecret::new(Meta::default(), text)),
            ..Parts::default()
        };
        let subject = parts.subject(&Release::new("team", "demo"), None, None);
        let names = |id: &str| -> Vec<&str> {
            let rule = rules::by_id(id).unwrap();
            let reads = reads_of(rule, &subject, &Images::default());
            reads.names.into_iter().map(|read| read.name).collect()
        };
        let source = "controlPlane.backingStore.database.external.enabled";
        assert_eq!(names("bs-external-db-no-source"), vec![source]);
        assert_eq!(names("hpa-on-vcluster"), vec!["autoscalers"]);
    }
}
