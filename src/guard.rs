//! The judgement as the server sees it: a request in, an answer out.
//!
//! recognise -> gather (only what a rule turned out to lack) -> judge -> verdict -> answer

mod answer;
mod facts;

use std::sync::Arc;

use arc_swap::ArcSwap;
use vcluster_guard_core::admission::{self, Change, Kind, Recognised};
use vcluster_guard_core::carrier::workload::Workload;
use vcluster_guard_core::case::{Places, Subject};
use vcluster_guard_core::defaults::{self, Mend};
use vcluster_guard_core::exemption::{self, Exemptions};
use vcluster_guard_core::judge::{Judged, judge, judge_by};
use vcluster_guard_core::patch;
use vcluster_guard_core::policy::{Mode, Policy, Settings};
use vcluster_guard_core::recognise::{Identity, Role};
use vcluster_guard_core::rules::statefulset::SS_IMMUTABLE;
use vcluster_guard_core::verdict::{self, Verdict};

use crate::blocking;
use crate::clock;
use crate::gather::Gather;
use crate::metrics::Metrics;
use crate::serve::judge::{Judge, JudgeError};
use crate::serve::review::{Answer, Operation, Request};

/// Judges and mends.
#[derive(Debug)]
pub(crate) struct Guard {
    gather: Gather,
    metrics: Arc<Metrics>,
    policy: Arc<ArcSwap<Policy>>,
}

/// What is left of a request once it is known to be worth a look.
enum Asked {
    /// Nothing to judge.
    Pass,
    /// Ours by its looks, and undecodable.
    Unreadable(String),
    Judge(Box<Subject>, Option<Identity>),
}

impl Judge for Guard {
    async fn validate(&self, request: &Request<'_>) -> Result<Answer, JudgeError> {
        let mut subject = match ask(request) {
            Asked::Pass => return Ok(Answer::allow()),
            Asked::Unreadable(what) => return Ok(self.unreadable(request, &what).await),
            Asked::Judge(subject, _) => subject,
        };
        if subject.places == Places::CONFIG {
            self.gather
                .expect_config_secret(&subject.release.namespace, &subject.release.name);
        }
        let policy = self.policy.load();
        let exempts = exemption::writes_annotations(&subject);
        let judged = self.judge(&mut subject, &policy).await;
        let labels = self.namespace_labels(request, &policy).await;
        let settings = policy.for_namespace(&request.namespace, labels.as_ref());
        // Written now and left alone later, it would exempt what comes then.
        if exempts
            && settings.mode == Mode::Enforce
            && !policy.exemptions.lets(request.groups.iter().map(AsRef::as_ref))
        {
            return Ok(answer::of_forbidden_exemption(&policy.exemptions.allowed_groups));
        }
        let verdict = self
            .rule(
                &mut subject,
                judged,
                |subject| judge(subject, &policy.images),
                &settings,
            )
            .await;
        self.count(&verdict);
        Ok(answer::of_verdict(&subject, &verdict, &settings))
    }

    async fn mutate(&self, request: &Request<'_>) -> Result<Answer, JudgeError> {
        let Asked::Judge(mut subject, Some(identity)) = ask(request) else {
            return Ok(Answer::allow());
        };
        let policy = self.policy.load();
        // The API server refuses such a change before it asks /validate, so the advice has to be given here.
        let advise = |subject: &Subject| judge_by(&SS_IMMUTABLE, subject, &policy.images);
        let refused = advise(&subject);
        // An edit of a template that stays as it is would restart the control plane by itself.
        let mends = match (request.old_object, request.object) {
            (Some(old), Some(new)) => admission::template_changes(old, new),
            _ => true,
        };
        if !mends && refused.findings.is_empty() {
            return Ok(Answer::allow());
        }
        let labels = self.namespace_labels(request, &policy).await;
        let settings = policy.for_namespace(&request.namespace, labels.as_ref());
        let mut answer = match workload(&subject, &identity) {
            Some(workload) if mends => patched(request, workload, &defaults::mend(workload, &identity, &settings)),
            _ => Answer::allow(),
        };
        if !refused.findings.is_empty() {
            let verdict = self.rule(&mut subject, refused, advise, &settings).await;
            self.count(&verdict);
            answer.warnings.extend(answer::advice(&verdict));
        }
        Ok(answer)
    }
}

impl Guard {
    pub(crate) fn new(gather: Gather, metrics: Arc<Metrics>, policy: Arc<ArcSwap<Policy>>) -> Self {
        Self {
            gather,
            metrics,
            policy,
        }
    }

    /// Applies exemptions and policy. A denial is worth a look at the release's other objects: the exemption may stand
    /// on any of them, and a Scale shows no annotations at all.
    /// `again` is how the subject was judged.
    async fn rule(
        &self,
        subject: &mut Subject,
        judged: Judged,
        again: impl Fn(&Subject) -> Judged,
        settings: &Settings<'_>,
    ) -> Verdict {
        let policy = settings.policy;
        let decide = |subject: &Subject, mut judged: Judged| {
            let exemptions = Exemptions::of(subject, policy, clock::now());
            exemptions.apply(&mut judged);
            let mut verdict = verdict::decide(judged, subject, settings);
            verdict.refused_exemptions = exemptions.refused();
            verdict
        };
        let verdict = decide(subject, judged);
        if !verdict.denies() || !facts::look_up_all(&self.gather, subject, policy).await {
            return verdict;
        }
        let judged = again(subject);
        decide(subject, judged)
    }

    /// Judges; if a rule lacks something that can be looked up, looks once and judges again.
    async fn judge(&self, subject: &mut Subject, policy: &Policy) -> Judged {
        let judged = judge(subject, &policy.images);
        if facts::look_up(&self.gather, subject, &judged, policy).await {
            judge(subject, &policy.images)
        } else {
            judged
        }
    }

    async fn unreadable(&self, request: &Request<'_>, what: &str) -> Answer {
        let policy = self.policy.load();
        let labels = self.namespace_labels(request, &policy).await;
        answer::of_unreadable(what, policy.for_namespace(&request.namespace, labels.as_ref()).mode)
    }

    async fn namespace_labels(
        &self,
        request: &Request<'_>,
        policy: &Policy,
    ) -> Option<std::collections::BTreeMap<String, String>> {
        if !policy.reads_namespace_labels() {
            return None;
        }
        let found = self
            .gather
            .namespace_labels(&request.namespace, self.gather.deadline())
            .await;
        if let crate::gather::Lookup::Found(labels) = found {
            Some(labels)
        } else {
            None
        }
    }

    fn count(&self, verdict: &Verdict) {
        for ruled in &verdict.findings {
            self.metrics.finding(
                ruled.finding.rule.id,
                ruled.finding.severity.as_str(),
                ruled.action.as_str(),
            );
        }
        for open in &verdict.open {
            self.metrics.undecided(open.rule.id);
        }
    }
}

fn workload<'a>(subject: &'a Subject, identity: &Identity) -> Option<&'a Workload> {
    match identity.role {
        Role::ControlPlane => subject.now.workload.known(),
        Role::Etcd => subject.now.etcd.known(),
    }
}

fn ask(request: &Request<'_>) -> Asked {
    if !matches!(request.operation, Operation::Create | Operation::Update) {
        return Asked::Pass;
    }
    let Some(kind) = Kind::of(&request.group, &request.kind, &request.sub_resource) else {
        return Asked::Pass;
    };
    let Some(object) = request.object else {
        return Asked::Pass;
    };
    let old = request
        .old_object
        .filter(|_| matches!(request.operation, Operation::Update));
    let change = Change {
        namespace: &request.namespace,
        name: &request.name,
        object,
        old,
    };
    let bytes = object.get().len() + old.map_or(0, |old| old.get().len());
    // Decoding megabytes takes milliseconds, which other connections should not wait.
    match blocking::unhurried(bytes, || admission::recognise(kind, &change)) {
        Recognised::NotOurs => Asked::Pass,
        Recognised::Free(why) => {
            tracing::info!(namespace = %request.namespace, name = %request.name, why, "let through unjudged");
            Asked::Pass
        }
        Recognised::Unreadable(what) => Asked::Unreadable(what),
        Recognised::Subject(subject) => Asked::Judge(subject, None),
        Recognised::Workload(subject, identity) => Asked::Judge(subject, Some(identity)),
    }
}

fn patched(request: &Request<'_>, workload: &Workload, mend: &Mend) -> Answer {
    let mut answer = Answer::allow();
    if mend.edits.is_empty() {
        return answer;
    }
    if request
        .object
        .is_some_and(|object| object.get().len() > patch::MAX_OBJECT_BYTES)
    {
        answer
            .warnings
            .push("vcluster-guard: the object is over 4 MiB and was not mended".into());
        return answer;
    }
    let proved = patch::prove(workload, &mend.edits).map_err(anyhow::Error::from);
    let text = proved.and_then(|patch| Ok(patch.map(|patch| serde_json::to_vec(&patch)).transpose()?));
    match text {
        Ok(Some(text)) => {
            answer.patch = Some(text);
            answer.warnings.clone_from(&mend.notes);
            answer
                .audit_annotations
                .push(("mended".into(), answer::joined(&mend.notes)));
        }
        Ok(None) => {}
        // Sent, it would be a 500 to the user even under failurePolicy Ignore.
        Err(error) => tracing::error!(namespace = %request.namespace, name = %request.name, %error, "patch not sent"),
    }
    answer
}
