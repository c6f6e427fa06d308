//! Writes reports: one at a time, at most fifty a second, and not on and on where nothing succeeds.

use std::collections::BTreeMap;
use std::time::Duration;

use http::Method;
use serde_json::json;
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::form::Form;
use super::kept::Kept;
use crate::audit::key::Key;
use crate::audit::reader::{Asked, Failure, Reader};

/// As the apiserver names us in `managedFields`.
const FIELD_MANAGER: &str = "vcluster-guard-audit";
/// A cluster's first run has one write a vCluster; an apiserver does not notice fifty a second.
const BETWEEN_WRITES: Duration = Duration::from_millis(20);
/// After so many failures in a row the rest would fail, too.
const MOST_FAILURES: usize = 5;

/// Writes to one apiserver in one form.
pub(super) struct Writer<'a> {
    reader: &'a Reader,
    pub(super) form: Form,
    pace: Interval,
    in_a_row: usize,
    pub(super) failed: usize,
}

impl<'a> Writer<'a> {
    pub(super) fn new(reader: &'a Reader, form: Form) -> Self {
        let mut pace = interval(BETWEEN_WRITES);
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            reader,
            form,
            pace,
            in_a_row: 0,
            failed: 0,
        }
    }

    /// Writes a whole report, whatever others wrote into it. Says whether it stands.
    pub(super) async fn apply(&mut self, key: &Key, text: &[u8]) -> bool {
        let object = self.form.object(key);
        let asked = Asked {
            method: Method::PATCH,
            path: &format!("{object}?fieldManager={FIELD_MANAGER}&force=true"),
            accept: "application/json",
            // JSON is YAML, too.
            body: Some(("application/apply-patch+yaml", text)),
        };
        self.write(&asked, key, "write").await
    }

    /// Removes what was seen; says how many are gone.
    pub(super) async fn remove_all(&mut self, stale: &BTreeMap<Key, Kept>) -> usize {
        let mut gone = 0;
        for (key, kept) in stale {
            gone += usize::from(self.remove(key, kept).await);
        }
        gone
    }

    /// Removes the report that was seen, not one that came after it.
    async fn remove(&mut self, key: &Key, kept: &Kept) -> bool {
        let options = json!({"preconditions": {"uid": kept.uid}}).to_string();
        let asked = Asked {
            method: Method::DELETE,
            path: &self.form.object(key),
            accept: "application/json",
            body: Some(("application/json", options.as_bytes())),
        };
        self.write(&asked, key, "remove").await
    }

    async fn write(&mut self, asked: &Asked<'_>, key: &Key, verb: &str) -> bool {
        if self.in_a_row >= MOST_FAILURES {
            self.failed += 1;
            return false;
        }
        self.pace.tick().await;
        match self.reader.write(asked).await {
            Ok(()) => self.in_a_row = 0,
            // The garbage collector was faster.
            Err(Failure::NotFound) if asked.method == Method::DELETE => self.in_a_row = 0,
            Err(failure) => {
                self.failed += 1;
                self.in_a_row += 1;
                self.complain(&failure, key, verb);
                return false;
            }
        }
        true
    }

    fn complain(&self, failure: &Failure, key: &Key, verb: &str) {
        let resource = self.form.resource();
        let why = match failure {
            Failure::Forbidden => format!("forbidden; grant create, patch and delete on {resource}"),
            failure => failure.to_string(),
        };
        tracing::warn!(report = %key, resource, why, "failed to {verb} a report");
        if self.in_a_row == MOST_FAILURES {
            tracing::error!("no more reports are written in this run: {MOST_FAILURES} failures in a row");
        }
    }
}
