//! Exemptions that are unused, have ended, soon end, never counted, or are for a vCluster that is not there.

use std::collections::BTreeSet;

use vcluster_guard_core::exemption::{Account, State, unseen};
use vcluster_guard_core::object::Release;
use vcluster_guard_core::policy::Policy;

use crate::report::{Kind, Observation, Topic};

const fn kind(id: &'static str, title: &'static str) -> Kind {
    Kind {
        topic: Topic::Exemption,
        id,
        title,
    }
}

/// The id is that of the state in core.
fn of_state(state: &State) -> Kind {
    let title = match state {
        State::Used | State::Untold => "Exemptions in use",
        State::Unused => "Exemptions that cover nothing",
        State::Expiring(_) => "Exemptions that soon end",
        State::Expired => "Exemptions that have ended",
        State::Invalid(_) => "Exemptions that never counted",
    };
    kind(state.as_str(), title)
}

/// What is worth a note about the exemptions of one vCluster.
pub(crate) fn of_vcluster<'a>(
    accounts: &'a [Account],
    release: &'a Release,
) -> impl Iterator<Item = Observation> + use<'a> {
    let worth_a_note = accounts.iter().filter(|account| account.state.is_worth_a_note());
    worth_a_note.map(move |account| {
        Observation::of(of_state(&account.state), release, account.to_string()).fix(account.state.fix())
    })
}

/// The entries of the policy's list that are for none of the vClusters `seen`. Only for a run that saw all of them.
pub(crate) fn of_nobody<'a>(
    policy: &'a Policy,
    seen: &'a BTreeSet<Release>,
) -> impl Iterator<Item = Observation> + use<'a> {
    const NOBODY: Kind = kind("nobody", "Exemptions for vClusters that are not there");
    unseen(policy, seen).map(|(place, entry)| {
        let release = entry.release();
        let message = format!("the policy (exemptions.list[{place}]) exempts {release}, which does not exist");
        Observation::of(NOBODY, &release, message).fix("correct the entry, or remove it")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_for_nobody_is_told_with_its_place() {
        let entry = |name: &str| {
            format!(
                "{{namespace: a, release: {name}, rules: [ha-embedded-db], until: '2030-01-31T00:00:00Z', reason: move}}"
            )
        };
        let text = format!("exemptions: {{list: [{}, {}]}}", entry("one"), entry("two"));
        let policy = crate::policy::parse(text.as_bytes()).unwrap();
        let seen = BTreeSet::from([Release::new("a", "one")]);
        let told: Vec<_> = of_nobody(&policy, &seen)
            .map(|told| (told.release, told.message))
            .collect();
        let message = "the policy (exemptions.list[1]) exempts a/two, which does not exist";
        assert_eq!(told, [("two".to_owned(), message.to_owned())]);
    }
}
