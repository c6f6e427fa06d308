//! kubeconfig files: the same cluster seen by different users.

use std::path::Path;

use serde_json::{Value, json};

use super::pki::Pair;

/// Who a kubeconfig speaks for.
pub(crate) enum User<'a> {
    /// A client certificate of the cluster's authority.
    Certificate(&'a Pair),
    /// A service account token.
    Token(&'a str),
}

/// The text of a kubeconfig. JSON, which is YAML too.
pub(crate) fn kubeconfig(server: &str, authority: &Path, user: &User<'_>) -> String {
    let user = match user {
        User::Certificate(pair) => json!({"client-certificate": pair.certificate, "client-key": pair.key}),
        User::Token(token) => json!({"token": token}),
    };
    let config: Value = json!({
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "test",
        "clusters": [{"name": "test", "cluster": {"server": server, "certificate-authority": authority}}],
        "users": [{"name": "user", "user": user}],
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "user"}}],
    });
    config.to_string()
}
