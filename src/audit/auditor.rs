//! One run of an audit: lists side by side, one namespace after the other judged and forgotten.

use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream::FuturesOrdered;
use vcluster_guard_core::case::Places;
use vcluster_guard_core::join::World;
use vcluster_guard_core::policy::Policy;

use super::fleet::Cluster;
use super::gaps::Gaps;
use super::kind::Kind;
use super::lockstep::Lockstep;
use super::pages::Pages;
use super::reader::{Patience, Reader};
use super::reports::{Published, Reports};
use super::secrets::{Furnished, Trouble, furnish, secret_of};
use super::sights;
use crate::clock;
use crate::judging::Judging;
use crate::observe::{Observer, Sight};
use crate::report::Report;
use crate::scope::Scope;

/// Namespaces whose Secrets are asked for at a time.
const NAMESPACES_AT_ONCE: usize = 8;

/// How an audit reads.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    pub(crate) scope: Scope,
    pub(crate) patience: Patience,
    /// Fewer objects a page than usual.
    pub(crate) page: Option<u32>,
    /// An exemption that ends within so many seconds ends soon.
    pub(crate) soon: i64,
}

/// Audits a cluster, as often as it is told to.
pub(crate) struct Auditor {
    reader: Arc<Reader>,
    options: Options,
}

impl Auditor {
    pub(crate) fn new(client: kube::Client, options: Options) -> Self {
        let reader = Arc::new(Reader::new(client, options.patience));
        Self { reader, options }
    }

    /// Reads and judges everything once. `progress` is told how many vClusters have been judged so far.
    pub(crate) async fn run(&self, policy: &Policy, progress: impl Fn(usize)) -> Report {
        let mut gaps = Gaps::default();
        let now = clock::now();
        let seen = sights::read(&self.reader, &self.pages(Kind::Validating), &mut gaps).await;
        let observer = Observer::new(seen, policy, now);
        let wants_labels = policy.reads_namespace_labels() || observer.wants_labels();
        let cluster = Cluster::read(&self.reader, &self.pages(Kind::Node), policy, wants_labels, &mut gaps).await;
        let mut run = Run {
            judging: Judging {
                policy,
                now,
                soon: self.options.soon,
                explain: &[],
            },
            observer,
            cluster,
            gaps,
            report: Report::new(),
        };
        let lists = Kind::NAMESPACED.map(|kind| (kind, self.pages(kind).start(Arc::clone(&self.reader))));
        let mut lists = Lockstep::new(lists);
        let mut rooms = FuturesOrdered::new();
        loop {
            while rooms.len() < NAMESPACES_AT_ONCE {
                let Some(room) = lists.next(&mut run.gaps).await else {
                    break;
                };
                rooms.push_back(furnish(room, &self.reader));
            }
            let Some(room) = rooms.next().await else { break };
            run.judge(room);
            progress(run.report.summary().vclusters);
        }
        lists.end(&mut run.gaps);
        run.end(&self.options.scope)
    }

    /// Keeps the reports of the cluster that was audited.
    pub(crate) async fn publish(&self, reports: &mut Reports, report: &Report) -> Published {
        reports.publish(&self.reader, report, &self.options.scope).await
    }

    fn pages(&self, kind: Kind) -> Pages {
        Pages {
            kind,
            scope: self.options.scope.clone(),
            page: self.options.page,
        }
    }
}

/// What a run has come to so far.
struct Run<'p> {
    judging: Judging<'p>,
    observer: Observer<'p>,
    cluster: Cluster,
    gaps: Gaps,
    report: Report,
}

impl Run<'_> {
    fn judge(&mut self, furnished: Furnished) {
        let Furnished { mut room, unread } = furnished;
        self.report.observations.append(&mut room.dodged);
        for (key, trouble) in &unread {
            match trouble {
                Trouble::Undecodable(misfit) => self.gaps.object(Kind::Secret, key, misfit),
                Trouble::NotGiven(failure) => self.gaps.get(Kind::Secret, key, failure),
            }
        }
        let labels = self.cluster.labels(&room.namespace);
        let settings = self.judging.policy.for_namespace(&room.namespace, labels);
        let world = World::standing(&room.releases, &self.cluster.fleet, room.unread);
        for (release, parts) in room.releases.iter() {
            let secret = secret_of(release);
            let mut places = room.unread.places;
            if unread.iter().any(|(key, _)| *key == secret) {
                places = places.and(Places::CONFIG);
            }
            let Some(mut subject) = parts.standing(release, places) else {
                continue;
            };
            world.surround(&mut subject);
            self.judging.judge(&mut self.report, &subject, &settings, |_, _| None);
            let claims: Vec<_> = room.releases.claims(release, parts).collect();
            self.observer.look(Sight {
                subject: &subject,
                parts,
                claims: &claims,
                settings: &settings,
                labels,
            });
        }
    }

    fn end(mut self, scope: &Scope) -> Report {
        self.report.incomplete = self.gaps.into_lines();
        let whole = self.report.incomplete.is_empty();
        self.observer
            .end(&mut self.report, |namespace| whole && scope.covers(namespace));
        self.report
    }
}
