//! PodDisruptionBudgets, which the real chart gives no labels: found by their selector.

use serde_json::json;

use crate::space::Space;

const PRO: &str = "ghcr.io/loft-sh/vcluster-pro:0.36.1";
const EMBEDDED_ETCD: &str = "\
controlPlane:
  backingStore: {etcd: {embedded: {enabled: true}}}
  statefulSet: {highAvailability: {replicas: 3}}
";

#[test]
fn a_budget_that_allows_no_eviction_is_refused() {
    let space = Space::new("budget");
    let release = space.release("demo");
    space.create(&release.config(EMBEDDED_ETCD)).success().unwrap();
    space.create(&release.workload(3, PRO)).success().unwrap();

    let empty = space.create(&release.budget(&json!({})));
    assert_eq!(empty.refusal(), Some("…"), "{empty}");
    let whole = space.create(&release.budget(&json!({"minAvailable": 3})));
    assert_eq!(whole.refusal(), Some("…"), "{whole}");
    assert_eq!(space.stored("poddisruptionbudget/demo"), None);

    let good = space
        .create(&release.budget(&json!({"maxUnavailable": 1})))
        .success()
        .unwrap();
    assert_eq!(good.warnings(), [""; 0]);
}
