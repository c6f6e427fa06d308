//! The shared corpus of charts and recorded reviews, where it lies beside this repository.
//!
//! It is no part of the repository: without it, or without Python and `PyYAML` for its checkers, the tests say
//! `skipped` and hold.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at what must hold"
)]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

const GUARD: &str = env!("CARGO_BIN_EXE_vcluster-guard");

#[test]
fn every_manifest_of_the_corpus_is_judged_as_expected() {
    let Some(corpus) = corpus() else { return };
    let prefix = format!("{GUARD} check -o json");
    holds(
        &python(&corpus.join("check_corpus.py"))
            .arg(prefix)
            .arg(&corpus)
            .output()
            .unwrap(),
    );
}

#[test]
fn every_review_of_the_corpus_is_answered_as_expected() {
    let Some(corpus) = corpus() else { return };
    let certs = tempfile::tempdir().unwrap();
    let server = Server::start(certs.path());
    let url = format!("https://{}", server.address);
    holds(
        &python(&corpus.join("check_reviews.py"))
            .arg(url)
            .arg(&corpus)
            .output()
            .unwrap(),
    );
}

fn corpus() -> Option<PathBuf> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let can_run = || {
        Command::new("python3")
            .args(["-c", "import yaml"])
            .output()
            .is_ok_and(|done| done.status.success())
    };
    if corpus.is_dir() && can_run() {
        return Some(corpus);
    }
    println!("skipped: there is no ../shared/corpus, or no python3 with PyYAML");
    None
}

fn python(script: &Path) -> Command {
    let mut python = Command::new("python3");
    python.arg(script);
    python
}

fn holds(done: &Output) {
    let said = [done.stdout.as_slice(), done.stderr.as_slice()].concat();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&said));
}

/// `serve` without a cluster, killed when dropped.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(certs: &Path) -> Self {
        let made = Command::new(GUARD)
            .args(["certs", "dev", "--dir"])
            .arg(certs)
            .output()
            .unwrap();
        assert!(made.status.success(), "{made:?}");
        let mut serve = Command::new(GUARD);
        serve.arg("serve").arg("--tls-cert").arg(certs.join("tls.crt"));
        serve
            .arg("--tls-key")
            .arg(certs.join("tls.key"))
            .args(["--no-lookups", "--log-format", "json"]);
        for port in ["--listen", "--health-listen", "--metrics-listen"] {
            serve.args([port, "127.0.0.1:0"]);
        }
        let mut child = serve.stderr(Stdio::piped()).spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
        let address = loop {
            let line = log.next().expect("it listens before it ends").unwrap();
            let event: serde_json::Value = serde_json::from_str(&line).unwrap();
            if event["message"] == "listening" {
                break event["admission"].as_str().unwrap().to_owned();
            }
        };
        // Whatever else it logs is read, so that it never waits for a reader.
        std::thread::spawn(move || log.for_each(drop));
        Self { child, address }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _reaped = self.child.wait();
    }
}
