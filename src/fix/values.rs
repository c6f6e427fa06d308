//! Values: the remedies of findings, one after the other, each tried on a copy and judged before it is kept.

use std::collections::BTreeMap;

use serde_json::Value;
use vcluster_guard_core::carrier::values::{self, Carrier};
use vcluster_guard_core::config::yaml;
use vcluster_guard_core::edit::{Edit, Refused, Text};
use vcluster_guard_core::object::tokens;
use vcluster_guard_core::remedy::Change;

use super::draft::Drafts;
use super::ledger::{Ledger, is_same, worse};
use crate::check::{Place, Run};
use crate::report::{Finding, Report};

/// A rule tells its findings one at a time; nobody has more of them in one vCluster.
const ROUNDS: usize = 100;
/// What one mend may uncover.
const UNCOVERED: usize = 4;

/// Mends every set of values.
pub(super) fn mend(run: &Run<'_>, drafts: &mut Drafts, ledger: &mut Ledger) {
    // Of several in one object, which one this is.
    let mut places: BTreeMap<(&str, usize, usize, &str), usize> = BTreeMap::new();
    for (place, carrier) in run.now.carriers() {
        let key = (
            place.file.name.as_str(),
            place.range.start,
            place.document,
            place.pointer.as_str(),
        );
        let next = places.entry(key).or_default();
        let number = *next;
        *next += 1;
        let report = run.values(place, carrier);
        let mut mendable = report
            .findings
            .iter()
            .filter(|finding| is_mendable(finding, carrier))
            .peekable();
        if mendable.peek().is_none() {
            continue;
        }
        match drafts.piece(place) {
            Ok(text) => {
                let subject = Subject {
                    run,
                    place,
                    carrier,
                    number,
                };
                *text = subject.mend(text.clone(), report, ledger);
            }
            Err(refused) => mendable.for_each(|finding| ledger.refuse(finding, by_hand(&refused, place))),
        }
    }
}

/// What is exempted is wanted as it is.
fn is_mendable(finding: &Finding, carrier: &Carrier) -> bool {
    !finding.remedy.changes.is_empty() && finding.exemption.is_none() && finding.object == carrier.object
}

fn by_hand(refused: &Refused, place: &Place) -> String {
    match refused.line {
        Some(line) => format!("{refused} (line {})", place.lines_before + line),
        None => refused.to_string(),
    }
}

/// An edited text, and how it is judged.
struct Attempt {
    text: Text,
    report: Report,
    changes: Vec<Change>,
}

/// The values of one vCluster.
struct Subject<'r> {
    run: &'r Run<'r>,
    place: &'r Place,
    carrier: &'r Carrier,
    number: usize,
}

impl Subject<'_> {
    /// The text with everything mended that can be.
    fn mend(&self, mut text: Text, mut report: Report, ledger: &mut Ledger) -> Text {
        for _ in 0..ROUNDS {
            let mut open = report
                .findings
                .iter()
                .filter(|finding| is_mendable(finding, self.carrier));
            let Some(finding) = open.find(|finding| ledger.refusal(finding).is_none()) else {
                break;
            };
            match self.attempt(&text, &report, finding) {
                Ok(attempt) => {
                    ledger.mend(finding, &attempt.changes);
                    (text, report) = (attempt.text, attempt.report);
                }
                Err(why) => ledger.refuse(finding, why),
            }
        }
        text
    }

    /// The text with one finding mended, and what of it was changed. What the mend uncovers is mended with it.
    fn attempt(&self, text: &Text, before: &Report, finding: &Finding) -> Result<Attempt, String> {
        let mut changes = finding.remedy.changes.clone();
        let mut attempt = self.make(text.clone(), &changes)?;
        for _ in 0..UNCOVERED {
            let Some(new) = worse(before, &attempt.report).next() else {
                break;
            };
            if !is_mendable(new, self.carrier) {
                return Err(format!("it would bring another finding, {}: {}", new.rule, new.message));
            }
            let further = new.remedy.changes.clone();
            attempt = self.make(attempt.text, &further)?;
            changes.extend(further);
        }
        if attempt.report.findings.iter().any(|other| is_same(other, finding))
            || worse(before, &attempt.report).next().is_some()
        {
            return Err("something else still makes it so: what lies over these values, or the chart's own".into());
        }
        Ok(Attempt { changes, ..attempt })
    }

    fn make(&self, mut text: Text, changes: &[Change]) -> Result<Attempt, String> {
        let refused = |refused: Refused| by_hand(&refused, self.place);
        for change in changes {
            // Afresh for each: an item that went has moved those behind it.
            let edits = self.read(&text)?.edits(change).map_err(refused)?;
            let edits: Vec<Edit> = edits.into_iter().map(|edit| self.within(edit)).collect();
            text.edit(self.place.document, &edits).map_err(refused)?;
        }
        let report = self.run.values(self.place, &self.read(&text)?);
        Ok(Attempt {
            text,
            report,
            changes: Vec::new(),
        })
    }

    fn within(&self, edit: Edit) -> Edit {
        Edit {
            path: [tokens(&self.place.pointer), edit.path].concat(),
            ..edit
        }
    }

    fn read(&self, text: &Text) -> Result<Carrier, String> {
        let lost = || String::from("the values are not found again in the edited text");
        let documents = yaml::documents(text.as_str().as_bytes()).map_err(|_| lost())?;
        let document = documents.get(self.place.document).map(|document| &document.value);
        let object: &Value = document
            .and_then(|value| value.pointer(&self.place.pointer))
            .ok_or_else(lost)?;
        let carriers = values::read(object, &self.carrier.object.name);
        let found = carriers.into_iter().filter_map(Result::ok).nth(self.number);
        let mut found = found.ok_or_else(lost)?;
        // A namespace that the text does not name was given on the command line.
        found.object.clone_from(&self.carrier.object);
        found.release.clone_from(&self.carrier.release);
        Ok(found)
    }
}
