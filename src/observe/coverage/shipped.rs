//! The webhook configurations that this version of the chart ships: read from the rendered chart, written nowhere twice.

use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;
use vcluster_guard_core::config::yaml;

use super::configuration::{Configuration, Door, Entry};

const INSTALL: &str = include_str!("../../../deploy/install.yaml");

/// What the chart makes of its defaults.
#[derive(Debug)]
pub(super) struct Shipped {
    validate: Configuration,
    mutate: Configuration,
}

/// `None` only if the build put something else in place of the rendered chart, which a test rules out.
static SHIPPED: LazyLock<Option<Shipped>> = LazyLock::new(|| {
    let documents = yaml::documents(INSTALL.as_bytes()).ok()?;
    let of_kind = |door: Door| {
        let mut values = documents.iter().map(|document| &document.value);
        let value = values.find(|value| value.get("kind").and_then(Value::as_str) == Some(door.kind()))?;
        Configuration::deserialize(value).ok()
    };
    Some(Shipped {
        validate: of_kind(Door::Validate)?,
        mutate: of_kind(Door::Mutate)?,
    })
});

/// The entries of one door.
pub(super) fn entries(door: Door) -> &'static [Entry] {
    let Some(shipped) = SHIPPED.as_ref() else { return &[] };
    match door {
        Door::Validate => &shipped.validate.webhooks,
        Door::Mutate => &shipped.mutate.webhooks,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(door: Door) -> Vec<&'static str> {
        entries(door).iter().map(|entry| entry.name.as_str()).collect()
    }

    #[test]
    fn the_rendered_chart_holds_both_configurations() {
        assert_eq!(
            names(Door::Validate),
            [
                "workloads.validate.vcluster-guard.dev",
                "scale.validate.vcluster-guard.dev",
                "secrets.validate.vcluster-guard.dev",
                "poddisruptionbudgets.validate.vcluster-guard.dev",
            ]
        );
        assert_eq!(names(Door::Mutate), ["workloads.mutate.vcluster-guard.dev"]);
    }

    #[test]
    fn each_entry_has_rules_and_one_condition() {
        for entry in Door::ALL.into_iter().flat_map(entries) {
            assert_eq!(entry.match_conditions.len(), 1, "{}", entry.name);
            assert!(!entry.match_conditions[0].expression.is_empty(), "{}", entry.name);
            assert!(
                entry.rules.iter().all(|rule| !rule.operations.is_empty()),
                "{}",
                entry.name
            );
        }
    }
}
