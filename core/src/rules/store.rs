//! Configuration of the backing store.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde_json::Value;

use crate::case::{Case, Places};
use crate::config::key;
use crate::object::is_truthy;
use crate::remedy::Change;
use crate::rule::{Family, Found, Judgement, Part, Rule, Severity};
use crate::store::Store;

/// More than one store.
pub const BS_MULTIPLE: Rule = Rule {
    id: "bs-multiple",
    title: "More than one backing store",
    family: Family::Store,
    severity: Severity::Deny,
    places: Places::CONFIG,
    needs: &[],
    consequence: "parts of vCluster pick different ones: data goes to one store, snapshots and validation look at another",
    fix: "enable exactly one of them",
    why: "the chart checks this only while volumeClaim.enabled is auto (vcluster: chart/templates/_persistence.tpl); \
          pkg/k8s/k8s.go:324 prefers the external database, config/config.go:1029 etcd.",
    judge: bs_multiple,
};

fn bs_multiple(case: &Case<'_>) -> Judgement {
    let mut enabled = Vec::new();
    for (store, key) in Store::ALL {
        if case.flag(key)? {
            enabled.push(store.in_words());
        }
    }
    let all = match enabled.len() {
        0 | 1 => return Ok(None),
        2 => "both",
        _ => "all",
    };
    let message = format!("{} are {all} enabled", enabled.join(" and "));
    Ok(Some(Found::new(Part::Config, "controlPlane.backingStore", message)))
}

/// An external etcd that is nowhere.
pub const BS_EXTERNAL_ETCD_NO_ENDPOINT: Rule = Rule {
    id: "bs-external-etcd-no-endpoint",
    title: "External etcd without a usable endpoint",
    family: Family::Store,
    severity: Severity::Deny,
    places: Places::CONFIG,
    needs: &[],
    consequence: "the API server is pointed at \"https://\" and never becomes ready",
    fix: "set controlPlane.backingStore.etcd.external.endpoint to host:port",
    why: "vcluster: pkg/k8s/k8s.go:344 cuts a leading https:// and puts it back before the first endpoint alone.",
    judge: bs_external_etcd_no_endpoint,
};

fn bs_external_etcd_no_endpoint(case: &Case<'_>) -> Judgement {
    if !case.flag(key::EXTERNAL_ETCD_ENABLED)? {
        return Ok(None);
    }
    let endpoint = case.text(key::EXTERNAL_ETCD_ENDPOINT)?;
    let rest = endpoint.strip_prefix("https://").unwrap_or(endpoint);
    let found = |message: &'static str| Found::new(Part::Config, key::EXTERNAL_ETCD_ENDPOINT.path, message);
    let mut endpoints = rest.split(',');
    let first = endpoints.next().unwrap_or_default();
    if first.trim().is_empty() {
        return Ok(Some(found("the external etcd is enabled without an endpoint")));
    }
    // https:// is put before whatever stands there, another scheme included.
    if first.contains("://") {
        let found = found("the endpoint has a scheme other than https://, which vCluster puts before it once more");
        return Ok(Some(
            found
                .severity(Severity::Warn)
                .consequence("the API server cannot reach its store"),
        ));
    }
    if endpoints.any(|further| !further.trim().starts_with("https://")) {
        let found = found("only the first of several endpoints gets the scheme https:// from vCluster");
        let found = found
            .severity(Severity::Warn)
            .consequence("the other endpoints are not used")
            .fix("write https:// before every endpoint but the first");
        return Ok(Some(found.remedy(with_schemes(rest))));
    }
    Ok(None)
}

/// The list with the scheme that vCluster itself takes for granted. Another scheme is somebody's choice.
fn with_schemes(endpoints: &str) -> Vec<Change> {
    let mut further = endpoints.split(',').skip(1).map(str::trim);
    if further.any(|endpoint| endpoint.is_empty() || (endpoint.contains("://") && !endpoint.starts_with("https://"))) {
        return Vec::new();
    }
    let with_scheme = |endpoint: &str| format!("https://{}", endpoint.strip_prefix("https://").unwrap_or(endpoint));
    let all: Vec<String> = endpoints.split(',').map(str::trim).map(with_scheme).collect();
    Vec::from([Change::set(key::EXTERNAL_ETCD_ENDPOINT.path, all.join(","))])
}

/// A deployed etcd that nobody deploys.
pub const BS_DEPLOY_STS_DISABLED: Rule = Rule {
    id: "bs-deploy-sts-disabled",
    title: "Deployed etcd without its StatefulSet",
    family: Family::Store,
    severity: Severity::Warn,
    places: Places::CONFIG,
    needs: &[],
    consequence: "vCluster dials the Service NAME-etcd, behind which nothing runs unless you provide it",
    fix: "leave controlPlane.backingStore.etcd.deploy.statefulSet.enabled at true, or use etcd.external for an etcd of \
          your own",
    why: "vcluster: chart/templates/etcd-statefulset.yaml. Legitimate where somebody else provides that Service.",
    judge: bs_deploy_sts_disabled,
};

fn bs_deploy_sts_disabled(case: &Case<'_>) -> Judgement {
    if !case.flag(key::DEPLOYED_ETCD_ENABLED)? || case.flag_or_true(key::DEPLOYED_ETCD_STS_ENABLED)? {
        return Ok(None);
    }
    let message = "etcd.deploy is enabled, its StatefulSet is not";
    Ok(Some(Found::new(
        Part::Config,
        key::DEPLOYED_ETCD_STS_ENABLED.path,
        message,
    )))
}

/// Snapshots of a store that they do not cover.
pub const BS_DEPLOYED_ETCD_NO_SNAPSHOTS: Rule = Rule {
    id: "bs-deployed-etcd-no-snapshots",
    title: "Snapshots of a deployed etcd",
    family: Family::Store,
    severity: Severity::Warn,
    places: Places::CONFIG,
    needs: &[],
    consequence: "a snapshot may report success and still not be restorable",
    fix: "back the deployed etcd up with etcd's own tools, or migrate to embedded etcd",
    why: "docs: configure/vcluster-yaml/control-plane/components/backing-store/etcd/deploy, on snapshots.",
    judge: bs_deployed_etcd_no_snapshots,
};

fn bs_deployed_etcd_no_snapshots(case: &Case<'_>) -> Judgement {
    if case.store()? != Store::DeployedEtcd {
        return Ok(None);
    }
    for key in [key::SNAPSHOTS, key::BACKUP] {
        if asks_for_something(case.any(key)?) {
            let message = format!(
                "{} are configured for a deployed etcd",
                if key.path == "backup" { "backups" } else { key.path }
            );
            return Ok(Some(Found::new(Part::Config, key.path, message)));
        }
    }
    Ok(None)
}

/// Whether a block says more than its zero values: something enabled, named or counted.
pub(crate) fn asks_for_something(value: &Value) -> bool {
    match value {
        // A block that can be switched off, and is.
        Value::Object(map) if map.get("enabled") == Some(&Value::Bool(false)) => false,
        Value::Object(map) => map.values().any(asks_for_something),
        value => is_truthy(value),
    }
}
