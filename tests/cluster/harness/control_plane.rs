//! The control plane: etcd, kube-apiserver, kube-controller-manager and kube-scheduler.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::Context;

use super::apiserver_metrics::ApiServerMetrics;
use super::files::write;
use super::kubeconfig::{User, kubeconfig};
use super::nodes;
use super::pki::{Authority, Pair, TokenKey};
use super::processes::{Process, Processes};
use super::programs::{checkout, free_port, guard, program};
use super::run::{Output, run};
use super::store::Store;
use super::wait::until;

/// By default they make 20 and 50 requests a second, behind which the pods of hundreds of cases would queue for minutes.
const PACE: [&str; 2] = ["--kube-api-qps=500", "--kube-api-burst=1000"];

/// A cold start took 4 s on two idle cores; a busy machine gets much more.
const START_LIMIT: Duration = Duration::from_secs(120);

/// Every change with the annotations that admission gave it; no bodies.
const AUDIT_POLICY: &str = "\
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - level: Metadata
    verbs: [create, update, patch, delete]
    resources: [{group: apps}, {group: policy}, {group: '', resources: [secrets]}]
  - level: None
";

/// What a vCluster's objects need, and no more: each controller logs in by itself, which takes time. The
/// one that watches over nodes must stay out: no kubelet reports here, so it would evict every pod.
const CONTROLLERS: [&str; 11] = [
    "deployment-controller",
    "disruption-controller",
    "garbage-collector-controller",
    "namespace-controller",
    "persistentvolume-binder-controller",
    "persistentvolumeclaim-protection-controller",
    "replicaset-controller",
    "root-ca-certificate-publisher-controller",
    "serviceaccount-controller",
    "serviceaccount-token-controller",
    "statefulset-controller",
];

/// A running cluster. It ends when this value is dropped or this process ends.
pub(crate) struct ControlPlane {
    // Dropped first to last: the programs, then the group and the directory.
    programs: Vec<Process>,
    pub(crate) processes: Processes,
    pub(crate) authority: Authority,
    server: String,
    port: u16,
    store: Store,
}

impl ControlPlane {
    /// Starts a cluster with six ready nodes in three zones.
    pub(crate) fn start() -> anyhow::Result<Self> {
        let mut cluster = Self::prepare()?;
        let token_key = cluster.start_api()?;
        cluster.start_controllers(&token_key)?;
        cluster.start_scheduler()?;
        cluster.wait_until_ready()?;
        nodes::create(&cluster)?;
        Ok(cluster)
    }

    /// Starts etcd and the API server alone: what is put there stays as it is.
    #[allow(dead_code, reason = "the bench of the audit uses it")]
    pub(crate) fn bare() -> anyhow::Result<Self> {
        let mut cluster = Self::prepare()?;
        cluster.start_api()?;
        cluster.wait_until_ready()?;
        Ok(cluster)
    }

    fn prepare() -> anyhow::Result<Self> {
        let processes = Processes::new()?;
        let authority = Authority::new(processes.directory())?;
        let port = free_port()?;
        let store = SocketAddr::from(([127, 0, 0, 1], free_port()?));
        let cluster = Self {
            programs: Vec::new(),
            processes,
            authority,
            server: format!("https://127.0.0.1:{port}"),
            port,
            store: Store { address: store },
        };
        let admin = cluster.authority.client("admin", "admin", "system:masters")?;
        cluster.write_kubeconfig("admin", &admin)?;
        Ok(cluster)
    }

    fn start_api(&mut self) -> anyhow::Result<TokenKey> {
        let token_key = self.authority.token_key()?;
        self.start_etcd()?;
        self.start_api_server(&token_key)?;
        Ok(token_key)
    }

    /// The kubeconfig of an administrator.
    pub(crate) fn admin_kubeconfig(&self) -> PathBuf {
        self.file("admin.kubeconfig")
    }

    /// Runs kubectl with `input` on its standard input.
    pub(crate) fn kubectl(&self, arguments: &[&str], input: &str) -> anyhow::Result<Output> {
        run(self.client("kubectl")?.args(arguments), input)
    }

    /// Runs helm.
    pub(crate) fn helm(&self, arguments: &[&str]) -> anyhow::Result<Output> {
        run(self.client("helm")?.args(arguments), "")
    }

    /// Runs the guard itself beside this cluster, as whoever the kubeconfig says.
    pub(crate) fn guard(&self, arguments: &[&str], kubeconfig: &Path) -> anyhow::Result<Output> {
        let mut command = Command::new(guard()?);
        let command = command.args(arguments).arg("--kubeconfig").arg(kubeconfig);
        run(command.current_dir(self.processes.directory()), "")
    }

    /// The API server's metrics as they are now.
    pub(crate) fn metrics(&self) -> anyhow::Result<ApiServerMetrics> {
        Ok(ApiServerMetrics::parse(
            &self.kubectl(&["get", "--raw", "/metrics"], "")?.success()?.stdout,
        ))
    }

    /// The API server's audit log: a line of JSON for each change of workloads, Secrets and budgets.
    pub(crate) fn audit_log(&self) -> String {
        std::fs::read_to_string(self.file("audit.log")).unwrap_or_default()
    }

    /// The etcd behind the API server.
    pub(crate) fn store(&self) -> Store {
        self.store.clone()
    }

    /// Writes a kubeconfig for a service account and gives its path.
    pub(crate) fn service_account_kubeconfig(&self, namespace: &str, name: &str) -> anyhow::Result<PathBuf> {
        let token = self
            .kubectl(&["create", "token", name, "-n", namespace], "")?
            .success()?
            .stdout;
        let text = kubeconfig(&self.server, &self.authority.certificate(), &User::Token(token.trim()));
        write(
            self.processes.directory(),
            &format!("{namespace}.{name}.kubeconfig"),
            &text,
        )
    }

    // A command that sees nothing of the user's own clusters and helm repositories.
    fn client(&self, name: &str) -> anyhow::Result<Command> {
        let mut command = Command::new(program(name)?);
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.processes.directory())
            .env("KUBECONFIG", self.admin_kubeconfig())
            .current_dir(checkout());
        Ok(command)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.processes.directory().join(name)
    }

    fn write_kubeconfig(&self, user: &str, pair: &Pair) -> anyhow::Result<PathBuf> {
        let text = kubeconfig(&self.server, &self.authority.certificate(), &User::Certificate(pair));
        write(self.processes.directory(), &format!("{user}.kubeconfig"), &text)
    }

    fn launch(&mut self, name: &str, flags: Vec<String>) -> anyhow::Result<()> {
        let process = self.processes.start(name, Command::new(program(name)?).args(flags))?;
        self.programs.push(process);
        Ok(())
    }

    fn start_etcd(&mut self) -> anyhow::Result<()> {
        let client = format!("http://{}", self.store.address);
        let peer = format!("http://127.0.0.1:{}", free_port()?);
        self.launch(
            "etcd",
            vec![
                format!("--data-dir={}", self.file("etcd").display()),
                // The data need not survive a power cut, and a sync each write would be half of the run time.
                "--unsafe-no-fsync".to_owned(),
                format!("--listen-client-urls={client}"),
                format!("--advertise-client-urls={client}"),
                format!("--listen-peer-urls={peer}"),
                format!("--initial-advertise-peer-urls={peer}"),
                format!("--initial-cluster=default={peer}"),
            ],
        )
    }

    fn start_api_server(&mut self, token_key: &TokenKey) -> anyhow::Result<()> {
        let serving = self
            .authority
            .server("apiserver", &["127.0.0.1", "localhost", "kubernetes.default.svc"])?;
        let audit_policy = write(self.processes.directory(), "audit-policy.yaml", AUDIT_POLICY)?;
        let flags = vec![
            format!("--secure-port={}", self.port),
            "--bind-address=127.0.0.1".to_owned(),
            // A documentation address: without one the server looks for a default route, which a build
            // machine need not have. Nothing dials it.
            "--advertise-address=192.0.2.1".to_owned(),
            "--endpoint-reconciler-type=none".to_owned(),
            format!("--etcd-servers=http://{}", self.store.address),
            format!("--cert-dir={}", self.file("apiserver").display()),
            format!("--tls-cert-file={}", serving.certificate.display()),
            format!("--tls-private-key-file={}", serving.key.display()),
            format!("--client-ca-file={}", self.authority.certificate().display()),
            "--authorization-mode=RBAC".to_owned(),
            "--allow-privileged=true".to_owned(),
            "--service-cluster-ip-range=10.0.0.0/24".to_owned(),
            "--service-account-issuer=https://kubernetes.default.svc".to_owned(),
            format!("--service-account-key-file={}", token_key.public.display()),
            format!("--service-account-signing-key-file={}", token_key.private.display()),
            // Without the cache in front of it a list can expire; nobody asks for budgets often.
            "--watch-cache-sizes=poddisruptionbudgets.policy#0".to_owned(),
            format!("--audit-policy-file={}", audit_policy.display()),
            format!("--audit-log-path={}", self.file("audit.log").display()),
        ];
        self.launch("kube-apiserver", flags)
    }

    fn start_controllers(&mut self, token_key: &TokenKey) -> anyhow::Result<()> {
        let user = "system:kube-controller-manager";
        let pair = self
            .authority
            .client("kube-controller-manager", user, "system:authenticated")?;
        let kubeconfig = self.write_kubeconfig("kube-controller-manager", &pair)?;
        let flags = vec![
            format!("--kubeconfig={}", kubeconfig.display()),
            "--leader-elect=false".to_owned(),
            "--secure-port=0".to_owned(),
            format!("--root-ca-file={}", self.authority.certificate().display()),
            format!("--service-account-private-key-file={}", token_key.private.display()),
            // As in real clusters each controller is its own user, so a webhook sees who asks.
            "--use-service-account-credentials=true".to_owned(),
            format!("--controllers={}", CONTROLLERS.join(",")),
        ];
        let flags = flags.into_iter().chain(PACE.map(str::to_owned)).collect();
        self.launch("kube-controller-manager", flags)
    }

    fn start_scheduler(&mut self) -> anyhow::Result<()> {
        let pair = self
            .authority
            .client("kube-scheduler", "system:kube-scheduler", "system:authenticated")?;
        let kubeconfig = self.write_kubeconfig("kube-scheduler", &pair)?;
        let flags = vec![
            format!("--kubeconfig={}", kubeconfig.display()),
            "--leader-elect=false".to_owned(),
            "--secure-port=0".to_owned(),
        ];
        let flags = flags.into_iter().chain(PACE.map(str::to_owned)).collect();
        self.launch("kube-scheduler", flags)
    }

    fn wait_until_ready(&mut self) -> anyhow::Result<()> {
        until("a ready API server", START_LIMIT, || {
            for process in &mut self.programs {
                process.must_run()?;
            }
            let answer = self.kubectl(&["get", "--raw", "/readyz"], "")?;
            Ok(answer.ok.then_some(()))
        })
        .context("the control plane did not start")
    }
}
