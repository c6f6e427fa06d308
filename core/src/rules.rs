//! The table of rules: the single source of what is judged. The `rules` command, docs/rules.md, policy keys,
//! metric labels and the case walker all read it.

pub mod availability;
pub mod claims;
pub mod config;
pub mod database;
pub mod disruption;
pub mod edition;
pub mod election;
pub mod fixed;
pub mod image;
pub mod legacy;
pub mod members;
pub mod modes;
pub mod neighbours;
pub mod persistence;
pub mod quorum;
pub mod replicas;
pub mod retention;
pub mod scaling;
pub mod scheduling;
pub mod selectors;
pub mod spread;
pub mod statefulset;
pub mod store;
pub mod transition;

use alloc::format;
use alloc::string::String;

use crate::rule::{Found, Judgement, Rule, Severity};

/// Every rule, in the order of the catalogue.
pub static TABLE: &[&Rule] = &[
    &config::CONFIG_UNREADABLE,
    &replicas::HA_EMBEDDED_DB,
    &legacy::HA_EMBEDDED_DB_LEGACY,
    &replicas::HA_NO_LEADER_ELECTION,
    &availability::HA_REPLICAS_BELOW_CONFIG,
    &election::HA_LEADER_TIMINGS,
    &availability::HA_SINGLE_DEPLOYED_ETCD,
    &members::HA_ETCD_EVEN,
    &availability::HA_ETCD_ORDERED_READY,
    &availability::HA_ETCD_PARALLEL_BOOTSTRAP,
    &members::HA_NO_PERSISTENCE_ETCD,
    &availability::HA_READINESS_OFF,
    &neighbours::HA_MULTIPLE_IN_NAMESPACE,
    &members::ETCD_DEPLOY_SCALE,
    &store::BS_MULTIPLE,
    &database::BS_EXTERNAL_DB_NO_SOURCE,
    &database::BS_EXTERNAL_DB_BOTH,
    &database::BS_DATASOURCE_NOT_ENABLED,
    &database::BS_EXTERNAL_SQLITE_HA,
    &database::BS_SHARED_DATASOURCE,
    &store::BS_EXTERNAL_ETCD_NO_ENDPOINT,
    &store::BS_DEPLOY_STS_DISABLED,
    &store::BS_DEPLOYED_ETCD_NO_SNAPSHOTS,
    &edition::BS_IMAGE_OSS_PRO_FEATURE,
    &edition::BS_ETCD_35_36_JUMP,
    &edition::BS_IMAGE_CHART_SKEW,
    &transition::TR_STORE_CHANGE,
    &transition::TR_MIGRATE_FLAG_EARLY,
    &transition::TR_PERSISTENCE_OFF,
    &transition::TR_KIND_SWITCH,
    &transition::TR_DISTRO,
    &fixed::TR_NAMESPACES,
    &fixed::TR_VPN,
    &neighbours::TR_LEFTOVER_PVC,
    &fixed::TR_DATASOURCE_CHANGE,
    &persistence::PE_DATAVOLUME_IGNORED,
    &persistence::PE_SHARED_PVC,
    &persistence::PE_DEPLOYMENT_RWO,
    &persistence::PE_NO_PERSISTENCE_EMBEDDED,
    &persistence::PE_ENABLED_TYPO,
    &persistence::PE_DATA_MISSING,
    &claims::PE_HOSTPATH,
    &modes::PE_ACCESS_MODES,
    &retention::PE_RETENTION_SCALED_DELETE,
    &retention::PE_RETENTION_DELETED_DELETE,
    &claims::PE_SIZE,
    &claims::PE_ETCD_TEMPLATE_CONFLICT,
    &statefulset::SS_IMMUTABLE,
    &statefulset::SS_ONDELETE,
    &statefulset::SS_START_ORDINAL,
    &statefulset::SS_SERVICE_NAME,
    &scaling::ETCD_DEPLOY_ARGS_MISMATCH,
    &scaling::ETCD_EMBEDDED_SCALE,
    &neighbours::HPA_ON_VCLUSTER,
    &statefulset::SS_TERMINATION_GRACE,
    &disruption::PDB_EMPTY,
    &disruption::PDB_BOTH,
    &disruption::PDB_BLOCKS_DRAIN,
    &quorum::PDB_QUORUM,
    &quorum::PDB_MISSING_ETCD,
    &scheduling::SCH_REQUIRED_ANTIAFFINITY,
    &selectors::SCH_SELECTOR_MATCHES_NOTHING,
    &spread::SCH_SPREAD_DUPLICATE,
    &spread::SCH_DONOTSCHEDULE_ZONE_PV,
    &spread::SCH_SPREAD_HIDES_HOSTNAME,
    &scheduling::SCH_NODESELECTOR_CONFLICT,
    &spread::SCH_MIN_DOMAINS,
    &spread::SCH_MATCH_LABEL_KEYS,
    &scheduling::SCH_TOLERATIONS,
    &scheduling::SCH_PRIORITY,
    &scheduling::SCH_DNS,
    &image::IMG_REWRITE,
    &image::IMG_TAG_TOO_OLD,
    &image::IMG_FLOATING,
    &image::IMG_DIGEST,
    &image::IMG_MIRROR,
    &image::IMG_DEV,
    &image::IMG_NONEXISTENT,
    &image::IMG_DOUBLE_REGISTRY,
    &image::IMG_MIXED,
    &legacy::LG_LEADER_ELECT_FALSE,
    &legacy::LG_ETCD_REPLICAS_MISMATCH,
    &legacy::LG_EMBEDDED_ETCD_WITHOUT_PRO,
    &legacy::LG_EOL,
];

/// Rules that judge only where the policy names them: they cost more than the others.
pub static OPT_IN: &[&str] = &[database::BS_SHARED_DATASOURCE.id];

/// The worst of what several objects give cause to, of equals the first. What was lacking counts only where nothing is
/// found. `row` is the severity of the rule.
fn worst(judgements: impl IntoIterator<Item = Judgement>, row: Severity) -> Judgement {
    let mut worst: Option<Found> = None;
    let mut lacking = None;
    let severity = |found: &Found| found.severity.unwrap_or(row);
    for judgement in judgements {
        match judgement {
            Ok(Some(found)) if worst.as_ref().is_none_or(|worst| severity(&found) > severity(worst)) => {
                worst = Some(found);
            }
            Ok(_) => {}
            Err(need) => lacking = lacking.or(Some(need)),
        }
    }
    match (worst, lacking) {
        (None, Some(need)) => Err(need),
        (worst, _) => Ok(worst),
    }
}

/// `1 replica`, `2 replicas`.
pub(crate) fn counted(count: i64, noun: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{ending}")
}

/// The rule of that id.
#[must_use]
pub fn by_id(id: &str) -> Option<&'static Rule> {
    TABLE.iter().copied().find(|rule| rule.id == id)
}
