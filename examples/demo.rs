//! The guard at work in a real control plane, told in six steps with kubectl's own words.
//!
//! `make demo` runs it. The cluster stays up for you until ^C; with `--once` it ends after the story.

#[allow(dead_code, unused_imports, reason = "the cluster tests use the rest of it")]
#[path = "../tests/cluster/harness/mod.rs"]
mod harness;

use std::time::{Duration, Instant};

use anyhow::Context;

use harness::{Installed, until};

const BOUND_LIMIT: Duration = Duration::from_secs(60);

/// The columns that show where the scheduler put the pods.
const PLACES: &str = "-o=custom-columns=POD:.metadata.name,NODE:.spec.nodeName";
const IMAGE: &str = "-o=jsonpath={.spec.template.spec.containers[0].image}{\"\\n\"}";
const SCHEDULING: &str =
    "-o=jsonpath={.spec.template.spec.affinity}{\"\\n\"}{.spec.template.spec.topologySpreadConstraints}{\"\\n\"}";

fn main() -> anyhow::Result<()> {
    println!("Starting etcd, kube-apiserver, kube-controller-manager and kube-scheduler, and installing the guard.");
    let start = Instant::now();
    let installed = Installed::start(|_| Ok(()))?;
    println!(
        "The control plane is up, and calls the guard, after {:.1} s.",
        start.elapsed().as_secs_f32()
    );
    let story = Story { installed: &installed };
    story.tell()?;
    if std::env::args().any(|argument| argument == "--once") {
        return Ok(());
    }
    story.invite();
    wait_for_interrupt()?;
    drop(installed);
    println!("\nThe cluster is gone.");
    Ok(())
}

fn wait_for_interrupt() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime
        .block_on(tokio::signal::ctrl_c())
        .context("failed to wait for ^C")
}

struct Story<'a> {
    installed: &'a Installed,
}

impl Story<'_> {
    fn tell(&self) -> anyhow::Result<()> {
        step("The cluster: six nodes in three zones");
        self.kubectl(&["get", "nodes", "-L", "topology.kubernetes.io/zone"])?;
        self.kubectl(&["get", "validatingwebhookconfigurations,mutatingwebhookconfigurations"])?;

        step("A vCluster that would break is refused at its values, with what to change");
        self.kubectl(&["apply", "-f", "examples/demo/broken.yaml"])?;

        step("The same as a dry run: judged alike, and nothing is left behind");
        self.kubectl(&["apply", "--dry-run=server", "-f", "examples/demo/broken.yaml"])?;
        self.kubectl(&["get", "secret/vc-config-orders"])?;

        step("A good one is let in, and its replicas are kept apart");
        self.kubectl(&["apply", "-f", "examples/demo/good.yaml"])?;
        self.kubectl(&["get", "statefulset", "payments", SCHEDULING])?;
        self.wait_for_places("payments", 3)?;
        self.kubectl(&["get", "pods", "-l", "release=payments", PLACES])?;

        step("An image that is no longer built is replaced by the one that is");
        self.kubectl(&["apply", "-f", "examples/demo/deprecated.yaml"])?;
        self.kubectl(&["get", "statefulset", "search", IMAGE])?;

        step("Scaling it past what its store can bear is refused too");
        self.kubectl(&["scale", "statefulset", "search", "--replicas=3"])?;
        self.kubectl(&["get", "statefulset", "search"])
    }

    fn invite(&self) {
        println!("\nThe cluster is yours until ^C:\n");
        println!(
            "  export KUBECONFIG={}",
            self.installed.cluster.admin_kubeconfig().display()
        );
        println!("  export PATH={}/.cache/bin:$PATH\n", env!("CARGO_MANIFEST_DIR"));
        println!("  kubectl get statefulsets,pods -o wide");
        println!("  kubectl edit secret vc-config-payments");
    }

    // A refusal is part of the story, so only a program that did not run at all is a failure.
    fn kubectl(&self, arguments: &[&str]) -> anyhow::Result<()> {
        println!("{}", self.installed.cluster.kubectl(arguments, "")?);
        Ok(())
    }

    fn wait_for_places(&self, release: &str, replicas: usize) -> anyhow::Result<()> {
        let label = format!("release={release}");
        let names = ["get", "pods", "-l", &label, "-o", "jsonpath={.items[*].spec.nodeName}"];
        until("the scheduler", BOUND_LIMIT, || {
            let bound = self
                .installed
                .cluster
                .kubectl(&names, "")?
                .stdout
                .split_whitespace()
                .count();
            Ok((bound == replicas).then_some(()))
        })
    }
}

fn step(title: &str) {
    println!("\n=== {title}\n");
}
