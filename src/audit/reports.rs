//! What a run found, kept in the cluster: one report a vCluster, owned by its workload.
//!
//! A report is written when it would say something new, and removed when its vCluster is gone, which only a run that
//! read everything knows. Nothing here ends a run: each failure is said and counted.

mod document;
mod form;
mod kept;
mod outcome;
mod writer;

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

use super::key::Key;
use super::reader::{Failure, Garbled, Reader};
use crate::clock;
use crate::report::{Group, Report, groups};
use crate::scope::Scope;
use document::Document;
use form::Form;
use kept::Kept;
use writer::Writer;

/// What became of the reports of a run.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Published {
    pub(crate) written: usize,
    /// They say it already.
    pub(crate) unchanged: usize,
    /// Left as an earlier run wrote them, because this one knew less of the vCluster.
    pub(crate) left: usize,
    pub(crate) removed: usize,
    /// Neither written nor removed, or nobody knows whether they need be.
    pub(crate) failed: usize,
}

impl Published {
    /// Each with its name in the metrics.
    pub(crate) fn counts(self) -> [(&'static str, usize); 5] {
        [
            ("written", self.written),
            ("unchanged", self.unchanged),
            ("left", self.left),
            ("removed", self.removed),
            ("failed", self.failed),
        ]
    }

    /// What was asked for and not done; the log says why.
    pub(crate) fn failure(self) -> Option<String> {
        let failed = self.failed;
        (failed > 0).then(|| format!("reports in the cluster: {failed} could not be kept, see the log"))
    }
}

impl Published {
    /// Without knowing what is there nothing is written.
    fn unknown(report: &Report, form: Form, failure: &Failure) -> Self {
        let resource = form.resource();
        let remedy = match failure {
            Failure::Forbidden => format!("; grant list on {resource}"),
            _ => String::new(),
        };
        tracing::warn!("no reports were written, as the list of {resource} could not be read: {failure}{remedy}");
        Self {
            failed: report.vclusters.len(),
            ..Self::default()
        }
    }

    /// Removes what an earlier run wrote in a form that is not taken any more.
    async fn clear(&mut self, reader: &Reader, form: Form, scope: &Scope) {
        match kept::list(reader, form, scope).await {
            Ok(stale) => {
                let mut writer = Writer::new(reader, form);
                self.removed += writer.remove_all(&stale).await;
                self.failed += writer.failed;
            }
            Err(failure) => {
                self.failed += 1;
                tracing::warn!(%failure, resource = form.resource(), "failed to look for reports of the other kind");
            }
        }
    }
}

/// For people.
impl fmt::Display for Published {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = self.counts().map(|(what, count)| format!("{count} {what}"));
        write!(f, "reports in the cluster: {}", parts.join(", "))
    }
}

/// Keeps the reports of one cluster from run to run.
#[derive(Debug, Default)]
pub(crate) struct Reports {
    missed: bool,
}

impl Reports {
    /// Brings the cluster's reports to what `report` says of the vClusters in `scope`.
    pub(super) async fn publish(&mut self, reader: &Reader, report: &Report, scope: &Scope) -> Published {
        let mut served = Vec::new();
        for form in Form::ALL {
            match is_served(reader, form).await {
                Ok(true) => served.push(form),
                Ok(false) => {}
                Err(failure) => return Published::unknown(report, form, &failure),
            }
        }
        let Some((&form, others)) = served.split_first() else {
            self.miss();
            return Published::default();
        };
        self.missed = false;
        let mut kept = match kept::list(reader, form, scope).await {
            Ok(kept) => kept,
            Err(failure) => return Published::unknown(report, form, &failure),
        };
        let mut writer = Writer::new(reader, form);
        let mut published = bring_all(&mut writer, report, &mut kept).await;
        // What is left has no vCluster any more, if all of them were seen.
        if report.incomplete.is_empty() {
            published.removed = writer.remove_all(&kept).await;
            for &other in others {
                published.clear(reader, other, scope).await;
            }
        }
        published.failed += writer.failed;
        published
    }

    /// Said once, and again when they were there meanwhile.
    fn miss(&mut self) {
        if !std::mem::replace(&mut self.missed, true) {
            tracing::warn!(
                "the cluster knows neither reports.openreports.io nor policyreports.wgpolicyk8s.io; \
                 no reports are written until one of them is installed"
            );
        }
    }
}

/// Writes what is new, and takes what each vCluster has out of `kept`.
async fn bring_all(writer: &mut Writer<'_>, report: &Report, kept: &mut BTreeMap<Key, Kept>) -> Published {
    let mut published = Published::default();
    for group in groups(report) {
        let key = Key {
            namespace: group.vcluster.namespace.clone(),
            name: document::name(&group.vcluster.release),
        };
        let there = kept.remove(&key);
        match Bring::decide(&group, writer.form, there.as_ref()) {
            Bring::Nothing => published.unchanged += 1,
            Bring::Later => published.left += 1,
            Bring::This(text) => published.written += usize::from(writer.apply(&key, &text).await),
        }
    }
    published
}

/// What to do about one vCluster's report.
enum Bring {
    /// It says this already.
    Nothing,
    /// The one that is there knows more.
    Later,
    /// The text of a new one.
    This(Vec<u8>),
}

impl Bring {
    fn decide(group: &Group<'_>, form: Form, there: Option<&Kept>) -> Self {
        // What an earlier run found out is worth more than that it could not be read.
        if there.is_some() && group.vcluster.partly_read {
            return Self::Later;
        }
        let document = Document::of(group, form);
        if there.is_some_and(|kept| kept.hash == document.hash) {
            return Self::Nothing;
        }
        if document.omitted > 0 {
            tracing::warn!(
                namespace = group.vcluster.namespace,
                release = group.vcluster.release,
                omitted = document.omitted,
                "the report holds not all results: `vcluster-guard audit` shows them"
            );
        }
        Self::This(document.dated(clock::now().0))
    }
}

async fn is_served(reader: &Reader, form: Form) -> Result<bool, Failure> {
    match reader.get(&form.api(), |bytes| resources(bytes, form)).await {
        Err(Failure::NotFound) => Ok(false),
        answer => answer,
    }
}

/// Whether the list of an API's resources has this form's.
fn resources(bytes: &[u8], form: Form) -> Result<bool, Garbled> {
    let list: Resources = serde_json::from_slice(bytes).map_err(|_| Garbled)?;
    Ok(list.resources.iter().any(|resource| resource.name == form.plural()))
}

#[derive(Deserialize)]
struct Resources {
    resources: Vec<Resource>,
}

#[derive(Deserialize)]
struct Resource {
    name: String,
}

#[cfg(test)]
#[path = "reports/tests.rs"]
mod tests;
