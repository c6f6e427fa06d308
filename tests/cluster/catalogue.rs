//! Every rule that a request can trigger, through the real API server: the files of `tests/cases`, played with the
//! same expectations as the walker's.

mod api;
mod audited;
mod complete;
mod stage;
mod told;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use vcluster_guard_core::policy::Policy;

use crate::case::Case;
use crate::files::{self, File};
use crate::space::Space;
use api::{Answer, Api};
use audited::Left;
use stage::Stage;
use told::Told;

/// How many are played at a time.
const SIDE_BY_SIDE: usize = 8;

/// Of more than 800 cases most can be left standing as they are.
const LEAST_LEFT: usize = 400;

/// The cases that cannot come true here, and how that shows.
const APART: [(&str, &str); 16] = [
    // The API server cannot read them, or knows no such thing.
    ("config-unreadable/deny.not-base64.yaml", "illegal base64 data"),
    (
        "recognition/allow.group-that-only-looks-like-ours.yaml",
        "404 page not found",
    ),
    (
        "recognition/allow.secret-with-the-prefix-alone.yaml",
        "RFC 1123 subdomain",
    ),
    (
        "recognition/allow.undecodable-but-foreign.yaml",
        "cannot unmarshal string",
    ),
    ("recognition/deny.undecodable.yaml", "cannot unmarshal string"),
    // From 1.34 on the API server itself refuses a mount without a volume; before that nobody does but the guard.
    (
        "pe-data-missing/deny.claim-template-of-another-name.yaml",
        "Not found: \"data\"",
    ),
    ("pe-data-missing/deny.deployment.yaml", "Not found: \"data\""),
    ("pe-data-missing/deny.etcd.yaml", "Not found: \"data\""),
    ("pe-data-missing/warn.as-before.yaml", "Not found: \"data\""),
    // It does the same with spread constraints that its scheduler could not read.
    (
        "sch-min-domains/deny.with-schedule-anyway.yaml",
        "can only use minDomains if",
    ),
    ("sch-min-domains/warn.as-before.yaml", "can only use minDomains if"),
    ("sch-spread-duplicate/deny.same-pair.yaml", "Duplicate value"),
    // What is fixed is refused by the API server, and ss-immutable gives the advice.
    ("ss-service-name/warn.changed.yaml", "updates to statefulset spec"),
    // No pod gets into these namespaces.
    (
        "recognition/allow.snapshot-pod.yaml",
        "pods \"demo-snapshot-1\" is forbidden",
    ),
    // The image is rewritten first, and then judged under its new name.
    (
        "bs-image-oss-pro-feature/deny.deprecated-name.yaml",
        "does not say: deny ghcr.io/loft-sh/vcluster:0.24.1 lacks",
    ),
    // Nobody can scale what is not there, so here it is.
    (
        "lg-leader-elect-false/undecided.scale-of-nothing-known.yaml",
        "does not say: undecided without workload",
    ),
];

/// How a case went.
#[derive(Debug)]
enum Outcome {
    /// The user was told what it says.
    Held,
    /// It is judged under a policy of its own; the guard here has the default one.
    OtherPolicy,
    /// No request ever tells what it is about.
    InCheckAlone,
    /// The API server itself does not take its objects, or the user was told something else.
    Otherwise(String),
}

#[test]
fn what_the_cases_say_arrives_through_the_api_server() {
    let space = Space::at("default");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let (outcomes, left) = runtime.unwrap().block_on(play_all(&space.kubeconfig())).unwrap();
    let mut failures = audit(&space, &left);
    for (label, outcome) in &outcomes {
        let apart = APART.iter().find(|(apart, _)| apart == label).map(|(_, how)| *how);
        match (outcome, apart) {
            (Outcome::Otherwise(why), None) => failures.push(format!("{label}: {why}")),
            (Outcome::Otherwise(why), Some(how)) if !why.contains(how) => failures.push(format!("{label}: {why}")),
            (Outcome::Held, Some(_)) => failures.push(format!("{label}: comes true, so it stands apart no more")),
            _ => {}
        }
    }
    let gone = APART.iter().filter(|(label, _)| !outcomes.contains_key(*label));
    failures.extend(gone.map(|(label, _)| format!("{label}: there is no such case")));
    failures.extend(unproved(&outcomes));
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

/// One audit for all that the cases have left.
fn audit(space: &Space, left: &[Left]) -> Vec<String> {
    assert!(left.len() > LEAST_LEFT, "only {} cases stand", left.len());
    let audit = space.audit_all(&["-o", "json"]);
    audited::compare(&audit.json().unwrap(), left)
}

/// Rules that a request can trigger, and of which no denial or warning came true.
fn unproved(outcomes: &BTreeMap<String, Outcome>) -> Vec<String> {
    let mut proved: BTreeMap<&str, bool> = BTreeMap::new();
    for (label, outcome) in outcomes {
        let Some((id, case)) = label.split_once('/') else {
            continue;
        };
        let speaks = case.starts_with("deny.") || case.starts_with("warn.");
        let asked = !matches!(outcome, Outcome::InCheckAlone) && !APART.iter().any(|(apart, _)| apart == label);
        if speaks && asked {
            *proved.entry(id).or_default() |= matches!(outcome, Outcome::Held);
        }
    }
    let unproved = proved.into_iter().filter(|(_, proved)| !proved);
    unproved
        .map(|(id, _)| format!("{id}: no deny or warn case of it is played"))
        .collect()
}

async fn play_all(kubeconfig: &Path) -> anyhow::Result<(BTreeMap<String, Outcome>, Vec<Left>)> {
    let api = Arc::new(Api::new(kubeconfig).await?);
    let places = Arc::new(Semaphore::new(SIDE_BY_SIDE));
    let mut playing = JoinSet::new();
    for (index, file) in files::all().into_iter().enumerate() {
        let (api, places) = (Arc::clone(&api), Arc::clone(&places));
        playing.spawn(async move {
            let _place = places.acquire().await;
            let namespace = format!("case-{index}");
            let outcome = play(&api, &namespace, &file).await;
            let outcome = outcome.unwrap_or_else(|error| Outcome::Otherwise(format!("{error:#}")));
            let left = leave(&api, namespace, &file, &outcome).await;
            ((file.label, outcome), left)
        });
    }
    let (outcomes, left): (BTreeMap<_, _>, Vec<_>) = playing.join_all().await.into_iter().unzip();
    Ok((outcomes, left.into_iter().flatten().collect()))
}

/// Leaves what the case asked for standing, where it was played and can stand.
async fn leave(api: &Api, namespace: String, file: &File, outcome: &Outcome) -> Option<Left> {
    if !matches!(outcome, Outcome::Held) {
        return None;
    }
    let case = Case::read(&fs::read(&file.path).ok()?).ok()?;
    let objects = audited::objects(&case, &namespace);
    let stage = Stage::again(api, namespace.clone());
    let stands = stage.leave(&objects).await.ok()?;
    stands.then(|| Left {
        label: file.label.clone(),
        namespace,
        objects,
    })
}

async fn play(api: &Api, namespace: &str, file: &File) -> anyhow::Result<Outcome> {
    let mut case = Case::read(&fs::read(&file.path)?).map_err(anyhow::Error::msg)?;
    let Some(wanted) = case.at_admission().map(<[String]>::to_vec) else {
        return Ok(Outcome::InCheckAlone);
    };
    if *case.policy() != Policy::default() {
        let silent = wanted.is_empty() && ["deny", "warn"].contains(&file.verdict.as_str());
        return Ok(if silent {
            Outcome::InCheckAlone
        } else {
            Outcome::OtherPolicy
        });
    }
    if is_mended(&case) {
        let objects = case.before.iter_mut().flatten().chain(&mut case.now);
        objects.for_each(complete::service);
    }
    let stage = Stage::new(api, namespace.to_owned()).await?;
    let answers = stage.play(&case).await?;
    let not_taken = answers.iter().find(|answer| !answer.ok && answer.denial().is_none());
    let compared = compare(&case, file, &wanted, &answers);
    Ok(match (not_taken, compared) {
        // Advice comes with the refusal; silence proves nothing then.
        (Some(answer), Ok(())) if wanted.is_empty() => Outcome::Otherwise(answer.message().to_owned()),
        (Some(answer), Err(_)) => Outcome::Otherwise(answer.message().to_owned()),
        (_, Ok(())) => Outcome::Held,
        (None, Err(why)) => Outcome::Otherwise(why),
    })
}

fn is_mended(case: &Case) -> bool {
    case.patch().is_some_and(|patch| !patch.is_empty())
}

fn compare(case: &Case, file: &File, wanted: &[String], answers: &[Answer]) -> Result<(), String> {
    let topic = file.topic.ok_or("there is no such rule")?;
    let mut told = Told::default();
    for answer in answers {
        told.denials
            .extend(answer.denial().unwrap_or_default().lines().map(str::to_owned));
        told.warnings.extend(answer.warnings.iter().cloned());
    }
    for note in case.notes().unwrap_or_default() {
        told::has(&told.warnings, note)?;
    }
    for operation in case.patch().unwrap_or_default() {
        let applied = answers.iter().any(|answer| is_applied(operation, &answer.body));
        applied
            .then_some(())
            .ok_or_else(|| format!("{operation} is not in what is stored; {told:?}"))?;
    }
    // What is mended while mutating is judged mended: its notes are all that is said of it.
    if is_mended(case) {
        return Ok(());
    }
    told::compare(topic, wanted, &told)
}

/// Whether the stored object has what the patch puts in. The API server may have added to it.
fn is_applied(operation: &Value, stored: &Value) -> bool {
    let path = operation["path"].as_str().unwrap_or_default();
    stored
        .pointer(path)
        .is_some_and(|value| contains(value, &operation["value"]))
}

fn contains(whole: &Value, part: &Value) -> bool {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => part
            .iter()
            .all(|(key, part)| whole.get(key).is_some_and(|value| contains(value, part))),
        _ => whole == part,
    }
}
