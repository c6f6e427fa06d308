//! An external database.

use alloc::format;
use alloc::string::String;

use serde_json::Value;

use crate::case::{Case, Places};
use crate::config::key;
use crate::object::is_truthy;
use crate::recognise;
use crate::rule::{Family, Found, Judgement, Need, Part, Rule, Severity};
use crate::store::Store;

/// An external database that is nowhere.
pub const BS_EXTERNAL_DB_NO_SOURCE: Rule = Rule {
    id: "bs-external-db-no-source",
    title: "External database without a data source",
    family: Family::Store,
    severity: Severity::Deny,
    places: Places::CONFIG,
    needs: &[Need::PlatformKey],
    consequence: "the pod exits with \"external datasource cannot be empty\"",
    fix: "set dataSource, or connector when vCluster Platform provides the database",
    why: "vcluster: pkg/k8s/k8s.go:328. A connector is filled in by vCluster Platform, which vCluster reaches by the Secret \
          vcluster-platform-api-key of its namespace unless platform.apiKey names another (chart/templates/_rbac.tpl).",
    judge: bs_external_db_no_source,
};

fn bs_external_db_no_source(case: &Case<'_>) -> Judgement {
    let enabled = case.flag(key::EXTERNAL_DB_ENABLED)?;
    if !enabled || !case.text(key::EXTERNAL_DB_DATA_SOURCE)?.is_empty() {
        return Ok(None);
    }
    if !case.text(key::EXTERNAL_DB_CONNECTOR)?.is_empty() {
        return connector_without_platform(case);
    }
    let message = "the external database is enabled with neither dataSource nor connector";
    Ok(Some(Found::new(
        Part::Config,
        key::EXTERNAL_DB_DATA_SOURCE.path,
        message,
    )))
}

/// The platform is reached by a key. One in another place is somebody's choice, and may not be seen from here.
fn connector_without_platform(case: &Case<'_>) -> Judgement {
    for platform in [key::PLATFORM, key::EXTERNAL_PLATFORM] {
        let platform = case.any(platform)?;
        let is_set = |name| platform.pointer(name).is_some_and(is_truthy);
        if is_set("/apiKey/secretName") || is_set("/apiKey/namespace") {
            return Ok(None);
        }
    }
    if case.has_platform_key()? {
        return Ok(None);
    }
    let message = format!(
        "a connector is set, and the namespace has no Secret {}",
        recognise::PLATFORM_KEY
    );
    let found = Found::new(Part::Config, key::EXTERNAL_DB_CONNECTOR.path, message);
    Ok(Some(
        found
            .severity(Severity::Warn)
            .consequence(
                "without vCluster Platform nobody fills in the database, and the pod exits with \"external datasource cannot \
                 be empty\"",
            )
            .fix("connect the vCluster to vCluster Platform first, or set dataSource instead of connector"),
    ))
}

/// Two sources of one database.
pub const BS_EXTERNAL_DB_BOTH: Rule = Rule {
    id: "bs-external-db-both",
    title: "External database with dataSource and connector",
    family: Family::Store,
    severity: Severity::Warn,
    places: Places::CONFIG,
    needs: &[],
    consequence: "the two exclude each other: which of them counts is not documented",
    fix: "keep one of dataSource and connector",
    why: "docs: backing-store/database/external.",
    judge: bs_external_db_both,
};

fn bs_external_db_both(case: &Case<'_>) -> Judgement {
    let both =
        !case.text(key::EXTERNAL_DB_DATA_SOURCE)?.is_empty() && !case.text(key::EXTERNAL_DB_CONNECTOR)?.is_empty();
    if !both || !case.flag(key::EXTERNAL_DB_ENABLED)? {
        return Ok(None);
    }
    let message = "dataSource and connector are both set";
    Ok(Some(Found::new(Part::Config, key::EXTERNAL_DB_CONNECTOR.path, message)))
}

/// A database that is described and not switched on.
pub const BS_DATASOURCE_NOT_ENABLED: Rule = Rule {
    id: "bs-datasource-not-enabled",
    title: "External database described but not enabled",
    family: Family::Store,
    severity: Severity::Deny,
    places: Places::CONFIG,
    needs: &[],
    consequence: "vCluster silently runs on SQLite; enabling the database later starts it empty",
    fix: "set controlPlane.backingStore.database.external.enabled to true, or remove dataSource and connector",
    why: "vcluster: config/config.go:1104 admits the trap; the chart renders a StatefulSet on SQLite.",
    judge: bs_datasource_not_enabled,
};

fn bs_datasource_not_enabled(case: &Case<'_>) -> Judgement {
    if case.flag(key::EXTERNAL_DB_ENABLED)? {
        return Ok(None);
    }
    let set = [key::EXTERNAL_DB_DATA_SOURCE, key::EXTERNAL_DB_CONNECTOR];
    let Some(key) = set
        .into_iter()
        .find(|&key| case.text(key).is_ok_and(|text| !text.is_empty()))
    else {
        return Ok(None);
    };
    let name = if key.path.ends_with("connector") {
        "connector"
    } else {
        "dataSource"
    };
    let found = Found::new(
        Part::Config,
        key::EXTERNAL_DB_ENABLED.path,
        format!("{name} is set, but enabled is false"),
    );
    let store = case.store()?;
    if store == Store::EmbeddedDatabase && !case.flag(key::EMBEDDED_DB_ENABLED)? {
        return Ok(Some(found));
    }
    let consequence = format!("the setting is ignored, vCluster runs on the {}", store.in_words());
    Ok(Some(found.severity(Severity::Warn).consequence(consequence)))
}

/// A file that every replica has for itself.
pub const BS_EXTERNAL_SQLITE_HA: Rule = Rule {
    id: "bs-external-sqlite-ha",
    title: "Several replicas on a file called external database",
    family: Family::Store,
    severity: Severity::Deny,
    places: Places::CONFIG,
    needs: &[],
    consequence: "every replica has a file of its own: two clusters answer behind one Service",
    fix: "point dataSource at a MySQL or PostgreSQL server, or set \
          controlPlane.statefulSet.highAvailability.replicas to 1",
    why: "kine takes a source without a scheme for SQLite, and from 0.13 on for an error; vCluster's own check looks only \
          at the store's name (vcluster: pkg/config/validation.go:80). kine compares schemes letter for letter (kine: \
          pkg/util/network.go, pkg/drivers/registry.go): SQLITE:// is none that it knows, so it ends and nothing is split.",
    judge: bs_external_sqlite_ha,
};

fn bs_external_sqlite_ha(case: &Case<'_>) -> Judgement {
    if !case.flag(key::EXTERNAL_DB_ENABLED)? || case.configured_replicas()? <= 1 {
        return Ok(None);
    }
    let replicas = case.configured_replicas()?;
    let arguments = endpoint(case.any(key::EXTERNAL_DB_EXTRA_ARGS)?);
    let source = arguments.unwrap_or(case.text(key::EXTERNAL_DB_DATA_SOURCE)?);
    let key = if arguments.is_some() {
        key::EXTERNAL_DB_EXTRA_ARGS.path
    } else {
        key::EXTERNAL_DB_DATA_SOURCE.path
    };
    Ok(match scheme(source) {
        "" if source.is_empty() => None,
        "" | "sqlite" | "file" => Some(Found::new(
            Part::Config,
            key,
            format!("{replicas} replicas on what kine takes for a SQLite file"),
        )),
        "nats" => Some(
            Found::new(Part::Config, key, format!("{replicas} replicas on NATS"))
                .severity(Severity::Warn)
                .consequence("an embedded NATS server keeps its data in one replica alone"),
        ),
        _ => None,
    })
}

/// kine's last `--endpoint`, as `--endpoint=X` or as two words.
fn endpoint(arguments: &Value) -> Option<&str> {
    let words = arguments.as_array()?.iter().filter_map(Value::as_str);
    let next = words.clone().skip(1).map(Some).chain(core::iter::once(None));
    let values = words
        .zip(next)
        .filter_map(|(word, next)| match word.strip_prefix("--endpoint") {
            Some("") => next,
            Some(rest) => rest.strip_prefix('='),
            None => None,
        });
    values.last()
}

/// What stands before `://`; empty where there is none, as in `file:/data/state.db`.
pub(crate) fn scheme(source: &str) -> &str {
    match source.split_once("://") {
        Some((scheme, _)) => scheme,
        None => "",
    }
}

/// One database for two vClusters.
pub const BS_SHARED_DATASOURCE: Rule = Rule {
    id: "bs-shared-datasource",
    title: "External database shared with another vCluster",
    family: Family::Store,
    severity: Severity::Deny,
    places: Places::CONFIG,
    needs: &[Need::Fleet],
    consequence: "both write one keyspace: each deletes what the other has made",
    fix: "give every vCluster a database of its own",
    why: "docs: backing-store/database/external, \"Share across tenant clusters\": DataSource No. It compares digests of the \
          sources among all vClusters that are at hand, so it judges in audit and check, and only where the policy names it.",
    judge: bs_shared_datasource,
};

fn bs_shared_datasource(case: &Case<'_>) -> Judgement {
    if !case.flag(key::EXTERNAL_DB_ENABLED)? || case.text(key::EXTERNAL_DB_DATA_SOURCE)?.is_empty() {
        return Ok(None);
    }
    let [first, others @ ..] = case.sharing_database()? else {
        return Ok(None);
    };
    let more = if others.is_empty() {
        String::new()
    } else {
        format!(" and {} more", others.len())
    };
    let message = format!("the external database is also that of vCluster {first}{more}");
    Ok(Some(Found::new(
        Part::Config,
        key::EXTERNAL_DB_DATA_SOURCE.path,
        message,
    )))
}
