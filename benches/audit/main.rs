//! What an audit takes, by the number of vClusters in a real control plane: `make bench-audit`.
//!
//! The cluster grows from one size to the next; each size is audited twice, and the two reports must be the same to the
//! byte. Then it is audited twice with reports, of which the second run writes none. `BENCH_VCLUSTERS` names other sizes,
//! `BENCH_PROGRAM` another build, and `BENCH_REPORTS=no` leaves the reports out.

mod fill;
mod fleet;
#[allow(dead_code, unused_imports, reason = "the cluster tests use the rest of it")]
#[path = "../../tests/cluster/harness/mod.rs"]
mod harness;
mod measure;
mod reports;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, ensure};
use harness::ControlPlane;
use measure::Taken;

const SIZES: &str = "100 1000 10000";
const NODES: usize = 50;

fn main() -> anyhow::Result<()> {
    let sizes = std::env::var("BENCH_VCLUSTERS").unwrap_or_else(|_| SIZES.to_owned());
    let sizes: Result<Vec<usize>, _> = sizes.split_whitespace().map(str::parse).collect();
    let program = std::env::var_os("BENCH_PROGRAM").unwrap_or_else(|| env!("CARGO_BIN_EXE_vcluster-guard").into());
    let program = PathBuf::from(program);
    let wants_reports = std::env::var("BENCH_REPORTS").as_deref() != Ok("no");
    let cluster = ControlPlane::bare()?;
    let kubeconfig = cluster.admin_kubeconfig();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(fill::nodes(&kubeconfig, NODES))?;
    reports::prepare(&cluster)?;
    println!("| vClusters | objects | time | of it processor | peak memory | lists a second | bytes of JSON |");
    println!("|---:|---:|---:|---:|---:|---:|---:|");
    let mut there = 0;
    let mut reported = vec![reports::HEAD.to_owned()];
    for size in sizes.context("BENCH_VCLUSTERS is no list of numbers")? {
        let start = Instant::now();
        runtime.block_on(fill::vclusters(&kubeconfig, there..size))?;
        let new = size.saturating_sub(there);
        there = there.max(size);
        eprintln!("{size} vClusters stand after {:.0} s", start.elapsed().as_secs_f32());
        row(&cluster, &program, &kubeconfig, size)?;
        if wants_reports {
            reported.extend(reports::rows(&cluster, &program, &kubeconfig, (new, size))?);
        }
    }
    if wants_reports {
        println!("\nWith --reports:\n\n{}", reported.join("\n"));
    }
    Ok(())
}

fn row(cluster: &ControlPlane, program: &Path, kubeconfig: &Path, size: usize) -> anyhow::Result<()> {
    let [first, second] = ["first.json", "second.json"].map(|name| cluster.processes.directory().join(name));
    let lists = || anyhow::Ok(cluster.metrics()?.sum("apiserver_request_total", &[("verb", "LIST")]));
    let before = lists()?;
    let taken = measure::audit(program, kubeconfig, &first, &[])?;
    let lists = lists()? - before;
    let again = measure::audit(program, kubeconfig, &second, &[])?;
    let report = fs::read(&first)?;
    ensure!(
        report == fs::read(&second)?,
        "two runs over the same cluster gave two reports"
    );
    let summary: serde_json::Value = serde_json::from_slice(&report)?;
    ensure!(summary["summary"]["vclusters"] == size, "not every vCluster was judged");
    ensure!(summary["incomplete"] == serde_json::json!([]), "something was not read");
    print(size, taken, lists, report.len());
    print(size, again, lists, report.len());
    Ok(())
}

fn print(size: usize, taken: Taken, lists: f64, bytes: usize) {
    println!(
        "| {size} | {} | {:.2} s | {:.2} s | {:.1} MiB | {:.1} | {bytes} |",
        size * 7,
        taken.time.as_secs_f64(),
        taken.cpu.as_secs_f64(),
        measure::mebibytes(taken.memory),
        lists / taken.time.as_secs_f64(),
    );
}
