//! A blocking client: one connection that is kept, a request that is built once.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};

/// No honest answer takes longer, on any machine.
const PATIENCE: Duration = Duration::from_secs(30);
/// No answer is longer.
const LONGEST_ANSWER: usize = 1 << 20;

/// The authority that signed the certificate of both servers.
#[derive(Clone)]
pub(crate) struct Trust(Arc<ClientConfig>);

impl Trust {
    pub(crate) fn new(authority: &Path) -> anyhow::Result<Self> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(authority)?)?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self(Arc::new(config)))
    }
}

/// The bytes of one call.
pub(crate) fn request(path: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "POST {path}?timeout=10s HTTP/1.1\r\nHost: localhost\r\nUser-Agent: kube-apiserver-admission\r\n\
         Content-Length: {length}\r\nAccept: application/json, */*\r\nContent-Type: application/json\r\n\
         Accept-Encoding: gzip\r\n\r\n{body}"
    )
    .into_bytes()
}

/// One connection that is kept.
pub(crate) struct Client {
    stream: StreamOwned<ClientConnection, TcpStream>,
    buffer: Vec<u8>,
}

impl Client {
    pub(crate) fn connect(address: SocketAddr, trust: &Trust) -> anyhow::Result<Self> {
        let socket = TcpStream::connect_timeout(&address, PATIENCE)?;
        socket.set_nodelay(true)?;
        socket.set_read_timeout(Some(PATIENCE))?;
        socket.set_write_timeout(Some(PATIENCE))?;
        let connection = ClientConnection::new(Arc::clone(&trust.0), ServerName::try_from("localhost")?)?;
        Ok(Self {
            stream: StreamOwned::new(connection, socket),
            buffer: vec![0; 16 << 10],
        })
    }

    /// Sends a request and returns the body of its answer, which has to be a 200.
    pub(crate) fn ask(&mut self, request: &[u8]) -> anyhow::Result<&[u8]> {
        self.stream.write_all(request).context("failed to send")?;
        self.stream.flush()?;
        let mut filled = 0;
        let (head, length) = loop {
            filled += self.read(filled)?;
            let text = &self.buffer[..filled];
            if let Some(end) = text.windows(4).position(|four| four == b"\r\n\r\n") {
                break (end + 4, length(&text[..end])?);
            }
        };
        ensure!(length <= LONGEST_ANSWER, "an answer of {length} bytes");
        while filled < head + length {
            filled += self.read(filled)?;
        }
        ensure!(filled == head + length, "more came than was announced");
        Ok(&self.buffer[head..filled])
    }

    fn read(&mut self, filled: usize) -> anyhow::Result<usize> {
        if filled == self.buffer.len() {
            ensure!(filled < 2 * LONGEST_ANSWER, "an answer without end");
            self.buffer.resize(2 * filled, 0);
        }
        match self
            .stream
            .read(&mut self.buffer[filled..])
            .context("failed to receive")?
        {
            0 => bail!("the server closed the connection"),
            read => Ok(read),
        }
    }
}

/// The length of the body after this head.
fn length(head: &[u8]) -> anyhow::Result<usize> {
    let head = std::str::from_utf8(head).context("the head is no text")?;
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap_or_default();
    ensure!(status.starts_with("HTTP/1.1 200 "), "it answered {status}");
    let length = lines.find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim())
    });
    length
        .context("no Content-Length")?
        .parse()
        .context("Content-Length is no number")
}
