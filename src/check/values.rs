//! Values are judged as the Secret that they will become.

use vcluster_guard_core::carrier::secret::CONFIG_KEY;
use vcluster_guard_core::carrier::values::Carrier;
use vcluster_guard_core::case::{State, Subject};
use vcluster_guard_core::fact::Fact;
use vcluster_guard_core::join::Parts;
use vcluster_guard_core::judge::judge;
use vcluster_guard_core::policy::Policy;
use vcluster_guard_core::rule::Need;

use super::Run;
use super::place::Place;
use crate::report::Report;

/// Judges one set of values.
pub(super) fn check(run: &Run<'_>, place: &Place, carrier: &Carrier) -> Report {
    let mut report = Report::new();
    let policy = run.judging.policy;
    let subject = subject(run, carrier);
    report.notes.extend(unseen(carrier, &subject, policy));
    let settings = policy.for_namespace(&subject.release.namespace, None);
    let now = run.now.again();
    run.judging.judge(&mut report, &subject, &settings, |object, path| {
        let path = match path {
            // The whole of it is at fault, for the sake of one key.
            CONFIG_KEY => carrier.fault().unwrap_or(path),
            path => path,
        };
        // What the chart will make of the values is best mended there too.
        now.source(object, path)
            .filter(|_| *object != carrier.object)
            .or_else(|| Some(now.source_in_values(place, carrier, path)))
    });
    report
}

fn subject(run: &Run<'_>, carrier: &Carrier) -> Subject {
    let parts = |carrier: &Carrier| Parts {
        config: Some(carrier.config_secret()),
        ..Parts::default()
    };
    let earlier = run.before().and_then(|before| before.carrier_of(carrier));
    let release = &carrier.release;
    let live = run.live().and_then(|live| live.get(release));
    let mut subject = parts(carrier).subject(release, earlier.map(parts).as_ref(), live);
    for state in [Some(&mut subject.now), subject.before.as_mut()].into_iter().flatten() {
        forget_absences(state);
    }
    run.world.surround(&mut subject);
    subject
}

/// In rendered manifests a budget that is not there does not exist; values show no objects at all.
fn forget_absences(state: &mut State) {
    for budget in [&mut state.budget, &mut state.etcd_budget] {
        if matches!(budget, Fact::Absent) {
            *budget = Fact::Unknown;
        }
    }
}

/// Says why something is a warning that would be a denial.
fn unseen(carrier: &Carrier, subject: &Subject, policy: &Policy) -> Option<String> {
    if carrier.hidden.is_empty() {
        return None;
    }
    let judged = judge(subject, &policy.images);
    let doubtful = judged
        .findings
        .iter()
        .filter(|finding| finding.doubt == Some(Need::Values));
    let rules: Vec<&str> = doubtful.map(|finding| finding.rule.id).collect();
    (!rules.is_empty()).then(|| {
        format!(
            "{} {}: {} cannot be seen from here and may settle it, so no more than a warning: {}",
            carrier.object.kind,
            carrier.object.name,
            carrier.hidden.join(", "),
            rules.join(", ")
        )
    })
}
