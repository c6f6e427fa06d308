//! An auditor that stays: what it says of itself from its first run to its end.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::harness::{PRO, sqlite, until};
use crate::space::Space;

const LIMIT: Duration = Duration::from_secs(30);
const AT_ONCE: Duration = Duration::from_secs(2);

#[test]
fn an_auditor_is_ready_after_its_first_run_counts_each_and_ends_when_asked() {
    let space = Space::new("staying");
    let release = space.release("bad");
    space.create_unseen(&release.config(3, &sqlite())).success().unwrap();
    space.create_unseen(&release.workload(3, PRO)).success().unwrap();
    let kubeconfig = space.auditor_without("nothing");
    let mut auditor = space.start_auditor(&kubeconfig, "1s");
    let ready = until("the first run", LIMIT, || {
        Ok(auditor.readiness()?.filter(|status| *status == 200))
    });
    ready.unwrap();

    let metric = |name: &str, labels: &[(&str, &str)]| auditor.metric(name, labels).unwrap();
    let runs = |result: &str, least: f64| {
        let what = format!("{least} runs that are {result}");
        let enough = || Ok((metric("runs_total", &[("result", result)]) >= least).then_some(()));
        until(&what, LIMIT, enough).unwrap();
    };
    let counted = [
        metric("vclusters", &[]),
        metric("findings", &[("rule", "ha-embedded-db"), ("severity", "deny")]),
        metric("incomplete", &[]),
    ];
    assert_eq!(counted.map(|count| format!("{count:.0}")), ["1", "1", "0"]);
    runs("complete", 2.0);

    space.run(&["delete", "clusterrolebinding", "staying-without-nothing"]);
    runs("incomplete", 2.0);
    assert!(metric("incomplete", &[]) >= 1.0);
    let last = ["last_complete_run", "last_run"].map(|run| metric(&format!("{run}_timestamp_seconds"), &[]));
    assert!(0.0 < last[0] && last[0] < last[1], "{last:?}");

    let log = auditor.log();
    let start = Instant::now();
    assert!(auditor.terminate().unwrap().success());
    assert!(start.elapsed() < AT_ONCE, "it took {:?} to end", start.elapsed());
    let audited = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let first = audited.into_iter().find(|line| line["message"] == "audited").unwrap();
    assert_eq!(
        [&first["vclusters"], &first["deny"], &first["incomplete"]],
        [1, 1, 0],
        "{first}"
    );
}
