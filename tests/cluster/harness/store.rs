//! etcd itself, behind the API server's back.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use anyhow::{Context, ensure};
use serde_json::{Value, json};

/// The cluster's etcd.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    pub(crate) address: SocketAddr,
}

impl Store {
    /// Forgets every state but the present one, as etcd does every five minutes when the API server asks for it.
    pub(crate) fn compact(&self) -> anyhow::Result<()> {
        // A state later than any that a list began with; the key is outside of what the API server keeps.
        let put = self.post("/v3/kv/put", &json!({"key": "Y29tcGFjdGVk", "value": "AA=="}))?;
        let revision = &put["header"]["revision"];
        self.post("/v3/kv/compaction", &json!({"revision": revision, "physical": true}))?;
        Ok(())
    }

    // HTTP/1.0 by hand, as for the guard's probes.
    fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let body = body.to_string();
        let mut stream = TcpStream::connect(self.address).context("etcd does not answer")?;
        write!(
            stream,
            "POST {path} HTTP/1.0\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (head, body) = answer.split_once("\r\n\r\n").context("etcd's answer has no end")?;
        ensure!(head.split(' ').nth(1) == Some("200"), "etcd answered {head}\n{body}");
        serde_json::from_str(body).context("etcd's answer is no JSON")
    }
}
