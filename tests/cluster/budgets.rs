//! Disruption budgets, which the real chart gives no labels: found by their selector.

use serde_json::json;

use crate::harness::{PRO, embedded_etcd};
use crate::space::Space;

#[test]
fn a_budget_that_allows_no_eviction_is_refused() {
    let space = Space::new("budget");
    let release = space.release("demo");
    space.create(&release.config(3, &embedded_etcd())).success().unwrap();
    space.create(&release.workload(3, PRO)).success().unwrap();

    let empty = space.create(&release.budget(&json!({})));
    let denial = space.denial(
        "demo",
        "pdb-empty: the budget has neither minAvailable nor maxUnavailable (spec); \
         fix: set podDisruptionBudget.maxUnavailable to 1",
    );
    assert_eq!(empty.refusal(), Some(denial.as_str()), "{empty}");
    let whole = space.create(&release.budget(&json!({"minAvailable": 3})));
    let denial = space.denial(
        "demo",
        "pdb-blocks-drain: minAvailable 3 of 3 pods lets none be evicted (spec); \
         fix: set podDisruptionBudget.maxUnavailable to 1, and remove minAvailable",
    );
    assert_eq!(whole.refusal(), Some(denial.as_str()), "{whole}");
    assert_eq!(space.stored("poddisruptionbudget/demo"), None);

    let good = space
        .create(&release.budget(&json!({"maxUnavailable": 1})))
        .success()
        .unwrap();
    assert_eq!(good.warnings(), [""; 0]);
    let worse = space.kubectl(&[
        "patch",
        "poddisruptionbudget/demo",
        "-p",
        r#"{"spec": {"maxUnavailable": 0}}"#,
    ]);
    let denial = space.denial(
        "demo",
        "pdb-blocks-drain: maxUnavailable 0 of 3 pods lets none be evicted (spec); \
         fix: set podDisruptionBudget.maxUnavailable to 1, and remove minAvailable",
    );
    assert_eq!(worse.refusal(), Some(denial.as_str()), "{worse}");
}
