//! Few file descriptors and many callers.

use std::process::Command;

use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::process::{Client, SOON, Server, get, make_certificates, serve, trust};

/// The same command under a hard limit of open files.
fn with_few_files(command: &Command, limit: usize) -> Command {
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(format!("ulimit -n {limit}; exec \"$0\" \"$@\""));
    shell.arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    shell
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_silent_connections_than_files_keep_nobody_out() {
    let dir = tempfile::tempdir().unwrap();
    make_certificates(dir.path());
    let server = Server::start(&mut with_few_files(&serve(dir.path()), 100));
    let trust = trust(dir.path());
    let mut first = Client::connect(server.admission, &trust).await.unwrap();
    assert_eq!(first.ask().await.unwrap().0, 200);
    let mut silent = Vec::new();
    for _ in 0..300 {
        silent.push(TcpStream::connect(server.admission).await.unwrap());
    }
    let full = timeout(SOON, silent[0].read_u8()).await;
    assert!(full.expect("there is still room").is_err(), "nobody speaks first");
    let mut second = Client::connect(server.admission, &trust).await.unwrap();
    assert_eq!(second.ask().await.unwrap().0, 200);
    assert_eq!(first.ask().await.unwrap().0, 200, "one that had asked was closed");
    assert_eq!(get(server.health, "/readyz").await.0, 200);
    drop(silent);
}
