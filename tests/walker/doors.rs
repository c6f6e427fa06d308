//! The two doors, without the program around them: what the guard says of a case's objects.

use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};
use vcluster_guard_core::admission::{self, Change, Kind, Recognised};
use vcluster_guard_core::case::{State, Subject};
use vcluster_guard_core::defaults;
use vcluster_guard_core::exemption::{Exemptions, Now};
use vcluster_guard_core::fact::Fact;
use vcluster_guard_core::join::{Parts, Releases, World};
use vcluster_guard_core::judge::{Finding, judge};
use vcluster_guard_core::patch;
use vcluster_guard_core::recognise::{Identity, Role};
use vcluster_guard_core::rule::{Need, Rule};
use vcluster_guard_core::verdict::{self, Action, Open, Ruled, Verdict};

use crate::case::Case;
use crate::files::Topic;

/// Every case happens at 2026-01-01T00:00:00Z.
const NOW: Now = Now(1_767_225_600);

/// What is said at admission.
#[derive(Debug, Default)]
pub(crate) struct Said {
    pub(crate) lines: Vec<String>,
    pub(crate) patch: Vec<Value>,
    pub(crate) notes: Vec<String>,
}

/// One request for every object; what is said twice counts once.
pub(crate) fn admission(case: &Case, topic: Topic) -> Result<Said, String> {
    let mut said = Said::default();
    let (around, _) = releases(case.now.iter().chain(&case.beside));
    for object in &case.now {
        let old = case.before.iter().flatten().find(|old| key(old) == key(object));
        let (raw, old) = (raw(object), old.map(raw));
        let change = Change {
            namespace: text(object, "/metadata/namespace"),
            name: text(object, "/metadata/name"),
            object: &raw,
            old: old.as_deref(),
        };
        let Some(kind) = kind(object) else { continue };
        let subject = match admission::recognise(kind, &change) {
            Recognised::NotOurs | Recognised::Free(_) => continue,
            Recognised::Unreadable(what) => {
                said.lines.push(format!("deny {what}"));
                continue;
            }
            Recognised::Subject(subject) => subject,
            Recognised::Workload(subject, identity) => {
                mend(case, &change, &subject, &identity, &mut said)?;
                subject
            }
        };
        let around = around.get(&subject.release).cloned().unwrap_or_default();
        let verdict = decide(case, look_up(*subject, &around, case), Some(&around));
        for line in lines(&verdict, topic) {
            if !said.lines.contains(&line) {
                said.lines.push(line);
            }
        }
    }
    Ok(said)
}

/// All objects as releases.
pub(crate) fn check(case: &Case, topic: Topic) -> Vec<String> {
    let ((now, mut said), (beside, _)) = (releases(&case.now), releases(&case.beside));
    let (before, _) = releases(case.before.iter().flatten());
    let live = (!case.beside.is_empty()).then_some(&beside);
    let world = World::new(&now, live).on(case.host());
    let unseen = Parts::default();
    let autoscaled = world.autoscaled(&now).map(|(release, _)| (release, &unseen));
    for (release, parts) in now.iter().chain(autoscaled) {
        let earlier = case.before.as_ref().and_then(|_| before.get(release));
        let mut subject = parts.subject(release, earlier, live.and_then(|live| live.get(release)));
        world.surround(&mut subject);
        said.extend(lines(&decide(case, subject, None), topic));
    }
    said
}

/// The objects by release, and what could not be read of them.
fn releases<'a>(objects: impl IntoIterator<Item = &'a Value>) -> (Releases, Vec<String>) {
    let mut releases = Releases::default();
    let problems = objects.into_iter().filter_map(|object| releases.add(object).err());
    let problems = problems.map(|error| format!("incomplete, {error}")).collect();
    releases.settle();
    (releases, problems)
}

/// As the server does: what a rule turned out to lack is looked up, and counts for both sides of the change.
fn look_up(mut subject: Subject, around: &Parts, case: &Case) -> Subject {
    let judged = judge(&subject, &case.policy().images);
    let lacks = |need: Need| judged.needs().any(|lacked| lacked == need);
    if lacks(Need::Config) {
        look_up_config(&mut subject, around, case);
    }
    if lacks(Need::Etcd) {
        for state in both(&mut subject) {
            state.etcd = around.etcd.as_ref().map(|(etcd, _)| etcd.clone()).into();
        }
    }
    let secretless = matches!(subject.now.config, Fact::Absent) && subject.now.scaled.is_some();
    if lacks(Need::Workload) || secretless {
        look_up_workload(&mut subject, around);
    }
    subject
}

fn look_up_config(subject: &mut Subject, around: &Parts, case: &Case) {
    if subject.now.config.is_unknown() && case.policy().lookups.config_secret {
        for state in both(subject) {
            state.config = around.config.clone().into();
        }
    }
}

fn look_up_workload(subject: &mut Subject, around: &Parts) {
    if subject.now.workload.is_unknown() {
        for state in both(subject) {
            state.workload = around.workload.as_ref().map(|(workload, _)| workload.clone()).into();
        }
    }
}

fn both(subject: &mut Subject) -> impl Iterator<Item = &mut State> {
    [Some(&mut subject.now), subject.before.as_mut()].into_iter().flatten()
}

/// Exemptions may stand on any object of the release, so a denial is worth a look at the others.
pub(crate) fn decide(case: &Case, mut subject: Subject, around: Option<&Parts>) -> Verdict {
    let policy = case.policy();
    let judged = judge(&subject, &policy.images);
    let decide = |subject: &Subject| {
        let mut judged = judged.clone();
        let exemptions = Exemptions::of(subject, policy, NOW);
        exemptions.apply(&mut judged);
        let settings = policy.for_namespace(&subject.release.namespace, None);
        let mut verdict = verdict::decide(judged, subject, &settings);
        verdict.refused_exemptions = exemptions.refused();
        verdict
    };
    let verdict = decide(&subject);
    match around {
        Some(around) if verdict.denies() => {
            look_up_config(&mut subject, around, case);
            look_up_workload(&mut subject, around);
            decide(&subject)
        }
        _ => verdict,
    }
}

fn lines(verdict: &Verdict, topic: Topic) -> Vec<String> {
    let about = |rule: &Rule| match topic {
        Topic::Rule(wanted) => wanted.id == rule.id,
        Topic::EveryRule => true,
        Topic::Mends => false,
    };
    let said = said_by(verdict).filter(|(rule, _)| about(rule)).map(|(_, line)| line);
    let refused = verdict
        .refused_exemptions
        .iter()
        .map(|refused| format!("note, {refused}"));
    said.chain(refused).collect()
}

/// Every line, and the rule that says it.
pub(crate) fn said_by(verdict: &Verdict) -> impl Iterator<Item = (&'static Rule, String)> {
    let finding = |ruled: &Ruled| (ruled.finding.rule, finding_line(&ruled.finding, ruled.action));
    let findings = verdict.findings.iter().map(finding);
    findings.chain(verdict.open.iter().map(|open| (open.rule, open_line(open))))
}

/// The words of the row are left out: the row itself says them.
fn finding_line(finding: &Finding, action: Action) -> String {
    let word = match action {
        Action::Deny => "deny",
        Action::Warn => "warn",
        Action::Tell => "info",
    };
    let own = |lead: &str, text: &str, row: &str| {
        if text == row {
            String::new()
        } else {
            format!("; {lead}: {text}")
        }
    };
    format!(
        "{word}{}{} {} ({}){}{}",
        if finding.exempt.is_some() { ", exempt" } else { "" },
        if finding.inherited { ", as before" } else { "" },
        finding.message,
        finding.path,
        own("then", &finding.consequence, finding.rule.consequence),
        own("fix", &finding.fix, finding.rule.fix),
    )
}

fn open_line(open: &Open) -> String {
    let lack = format!("undecided without {}", open.need.as_str());
    match open.action {
        Action::Deny => format!("deny, {lack}"),
        Action::Warn => format!("{lack}, and a warning says so"),
        Action::Tell => lack,
    }
}

/// As the server does; and a patch must apply to the whole object and leave nothing to mend.
fn mend(
    case: &Case,
    change: &Change<'_>,
    subject: &Subject,
    identity: &Identity,
    said: &mut Said,
) -> Result<(), String> {
    if change
        .old
        .is_some_and(|old| !admission::template_changes(old, change.object))
    {
        return Ok(());
    }
    let workload = match identity.role {
        Role::ControlPlane => subject.now.workload.known(),
        Role::Etcd => subject.now.etcd.known(),
    };
    let workload = workload.expect("the subject of a workload holds it");
    let settings = case.policy().for_namespace(change.namespace, None);
    let mend = defaults::mend(workload, identity, &settings);
    let Some(patch) = patch::prove(workload, &mend.edits).map_err(|error| error.to_string())? else {
        return Ok(());
    };
    let mut whole: Value = serde_json::from_str(change.object.get()).unwrap();
    let operations = serde_json::to_value(&patch).unwrap();
    json_patch::patch(&mut whole, &patch).map_err(|error| error.to_string())?;
    let mended = admission::decode_workload(workload.kind, &whole.to_string()).map_err(|error| error.to_string())?;
    if !defaults::mend(&mended, identity, &settings).edits.is_empty() {
        return Err("the mended object would be mended again".into());
    }
    said.patch.extend(operations.as_array().cloned().unwrap_or_default());
    said.notes.extend(mend.notes);
    Ok(())
}

fn kind(object: &Value) -> Option<Kind> {
    let group = text(object, "/apiVersion")
        .split_once('/')
        .map_or("", |(group, _)| group);
    let kind = text(object, "/kind");
    Kind::of(group, kind, if kind == "Scale" { "scale" } else { "" })
}

fn key(object: &Value) -> [&str; 3] {
    ["/kind", "/metadata/namespace", "/metadata/name"].map(|pointer| text(object, pointer))
}

fn text<'a>(object: &'a Value, pointer: &str) -> &'a str {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn raw(object: &Value) -> Box<RawValue> {
    to_raw_value(object).expect("JSON can be written")
}
