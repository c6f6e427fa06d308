//! What a test works with: the one cluster of this run, and a namespace of its own in it.

use std::path::{Path, PathBuf};
use std::sync::{LazyLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use serde_json::{Value, json};

use crate::harness::{Auditor, ControlPlane, Installed, Output, Samples, Store, UNSEEN, definitions};
use crate::standing;

/// Started once; the tests share it. A test that takes the guard down locks the others out meanwhile.
static WORLD: LazyLock<Result<RwLock<Installed>, String>> = LazyLock::new(|| {
    let installed = Installed::start(standing::create);
    installed
        .map(RwLock::new)
        .map_err(|error| format!("the cluster of this run did not start: {error:#}"))
});

fn world() -> &'static RwLock<Installed> {
    WORLD.as_ref().unwrap_or_else(|error| panic!("{error}"))
}

/// The cluster with nobody else at work in it.
pub(crate) fn alone() -> RwLockWriteGuard<'static, Installed> {
    world().write().unwrap_or_else(PoisonError::into_inner)
}

/// A namespace of one test.
pub(crate) struct Space {
    world: RwLockReadGuard<'static, Installed>,
    namespace: String,
}

impl Space {
    /// A fresh namespace.
    pub(crate) fn new(name: &str) -> Self {
        let space = Self::at(name);
        space.run(&["create", "namespace", name]);
        space
    }

    /// A namespace that is there already.
    pub(crate) fn at(name: &str) -> Self {
        let world = world().read().unwrap_or_else(PoisonError::into_inner);
        Self {
            world,
            namespace: name.to_owned(),
        }
    }

    /// Its name.
    pub(crate) fn namespace(&self) -> &str {
        &self.namespace
    }

    /// The objects of a vCluster in this namespace.
    pub(crate) fn release(&self, name: &str) -> Samples {
        Samples::new(&self.namespace, name)
    }

    /// A denial as the user reads it: the findings, and where to read on.
    pub(crate) fn denial(&self, release: &str, findings: &str) -> String {
        format!(
            "{findings}\nvCluster {}/{release}; `vcluster-guard rules explain RULE-ID` says why",
            self.namespace
        )
    }

    /// Runs kubectl in this namespace.
    pub(crate) fn kubectl(&self, arguments: &[&str]) -> Output {
        self.send(arguments, "")
    }

    /// Runs kubectl, which must succeed.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.kubectl(arguments).success().unwrap()
    }

    /// Runs helm in this namespace.
    pub(crate) fn helm(&self, arguments: &[&str]) -> Output {
        let here = ["--namespace", &self.namespace];
        self.world
            .cluster
            .helm(&[&here, arguments].concat())
            .expect("helm runs")
    }

    /// Creates an object, or tries to.
    pub(crate) fn create(&self, object: &Value) -> Output {
        self.send(&["create", "-f", "-"], &object.to_string())
    }

    /// Creates an object as if it had been there before the guard came.
    pub(crate) fn create_unseen(&self, object: &Value) -> Output {
        let unseen = [&format!("--as={UNSEEN}"), "--as-group=system:masters"];
        self.send(
            &[&["create", "-f", "-"], unseen.as_slice()].concat(),
            &object.to_string(),
        )
    }

    /// The etcd behind the API server.
    pub(crate) fn store(&self) -> Store {
        self.world.cluster.store()
    }

    /// Applies an object with more flags, or tries to.
    pub(crate) fn apply(&self, flags: &[&str], object: &Value) -> Output {
        self.send(&[&["apply", "-f", "-"], flags].concat(), &object.to_string())
    }

    /// Audits this namespace as an administrator, with more flags.
    pub(crate) fn audit(&self, flags: &[&str]) -> Output {
        self.audit_as(&self.kubeconfig(), flags)
    }

    /// Audits the whole cluster as an administrator, with more flags.
    pub(crate) fn audit_all(&self, flags: &[&str]) -> Output {
        let audit = [&["audit", "-A"], flags].concat();
        self.world
            .cluster
            .guard(&audit, &self.kubeconfig())
            .expect("the guard runs")
    }

    /// Audits this namespace as whoever the kubeconfig says.
    pub(crate) fn audit_as(&self, kubeconfig: &Path, flags: &[&str]) -> Output {
        let here = ["audit", "--namespace", &self.namespace];
        let audit = self.world.cluster.guard(&[&here, flags].concat(), kubeconfig);
        audit.expect("the guard runs")
    }

    /// Audits this namespace under the account that the chart gives to the auditor, and keeps reports.
    pub(crate) fn report(&self) -> Output {
        self.audit_as(&self.world.auditor().expect("it gets a token"), &["--reports"])
    }

    /// An account with the rights of the chart's auditor but one; a role and its binding have its name, too.
    pub(crate) fn auditor_without(&self, resource: &str) -> PathBuf {
        let name = format!("{}-without-{resource}", self.namespace);
        let mut role = self.stored("clusterrole/vcluster-guard-audit").unwrap();
        let rules = role["rules"].as_array_mut().unwrap();
        rules.retain(|rule| rule["resources"] != json!([resource]));
        let metadata = json!({"name": name});
        let api = "rbac.authorization.k8s.io";
        let objects = [
            json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}),
            json!({"apiVersion": format!("{api}/v1"), "kind": "ClusterRole", "metadata": metadata, "rules": rules}),
            json!({
                "apiVersion": format!("{api}/v1"), "kind": "ClusterRoleBinding", "metadata": metadata,
                "roleRef": {"apiGroup": api, "kind": "ClusterRole", "name": name},
                "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": self.namespace}],
            }),
        ];
        for object in objects {
            self.create(&object).success().unwrap();
        }
        self.service_account(&name)
    }

    /// Starts an auditor of this namespace that stays.
    pub(crate) fn start_auditor(&self, kubeconfig: &Path, every: &str) -> Auditor {
        let processes = &self.world.cluster.processes;
        Auditor::start(processes, kubeconfig, &self.namespace, every).expect("the auditor starts")
    }

    /// Gives the cluster a new kind.
    pub(crate) fn define(&self, kind: impl FnOnce(&ControlPlane) -> anyhow::Result<Value>) {
        let cluster = &self.world.cluster;
        let installed = kind(cluster).and_then(|definition| definitions::install(cluster, &definition));
        installed.expect("the definition is accepted");
    }

    /// A kubeconfig of a service account of this namespace.
    pub(crate) fn service_account(&self, name: &str) -> PathBuf {
        let kubeconfig = self.world.cluster.service_account_kubeconfig(&self.namespace, name);
        kubeconfig.expect("it gets a token")
    }

    /// An object as it is stored, if it is: `kind/name`.
    pub(crate) fn stored(&self, object: &str) -> Option<Value> {
        self.run(&["get", object, "--ignore-not-found", "-o", "json"])
            .json()
            .ok()
    }

    /// How many claims of this namespace have a volume.
    pub(crate) fn bound_claims(&self) -> usize {
        let names = "jsonpath={.items[?(@.status.phase=='Bound')].metadata.name}";
        let names = self.run(&["get", "pvc", "-o", names]).stdout;
        names.split_whitespace().count()
    }

    /// The reviews that the guard has judged in this namespace, by its log: (`/mutate`, `/validate`).
    pub(crate) fn reviews(&self) -> (usize, usize) {
        let lines = json_lines(&self.guard_log());
        let here = |line: &&Value| line["message"] == "judged" && line["namespace"] == self.namespace.as_str();
        let judged = |path: &str| lines.iter().filter(here).filter(|line| line["path"] == path).count();
        (judged("/mutate"), judged("/validate"))
    }

    /// The values of one annotation in the cluster's audit log, for one kind of object in this namespace.
    pub(crate) fn audited(&self, resource: &str, annotation: &str) -> Vec<String> {
        let events = json_lines(&self.audit_log());
        let here = |event: &&Value| {
            event["objectRef"]["namespace"] == self.namespace.as_str() && event["objectRef"]["resource"] == resource
        };
        let values = events
            .iter()
            .filter(here)
            .filter_map(|event| event["annotations"][annotation].as_str());
        values.map(str::to_owned).collect()
    }

    /// Everything that the guard has logged.
    pub(crate) fn guard_log(&self) -> String {
        self.world.guard().unwrap().log()
    }

    /// The kubeconfig of an administrator.
    pub(crate) fn kubeconfig(&self) -> PathBuf {
        self.world.cluster.admin_kubeconfig()
    }

    /// Everything in the cluster's audit log.
    pub(crate) fn audit_log(&self) -> String {
        self.world.cluster.audit_log()
    }

    /// Runs kubectl in this namespace with something on its standard input.
    pub(crate) fn send(&self, arguments: &[&str], input: &str) -> Output {
        let here = ["--namespace", &self.namespace];
        self.world
            .cluster
            .kubectl(&[&here, arguments].concat(), input)
            .expect("kubectl runs")
    }
}

fn json_lines(log: &str) -> Vec<Value> {
    log.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}
