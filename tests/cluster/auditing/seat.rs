//! Priority and fairness turns a request away when every seat of its level is taken. A level always has one.

use std::io::Write;
use std::net::TcpStream;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::{Value, json};

use crate::space::Space;

/// A request that the API server is waiting for the rest of, until this is dropped.
pub(super) struct Seat {
    _stream: StreamOwned<ClientConnection, TcpStream>,
}

impl Seat {
    /// Takes one as the account of this kubeconfig.
    pub(super) fn take(kubeconfig: &Value) -> Self {
        let cluster = &kubeconfig["clusters"][0]["cluster"];
        let address = cluster["server"].as_str().unwrap().strip_prefix("https://").unwrap();
        let mut roots = RootCertStore::empty();
        let authority = cluster["certificate-authority"].as_str().unwrap();
        roots.add(CertificateDer::from_pem_file(authority).unwrap()).unwrap();
        let config = ClientConfig::builder()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from("localhost").unwrap();
        let connection = ClientConnection::new(Arc::new(config), name).unwrap();
        let mut stream = StreamOwned::new(connection, TcpStream::connect(address).unwrap());
        let token = kubeconfig["users"][0]["user"]["token"].as_str().unwrap();
        write!(
            stream,
            "POST /apis/authentication.k8s.io/v1/selfsubjectreviews HTTP/1.1\r\nHost: localhost\r\n\
             Authorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n"
        )
        .unwrap();
        stream.flush().unwrap();
        Self { _stream: stream }
    }
}

/// Gives the account a level of its own with that one seat.
pub(super) fn limit(space: &Space, account: &str) {
    let api = "flowcontrol.apiserver.k8s.io";
    let level = json!({
        "type": "Limited",
        "limited": {
            "nominalConcurrencyShares": 0, "lendablePercent": 0, "borrowingLimitPercent": 0,
            "limitResponse": {"type": "Reject"},
        },
    });
    let subject =
        json!({"kind": "ServiceAccount", "serviceAccount": {"name": account, "namespace": space.namespace()}});
    let all = json!(["*"]);
    let everything = json!({"verbs": all, "apiGroups": all, "resources": all, "clusterScope": true, "namespaces": all});
    let rule = json!({"subjects": [subject], "resourceRules": [everything]});
    let schema = json!({"priorityLevelConfiguration": {"name": account}, "matchingPrecedence": 2, "rules": [rule]});
    for (kind, spec) in [("PriorityLevelConfiguration", level), ("FlowSchema", schema)] {
        let metadata = json!({"name": account});
        let object = json!({"apiVersion": format!("{api}/v1"), "kind": kind, "metadata": metadata, "spec": spec});
        space.create(&object).success().unwrap();
    }
}
