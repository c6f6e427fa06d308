//! The API server over a connection of its own: hundreds of requests, too many for a program each.

use std::path::Path;

use anyhow::Context;
use http::{HeaderMap, Method, Request};
use kube::client::Body;
use kube::config::{KubeConfigOptions, Kubeconfig};
use serde_json::{Value, json};

use crate::harness::UNSEEN;

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum As {
    /// Anybody: the guard judges it.
    User,
    /// Who made what stood before the guard came: the guard is not asked.
    Unseen,
}

pub(crate) struct Api {
    client: kube::Client,
}

/// What the API server says.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) ok: bool,
    pub(crate) body: Value,
    pub(crate) warnings: Vec<String>,
}

impl Api {
    pub(crate) async fn new(kubeconfig: &Path) -> anyhow::Result<Self> {
        let read = Kubeconfig::read_from(kubeconfig)?;
        let mut config = kube::Config::from_custom_kubeconfig(read, &KubeConfigOptions::default()).await?;
        // An answer of 429 or 503 is an answer, too.
        config.default_retry = false;
        let client = kube::Client::try_from(config)?;
        Ok(Self { client })
    }

    pub(crate) async fn send(
        &self,
        who: As,
        method: Method,
        path: &str,
        object: Option<&Value>,
    ) -> anyhow::Result<Answer> {
        let mut request = Request::builder().method(method).uri(path);
        if who == As::Unseen {
            request = request.header("impersonate-user", UNSEEN);
            request = request.header("impersonate-group", "system:masters");
        }
        let body = object.map(Value::to_string).unwrap_or_default().into_bytes();
        let request = request
            .header("content-type", "application/json")
            .body(Body::from(body))?;
        let response = self.client.send(request).await.with_context(|| path.to_owned())?;
        let (head, body) = response.into_parts();
        let body = body.collect_bytes().await.with_context(|| path.to_owned())?;
        Ok(Answer {
            ok: head.status.is_success(),
            // What is no API at all is answered in plain text.
            body: serde_json::from_slice(&body).unwrap_or_else(|_| json!({"message": String::from_utf8_lossy(&body)})),
            warnings: warnings(&head.headers),
        })
    }
}

/// `299 - "text"`, with `"` and `\` behind a `\`.
fn warnings(headers: &HeaderMap) -> Vec<String> {
    let texts = headers.get_all("warning").into_iter().filter_map(|value| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        let text = value.strip_prefix("299 - \"")?.strip_suffix('"')?;
        Some(unescaped(text))
    });
    texts.collect()
}

fn unescaped(text: &str) -> String {
    let mut escaped = false;
    let kept = text.chars().filter(|&character| {
        escaped = character == '\\' && !escaped;
        !escaped
    });
    kept.collect()
}

impl Answer {
    /// What the webhook said when it refused the request.
    pub(crate) fn denial(&self) -> Option<&str> {
        self.message().split_once("denied the request: ").map(|(_, text)| text)
    }

    /// What the API server said; empty after a success.
    pub(crate) fn message(&self) -> &str {
        if self.ok {
            return "";
        }
        self.body["message"].as_str().unwrap_or_default()
    }
}
