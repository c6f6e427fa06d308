//! Every key of `config.yaml` that a rule reads: the dotted path is its name in messages, its type is how
//! vCluster's Go structs (vcluster: config/config.go) decode it. What is not here is not judged.

use core::marker::PhantomData;

/// How Go decodes a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A Go `bool`.
    Flag,
    /// A Go `int`.
    Int,
    /// A Go `string`.
    Text,
    /// vCluster's `StrBool`: a boolean or any string (vcluster: config/config.go).
    StrBool,
    /// Read as it stands: a list, a map or an `interface{}`.
    Any,
}

/// Marker of [`Kind::Flag`].
#[derive(Debug, Clone, Copy)]
pub enum Flag {}
/// Marker of [`Kind::Int`].
#[derive(Debug, Clone, Copy)]
pub enum Int {}
/// Marker of [`Kind::Text`].
#[derive(Debug, Clone, Copy)]
pub enum Text {}
/// Marker of [`Kind::StrBool`].
#[derive(Debug, Clone, Copy)]
pub enum StrBool {}
/// Marker of [`Kind::Any`].
#[derive(Debug, Clone, Copy)]
pub enum Any {}

/// A dotted path into the config, with the type that stands there.
#[derive(Debug)]
pub struct Key<T> {
    /// The path as users write it, e.g. `controlPlane.statefulSet.highAvailability.replicas`.
    pub path: &'static str,
    kind: PhantomData<T>,
}

impl<T> Clone for Key<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Key<T> {}

impl<T> Key<T> {
    const fn new(path: &'static str) -> Self {
        Self {
            path,
            kind: PhantomData,
        }
    }
}

macro_rules! keys {
    ($($name:ident: $kind:ident = $path:literal;)*) => {
        $(#[doc = concat!("`", $path, "`")] pub const $name: Key<$kind> = Key::new($path);)*
        /// All of them, for the decoder.
        pub const ALL: &[(&str, Kind)] = &[$(($path, Kind::$kind),)*];
    };
}

keys! {
    REPLICAS: Int = "controlPlane.statefulSet.highAvailability.replicas";
    LEASE_DURATION: Int = "controlPlane.statefulSet.highAvailability.leaseDuration";
    RENEW_DEADLINE: Int = "controlPlane.statefulSet.highAvailability.renewDeadline";
    RETRY_PERIOD: Int = "controlPlane.statefulSet.highAvailability.retryPeriod";

    EMBEDDED_DB_ENABLED: Flag = "controlPlane.backingStore.database.embedded.enabled";
    EMBEDDED_DB_DATA_SOURCE: Text = "controlPlane.backingStore.database.embedded.dataSource";
    EMBEDDED_DB_EXTRA_ARGS: Any = "controlPlane.backingStore.database.embedded.extraArgs";
    EXTERNAL_DB_ENABLED: Flag = "controlPlane.backingStore.database.external.enabled";
    EXTERNAL_DB_DATA_SOURCE: Text = "controlPlane.backingStore.database.external.dataSource";
    EXTERNAL_DB_CONNECTOR: Text = "controlPlane.backingStore.database.external.connector";
    EXTERNAL_DB_EXTRA_ARGS: Any = "controlPlane.backingStore.database.external.extraArgs";
    EMBEDDED_ETCD_ENABLED: Flag = "controlPlane.backingStore.etcd.embedded.enabled";
    EMBEDDED_ETCD_MIGRATE: Flag = "controlPlane.backingStore.etcd.embedded.migrateFromDeployedEtcd";
    DEPLOYED_ETCD_ENABLED: Flag = "controlPlane.backingStore.etcd.deploy.enabled";
    DEPLOYED_ETCD_STS_ENABLED: Flag = "controlPlane.backingStore.etcd.deploy.statefulSet.enabled";
    DEPLOYED_ETCD_REPLICAS: Int = "controlPlane.backingStore.etcd.deploy.statefulSet.highAvailability.replicas";
    DEPLOYED_ETCD_IMAGE_TAG: Any = "controlPlane.backingStore.etcd.deploy.statefulSet.image.tag";
    DEPLOYED_ETCD_CLAIM_ENABLED: Flag = "controlPlane.backingStore.etcd.deploy.statefulSet.persistence.volumeClaim.enabled";
    DEPLOYED_ETCD_CLAIM_SIZE: Text = "controlPlane.backingStore.etcd.deploy.statefulSet.persistence.volumeClaim.size";
    DEPLOYED_ETCD_CLAIM_CLASS: Text = "controlPlane.backingStore.etcd.deploy.statefulSet.persistence.volumeClaim.storageClass";
    DEPLOYED_ETCD_CLAIM_MODES: Any = "controlPlane.backingStore.etcd.deploy.statefulSet.persistence.volumeClaim.accessModes";
    DEPLOYED_ETCD_CLAIM_RETENTION: Text = "controlPlane.backingStore.etcd.deploy.statefulSet.persistence.volumeClaim.retentionPolicy";
    DEPLOYED_ETCD_CLAIM_TEMPLATES: Any = "controlPlane.backingStore.etcd.deploy.statefulSet.persistence.volumeClaimTemplates";
    DEPLOYED_ETCD_ADD_VOLUMES: Any = "controlPlane.backingStore.etcd.deploy.statefulSet.persistence.addVolumes";
    DEPLOYED_ETCD_POLICY: Text = "controlPlane.backingStore.etcd.deploy.statefulSet.scheduling.podManagementPolicy";
    EXTERNAL_ETCD_ENABLED: Flag = "controlPlane.backingStore.etcd.external.enabled";
    EXTERNAL_ETCD_ENDPOINT: Text = "controlPlane.backingStore.etcd.external.endpoint";

    CLAIM_ENABLED: StrBool = "controlPlane.statefulSet.persistence.volumeClaim.enabled";
    CLAIM_SIZE: Text = "controlPlane.statefulSet.persistence.volumeClaim.size";
    CLAIM_CLASS: Text = "controlPlane.statefulSet.persistence.volumeClaim.storageClass";
    CLAIM_MODES: Any = "controlPlane.statefulSet.persistence.volumeClaim.accessModes";
    CLAIM_RETENTION: Text = "controlPlane.statefulSet.persistence.volumeClaim.retentionPolicy";
    CLAIM_TEMPLATES: Any = "controlPlane.statefulSet.persistence.volumeClaimTemplates";
    DATA_VOLUME: Any = "controlPlane.statefulSet.persistence.dataVolume";
    ADD_VOLUMES: Any = "controlPlane.statefulSet.persistence.addVolumes";

    PDB_ENABLED: Flag = "controlPlane.advanced.podDisruptionBudget.enabled";
    PDB_MIN_AVAILABLE: Any = "controlPlane.advanced.podDisruptionBudget.minAvailable";
    PDB_MAX_UNAVAILABLE: Any = "controlPlane.advanced.podDisruptionBudget.maxUnavailable";

    DEFAULT_IMAGE_REGISTRY: Text = "controlPlane.advanced.defaultImageRegistry";
    KUBE_VIP_ENABLED: Flag = "controlPlane.advanced.kubeVip.enabled";
    GLOBAL_ANNOTATIONS: Any = "controlPlane.advanced.globalMetadata.annotations";
    IMAGE: Any = "controlPlane.statefulSet.image";
    STS_ANNOTATIONS: Any = "controlPlane.statefulSet.annotations";
    STS_ENV: Any = "controlPlane.statefulSet.env";
    DNS_POLICY: Text = "controlPlane.statefulSet.dnsPolicy";
    READINESS_ENABLED: Flag = "controlPlane.statefulSet.probes.readinessProbe.enabled";
    POD_LABELS: Any = "controlPlane.statefulSet.pods.labels";
    AFFINITY: Any = "controlPlane.statefulSet.scheduling.affinity";
    NODE_SELECTOR: Any = "controlPlane.statefulSet.scheduling.nodeSelector";
    POD_MANAGEMENT_POLICY: Text = "controlPlane.statefulSet.scheduling.podManagementPolicy";
    PRIORITY_CLASS: Text = "controlPlane.statefulSet.scheduling.priorityClassName";
    TOLERATIONS: Any = "controlPlane.statefulSet.scheduling.tolerations";
    SPREAD: Any = "controlPlane.statefulSet.scheduling.topologySpreadConstraints";

    COREDNS_EMBEDDED: Flag = "controlPlane.coredns.embedded";
    HOST_PATH_MAPPER_CENTRAL: Flag = "controlPlane.hostPathMapper.central";
    DISTRO_K8S_ENABLED: Flag = "controlPlane.distro.k8s.enabled";
    DISTRO_K3S_ENABLED: Flag = "controlPlane.distro.k3s.enabled";
    DISTRO_K0S_ENABLED: Flag = "controlPlane.distro.k0s.enabled";
    DISTRO_EKS_ENABLED: Flag = "controlPlane.distro.eks.enabled";

    PRIVATE_NODES_ENABLED: Flag = "privateNodes.enabled";
    PRIVATE_NODES_VPN_ENABLED: Flag = "privateNodes.vpn.enabled";
    PRIVATE_NODES_VPN_NODE_TO_NODE: Flag = "privateNodes.vpn.nodeToNode.enabled";
    SYNC_NAMESPACES_ENABLED: Flag = "sync.toHost.namespaces.enabled";
    SYNC_NAMESPACES_MAPPINGS_ONLY: Flag = "sync.toHost.namespaces.mappingsOnly";
    SYNC_NAMESPACES_BY_NAME: Any = "sync.toHost.namespaces.mappings.byName";
    SYNC_NAMESPACES_PATCHES: Any = "sync.toHost.namespaces.patches";
    SYNC_NAMESPACES_EXTRA_LABELS: Any = "sync.toHost.namespaces.extraLabels";
    SYNC_CUSTOM_RESOURCES_TO_HOST: Any = "sync.toHost.customResources";
    SYNC_CUSTOM_RESOURCES_FROM_HOST: Any = "sync.fromHost.customResources";
    SYNC_RESOURCE_CLAIMS: Flag = "sync.toHost.resourceClaims.enabled";
    SYNC_RESOURCE_CLAIM_TEMPLATES: Flag = "sync.toHost.resourceClaimTemplates.enabled";
    SYNC_DEVICE_CLASSES: Flag = "sync.fromHost.deviceClasses.enabled";
    HYBRID_SCHEDULING: Flag = "sync.toHost.pods.hybridScheduling.enabled";
    SYNC_TO_HOST: Any = "sync.toHost";
    SYNC_FROM_HOST: Any = "sync.fromHost";
    PROXY_CUSTOM_RESOURCES: Any = "experimental.proxy.customResources";
    REUSE_NAMESPACE: Flag = "experimental.reuseNamespace";
    ISOLATED_CONTROL_PLANE: Flag = "experimental.isolatedControlPlane.enabled";
    DENY_PROXY_REQUESTS: Any = "experimental.denyProxyRequests";
    RESOLVE_DNS: Any = "networking.resolveDNS";
    CENTRAL_MUTATING_WEBHOOKS: Any = "policies.centralAdmission.mutatingWebhooks";
    CENTRAL_VALIDATING_WEBHOOKS: Any = "policies.centralAdmission.validatingWebhooks";
    SLEEP: Any = "sleep";
    SLEEP_MODE: Any = "sleepMode";
    SNAPSHOTS: Any = "snapshots";
    BACKUP: Any = "backup";
    DELETION: Any = "deletion";
    PLATFORM: Any = "platform";
    EXTERNAL_PLATFORM: Any = "external.platform";

    // No rule reads these, but null or a number in a StrBool is fatal.
    CLUSTER_ROLE_ENABLED: StrBool = "rbac.clusterRole.enabled";
    VOLUME_SNAPSHOT_RULES: StrBool = "rbac.enableVolumeSnapshotRules.enabled";
    RESOURCE_QUOTA_ENABLED: StrBool = "policies.resourceQuota.enabled";
    LIMIT_RANGE_ENABLED: StrBool = "policies.limitRange.enabled";
    SYNC_REFERENCE_GRANTS: StrBool = "sync.toHost.gatewayApi.referenceGrants.enabled";
    SYNC_HOST_STORAGE_CLASSES: StrBool = "sync.fromHost.storageClasses.enabled";
    SYNC_CSI_NODES: StrBool = "sync.fromHost.csiNodes.enabled";
    SYNC_CSI_DRIVERS: StrBool = "sync.fromHost.csiDrivers.enabled";
    SYNC_CSI_CAPACITIES: StrBool = "sync.fromHost.csiStorageCapacities.enabled";
    // Nor these, where NaN and the infinities are strings and not fatal.
    PDB_UNHEALTHY_PODS: Text = "controlPlane.advanced.podDisruptionBudget.unhealthyPodEvictionPolicy";
    POD_ANNOTATIONS: Any = "controlPlane.statefulSet.pods.annotations";
}
