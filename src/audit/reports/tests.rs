use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use http::{Request, Response, StatusCode};
use kube::client::Body;
use serde_json::{Value, json};
use vcluster_guard_core::rule::Severity;

use super::*;
use crate::audit::reader::Patience;
use crate::report::fixture::{finding, vcluster};

const OPEN: &str = "/apis/openreports.io/v1alpha1";
const POLICY: &str = "/apis/wgpolicyk8s.io/v1alpha2";

/// An API server that knows kinds of reports and keeps what is written.
#[derive(Default)]
struct Server {
    /// The path of each kind with its reports: name and hash.
    kinds: BTreeMap<&'static str, BTreeMap<String, String>>,
    /// Who may not be written.
    refused: Vec<&'static str>,
    /// The writes that were asked for, in order.
    writes: Vec<String>,
}

impl Server {
    fn knowing(kinds: &[&'static str]) -> Arc<Mutex<Self>> {
        Arc::new(Mutex::new(Self {
            kinds: kinds.iter().map(|kind| (*kind, BTreeMap::new())).collect(),
            ..Self::default()
        }))
    }

    fn answer(&mut self, method: &str, path: &str, body: &[u8]) -> (StatusCode, Value) {
        let Some((kind, reports)) = self.kinds.iter_mut().find(|(kind, _)| path.starts_with(**kind)) else {
            return (StatusCode::NOT_FOUND, json!({}));
        };
        let name = path.rsplit('/').next().unwrap_or_default();
        match method {
            "GET" if path == *kind => (
                StatusCode::OK,
                json!({"resources": [{"name": "reports"}, {"name": "policyreports"}]}),
            ),
            "GET" => {
                let items = reports.iter().map(|(name, hash)| {
                    json!({"metadata": {
                        "name": name, "namespace": "team-a", "uid": format!("uid-of-{name}"),
                        "annotations": {document::HASH: hash},
                    }})
                });
                (StatusCode::OK, json!({"items": items.collect::<Vec<_>>()}))
            }
            _ => {
                self.writes.push(format!("{method} {name}"));
                if self.refused.contains(&name) {
                    return (StatusCode::FORBIDDEN, json!({}));
                }
                let body: Value = serde_json::from_slice(body).unwrap();
                if method == "DELETE" {
                    assert_eq!(body["preconditions"]["uid"], format!("uid-of-{name}"));
                    reports.remove(name);
                } else {
                    let hash = body["metadata"]["annotations"][document::HASH].as_str().unwrap();
                    reports.insert(name.to_owned(), hash.to_owned());
                }
                (StatusCode::OK, json!({}))
            }
        }
    }
}

async fn publish(server: &Arc<Mutex<Server>>, report: &Report) -> Published {
    let server = Arc::clone(server);
    let service = tower::service_fn(move |request: Request<Body>| {
        let server = Arc::clone(&server);
        async move {
            let (head, body) = request.into_parts();
            let body = body.collect_bytes().await.unwrap();
            let (status, answer) = server
                .lock()
                .unwrap()
                .answer(head.method.as_str(), head.uri.path(), &body);
            let body = Body::from(answer.to_string().into_bytes());
            Ok::<_, Infallible>(Response::builder().status(status).body(body).unwrap())
        }
    });
    let reader = Reader::new(kube::Client::new(service, "default"), Patience::default());
    Reports::default().publish(&reader, report, &Scope::All).await
}

/// That many vClusters with a finding each, named in the order in which they are written.
fn fleet(count: usize) -> Report {
    let mut report = Report::new();
    for index in 0..count {
        report.vclusters.push(vcluster("team-a", &format!("vc-{index}")));
        finding(&mut report, index, Severity::Deny, "ha-embedded-db");
    }
    report
}

fn published(written: usize, unchanged: usize, left: usize, removed: usize, failed: usize) -> Published {
    Published {
        written,
        unchanged,
        left,
        removed,
        failed,
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_new_is_written_and_what_is_gone_removed() {
    let server = Server::knowing(&[POLICY]);
    assert_eq!(publish(&server, &fleet(3)).await, published(3, 0, 0, 0, 0));
    assert_eq!(publish(&server, &fleet(3)).await, published(0, 3, 0, 0, 0));
    let mut changed = fleet(2);
    changed.findings[1].message = "something else".into();
    assert_eq!(publish(&server, &changed).await, published(1, 1, 0, 1, 0));
    let writes = server.lock().unwrap().writes.split_off(3);
    assert_eq!(writes, ["PATCH vcluster-guard-vc-1", "DELETE vcluster-guard-vc-2"]);
}

#[tokio::test(start_paused = true)]
async fn an_incomplete_run_removes_nothing_and_leaves_reports_that_know_more() {
    let server = Server::knowing(&[POLICY]);
    publish(&server, &fleet(3)).await;
    let mut partly = fleet(2);
    partly.incomplete.push("the list of secrets".into());
    partly.vclusters[0].partly_read = true;
    for finding in &mut partly.findings {
        finding.message = "something else".into();
    }
    assert_eq!(publish(&server, &partly).await, published(1, 0, 1, 0, 0));
    assert_eq!(server.lock().unwrap().kinds[POLICY].len(), 3);
}

#[tokio::test(start_paused = true)]
async fn reports_of_the_other_kind_are_removed_once_the_better_one_is_known() {
    let server = Server::knowing(&[POLICY]);
    publish(&server, &fleet(2)).await;
    server.lock().unwrap().kinds.insert(OPEN, BTreeMap::new());
    assert_eq!(publish(&server, &fleet(2)).await, published(2, 0, 0, 2, 0));
    let kinds = &server.lock().unwrap().kinds;
    assert_eq!((kinds[OPEN].len(), kinds[POLICY].len()), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn one_that_cannot_be_written_holds_up_no_other() {
    let server = Server::knowing(&[POLICY]);
    server.lock().unwrap().refused.push("vcluster-guard-vc-1");
    assert_eq!(publish(&server, &fleet(3)).await, published(2, 0, 0, 0, 1));
}

#[tokio::test(start_paused = true)]
async fn after_five_failures_in_a_row_the_rest_is_only_counted() {
    let names: Vec<String> = (0..9).map(|index| format!("vcluster-guard-vc-{index}")).collect();
    let server = Server::knowing(&[POLICY]);
    let refused = names.into_iter().map(|name| &*name.leak());
    server.lock().unwrap().refused.extend(refused);
    assert_eq!(publish(&server, &fleet(9)).await, published(0, 0, 0, 0, 9));
    assert_eq!(server.lock().unwrap().writes.len(), 5);
}

#[tokio::test(start_paused = true)]
async fn without_either_kind_nothing_is_asked_for_and_nothing_fails() {
    let server = Server::knowing(&[]);
    assert_eq!(publish(&server, &fleet(2)).await, Published::default());
}

#[tokio::test(start_paused = true)]
async fn writes_are_paced() {
    let start = tokio::time::Instant::now();
    publish(&Server::knowing(&[OPEN]), &fleet(101)).await;
    let took = start.elapsed();
    assert!(took >= std::time::Duration::from_secs(2), "{took:?}");
}
