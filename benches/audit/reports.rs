//! What it takes to keep the reports: a first run that writes one for each vCluster, and one that finds them as they are.

use std::path::Path;

use anyhow::ensure;

use crate::harness::{ControlPlane, definitions};
use crate::measure::{self, Taken};

pub(crate) const HEAD: &str = "\
| vClusters | reports written | time | of it processor | peak memory |
|---:|---:|---:|---:|---:|";

/// Lets the cluster know a kind of report.
pub(crate) fn prepare(cluster: &ControlPlane) -> anyhow::Result<()> {
    definitions::install(cluster, &definitions::open_reports(cluster)?)
}

/// Audits twice with reports; a row for each run. `new` vClusters have no report yet.
pub(crate) fn rows(
    cluster: &ControlPlane,
    program: &Path,
    kubeconfig: &Path,
    (new, size): (usize, usize),
) -> anyhow::Result<[String; 2]> {
    let output = cluster.processes.directory().join("reported.json");
    let run = |expected: usize| {
        let before = writes(cluster)?;
        let taken = measure::audit(program, kubeconfig, &output, &["--reports"])?;
        let written = writes(cluster)? - before;
        ensure!(
            written == expected,
            "{written} reports were written instead of {expected}"
        );
        anyhow::Ok(row(size, written, taken))
    };
    Ok([run(new)?, run(0)?])
}

/// How many reports were written so far, as the API server counts.
fn writes(cluster: &ControlPlane) -> anyhow::Result<usize> {
    let labels = [("resource", "reports"), ("verb", "APPLY")];
    let writes = cluster.metrics()?.sum("apiserver_request_total", &labels);
    // Before the first one the sum is of nothing, which is -0.
    Ok(format!("{:.0}", writes.abs()).parse()?)
}

fn row(size: usize, written: usize, taken: Taken) -> String {
    format!(
        "| {size} | {written} | {:.2} s | {:.2} s | {:.1} MiB |",
        taken.time.as_secs_f64(),
        taken.cpu.as_secs_f64(),
        measure::mebibytes(taken.memory),
    )
}
