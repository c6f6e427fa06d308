//! Values are judged as the Secret that they will become.

use vcluster_guard_core::carrier::secret::CONFIG_KEY;
use vcluster_guard_core::carrier::values::Carrier;
use vcluster_guard_core::case::{State, Subject};
use vcluster_guard_core::fact::Fact;
use vcluster_guard_core::join::{Parts, Releases, World};
use vcluster_guard_core::judge::judge;
use vcluster_guard_core::policy::Policy;
use vcluster_guard_core::rule::Need;

use super::input::Input;
use crate::judging::Judging;
use crate::report::Report;

/// Judges every set of values.
pub(super) fn check(
    report: &mut Report,
    now: &Input,
    before: Option<&Input>,
    live: Option<&Releases>,
    world: &World,
    judging: &Judging<'_>,
) {
    for (place, carrier) in now.carriers() {
        let earlier = before.and_then(|before| before.carrier_of(carrier));
        let subject = subject(carrier, earlier, live, world);
        report.notes.extend(unseen(carrier, &subject, judging.policy));
        let settings = judging.policy.for_namespace(&subject.release.namespace, None);
        judging.judge(report, &subject, &settings, |object, path| {
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
    }
}

fn subject(carrier: &Carrier, earlier: Option<&Carrier>, live: Option<&Releases>, world: &World) -> Subject {
    let parts = |carrier: &Carrier| Parts {
        config: Some(carrier.config_secret()),
        ..Parts::default()
    };
    let release = &carrier.release;
    let live = live.and_then(|live| live.get(release));
    let mut subject = parts(carrier).subject(release, earlier.map(parts).as_ref(), live);
    for state in [Some(&mut subject.now), subject.before.as_mut()].into_iter().flatten() {
        forget_absences(state);
    }
    world.surround(&mut subject);
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
