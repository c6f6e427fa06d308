//! Puts a subject before the rules. Pure: the same subject gives the same findings in the same order.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use crate::carrier::secret::ConfigSecret;
use crate::case::{Case, Occasion, Places, Subject};
use crate::exemption::grant::Grant;
use crate::image::Images;
use crate::object::ObjectRef;
use crate::remedy::Remedy;
use crate::rule::{Found, Need, Part, Rule, Severity};
use crate::{recognise, rules};

/// A rule's finding about one vCluster.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// By row and function; policy comes later.
    pub severity: Severity,
    /// The object at fault.
    pub object: ObjectRef,
    /// The other objects that the rule looked at.
    pub related: Vec<ObjectRef>,
    /// Where in it (values path for the Secret).
    pub path: Cow<'static, str>,
    /// What is wrong.
    pub message: String,
    /// What happens if nothing is done.
    pub consequence: Cow<'static, str>,
    /// What to change.
    pub fix: Cow<'static, str>,
    /// A fact that might clear it, and was not at hand.
    pub doubt: Option<Need>,
    /// What mends it without a choice.
    pub remedy: Remedy,
    /// The exemption that covers it.
    pub exempt: Option<Grant>,
    /// The old object had the same finding, and nothing that the rule read has changed.
    pub inherited: bool,
}

/// A rule that could not decide.
#[derive(Debug, Clone, Copy)]
pub struct Undecided {
    /// The rule.
    pub rule: &'static Rule,
    /// What it lacked.
    pub need: Need,
}

/// Everything the rules say of one subject.
#[derive(Debug, Clone, Default)]
pub struct Judged {
    /// Worst first, then in the order of the table.
    pub findings: Vec<Finding>,
    /// In the order of the table.
    pub undecided: Vec<Undecided>,
}

impl Judged {
    /// Whether the rule that was asked last has found something, or could not decide.
    fn speaks_of(&self, rule: &Rule) -> bool {
        let found = self.findings.last().is_some_and(|finding| finding.rule.id == rule.id);
        found
            || self
                .undecided
                .last()
                .is_some_and(|undecided| undecided.rule.id == rule.id)
    }

    /// Every fact that would help, doubts included.
    pub fn needs(&self) -> impl Iterator<Item = Need> {
        let undecided = self.undecided.iter().map(|undecided| undecided.need);
        undecided.chain(self.findings.iter().filter_map(|finding| finding.doubt))
    }
}

/// Asks every rule that has a say about the subject's objects.
#[must_use]
pub fn judge(subject: &Subject, images: &Images) -> Judged {
    let mut judged = Judged::default();
    let case = Case::now(subject, images);
    for &rule in rules::TABLE {
        if rule.places.meets(subject.places) {
            // What was worked out for one rule was not read by the next, and here it matters what each has read.
            let afresh = if subject.is_partly_unseen() {
                Case::now(subject, images)
            } else {
                case.afresh()
            };
            ask(rule, subject, &afresh, &mut judged);
        }
        // It is silent, and might not be had everything been read.
        if let Some(need) = unread(rule, subject).filter(|_| !judged.speaks_of(rule)) {
            judged.undecided.push(Undecided { rule, need });
        }
    }
    judged
        .findings
        .sort_by_key(|finding| core::cmp::Reverse(finding.severity));
    judged
}

/// What a rule lacks that would have been asked about an object, had it been read.
fn unread(rule: &Rule, subject: &Subject) -> Option<Need> {
    let needs = [
        (Places::CONFIG, Need::Config),
        (Places::WORKLOAD, Need::Workload),
        (Places::ETCD, Need::Etcd),
        (Places::BUDGET, Need::Budgets),
        (Places::AUTOSCALER, Need::Autoscalers),
    ];
    let mut needs = needs.into_iter();
    needs
        .find(|(place, need)| {
            // That there is no budget is a finding about something else.
            let asks = rule.places.meets(*place) || (*need == Need::Budgets && rule.needs.contains(need));
            asks && subject.unread.meets(*place)
        })
        .map(|(_, need)| need)
}

/// Asks one rule alone.
#[must_use]
pub fn judge_by(rule: &'static Rule, subject: &Subject, images: &Images) -> Judged {
    let mut judged = Judged::default();
    if rule.places.meets(subject.places) {
        ask(rule, subject, &Case::now(subject, images), &mut judged);
    }
    judged
}

/// What a rule has to say of a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Say {
    /// Something is wrong.
    Finds,
    /// Nothing is.
    Clears,
    /// It has no say about these objects, or lacks a fact or the past.
    CannotTell,
}

/// Asks one rule what it has to say, for those who want no more.
#[must_use]
pub fn say(rule: &'static Rule, subject: &Subject, images: &Images) -> Say {
    let case = Case::now(subject, images);
    let mut judged = Judged::default();
    if rule.places.meets(subject.places) {
        ask(rule, subject, &case, &mut judged);
    }
    let asked = rule.places.meets(subject.places) && judged.undecided.is_empty() && !case.lacks_past();
    match judged.findings.is_empty() {
        false => Say::Finds,
        true if asked => Say::Clears,
        true => Say::CannotTell,
    }
}

fn ask(rule: &'static Rule, subject: &Subject, case: &Case<'_>, judged: &mut Judged) {
    subject.read_unseen();
    let judgement = (rule.judge)(case);
    let unseen = subject.read_unseen();
    match judgement {
        Ok(None) => {}
        Ok(Some(_)) if case.joined_strangers() => judged.undecided.push(Undecided {
            rule,
            need: Need::MatchingConfig,
        }),
        Ok(Some(found)) => {
            let inherited = is_inherited(rule, subject, case.images, case);
            let mut finding = finding(rule, subject, case, found, inherited);
            if unseen && finding.severity == Severity::Deny {
                finding.severity = Severity::Warn;
                finding.doubt = Some(Need::Values);
            }
            judged.findings.push(finding);
        }
        Err(need) => judged.undecided.push(Undecided { rule, need }),
    }
}

/// The ratchet: was it so before, for the same reasons?
fn is_inherited(rule: &Rule, subject: &Subject, images: &Images, now: &Case<'_>) -> bool {
    if !matches!(subject.occasion, Occasion::Update | Occasion::Scale) {
        return false;
    }
    let Some(earlier) = Case::earlier(subject, images) else {
        return false;
    };
    matches!((rule.judge)(&earlier), Ok(Some(_))) && earlier.reads() == now.reads()
}

fn finding(rule: &'static Rule, subject: &Subject, case: &Case<'_>, found: Found, inherited: bool) -> Finding {
    let others = Part::ALL
        .into_iter()
        .filter(|&part| part != found.part && case.has_read(part));
    let severity = found.severity.unwrap_or(rule.severity);
    Finding {
        rule,
        // Where recognition rests on labels alone, a denial could hit somebody else's workload.
        severity: if subject.sure {
            severity
        } else {
            severity.min(Severity::Warn)
        },
        object: subject.object(found.part),
        related: others.map(|part| subject.object(part)).collect(),
        path: found.path,
        message: found.message,
        consequence: found.consequence.unwrap_or(Cow::Borrowed(rule.consequence)),
        fix: found.fix.unwrap_or(Cow::Borrowed(rule.fix)),
        remedy: found.remedy,
        exempt: None,
        doubt: found.doubt,
        inherited,
    }
}

impl Subject {
    /// Whether a rule has just read what may be otherwise, for all that can be seen. Asking forgets it.
    fn read_unseen(&self) -> bool {
        // Both are asked, so that both forget.
        self.secrets().filter(|secret| secret.read_unseen()).count() > 0
    }

    fn is_partly_unseen(&self) -> bool {
        self.secrets().any(ConfigSecret::is_partly_unseen)
    }

    fn secrets(&self) -> impl Iterator<Item = &ConfigSecret> {
        let states = [Some(&self.now), self.before.as_ref()];
        states.into_iter().flatten().filter_map(|state| state.config.known())
    }

    /// The object that a part stands for.
    #[must_use]
    pub fn object(&self, part: Part) -> ObjectRef {
        let origin = || self.now.config.known()?.origin().cloned();
        if let (Part::Config, Some(origin)) = (part, origin()) {
            return origin;
        }
        let name = self.release.name.as_str();
        let (api_version, kind, name) = match part {
            Part::Config => (
                "v1",
                "Secret",
                alloc::format!("{}{name}", recognise::CONFIG_SECRET_PREFIX),
            ),
            Part::Workload => ("apps/v1", self.workload_kind(), String::from(name)),
            Part::Etcd => (
                "apps/v1",
                "StatefulSet",
                alloc::format!("{name}{}", recognise::ETCD_SUFFIX),
            ),
            Part::Budget | Part::EtcdBudget => ("policy/v1", "PodDisruptionBudget", self.budget_name(part)),
            Part::Autoscaler => ("autoscaling/v2", "HorizontalPodAutoscaler", self.autoscaler_name()),
        };
        ObjectRef {
            api_version: api_version.into(),
            kind: kind.into(),
            namespace: self.release.namespace.clone(),
            name,
        }
    }

    fn workload_kind(&self) -> &'static str {
        self.now
            .workload
            .known()
            .map_or("StatefulSet", |workload| workload.kind.as_str())
    }

    fn autoscaler_name(&self) -> String {
        let autoscaler = self.now.around.autoscalers.first();
        autoscaler.map_or_else(
            || self.release.name.clone(),
            |autoscaler| autoscaler.metadata.name.clone(),
        )
    }

    fn budget_name(&self, part: Part) -> String {
        let budget = if part == Part::Budget {
            &self.now.budget
        } else {
            &self.now.etcd_budget
        };
        budget
            .known()
            .map_or_else(|| self.release.name.clone(), |budget| budget.metadata.name.clone())
    }
}
