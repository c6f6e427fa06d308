//! Settings that vCluster fixes at creation, and a database that is not the same any more.

use alloc::format;

use crate::case::{Case, Places};
use crate::config::Config;
use crate::config::key;
use crate::rule::{Family, Found, Judgement, Part, Rule, Severity};
use crate::store::{self, ChangeError};

use super::database::scheme;

const fn fixed(
    id: &'static str,
    title: &'static str,
    consequence: &'static str,
    judge: fn(&Case<'_>) -> Judgement,
) -> Rule {
    Rule {
        id,
        title,
        family: Family::Transition,
        severity: Severity::Deny,
        places: Places::CONFIG,
        needs: &[],
        consequence,
        fix: "set it back; to have it otherwise, make a new vCluster",
        why: "vcluster: config/config.go:1075-1150 ValidateChanges, which only the CLI asks. A key that an older Secret lacks \
              equals its zero value; only maps and lists tell nil from empty.",
        judge,
    }
}

fn changed(case: &Case<'_>, validate: fn(&Config, &Config) -> Result<(), ChangeError>) -> Judgement {
    let Some(previous) = case.previous() else {
        return Ok(None);
    };
    let Err(error) = validate(previous.config()?, case.config()?) else {
        return Ok(None);
    };
    Ok(Some(Found::new(
        Part::Config,
        error.path(),
        "this cannot be changed on a live vCluster",
    )))
}

/// Namespace sync.
pub const TR_NAMESPACES: Rule = fixed(
    "tr-namespaces",
    "Namespace sync changed on a live vCluster",
    "objects synced under the old mapping are orphaned or deleted, and `vcluster create --upgrade` refuses it",
    |case| changed(case, store::validate_namespaces_change),
);

/// VPN.
pub const TR_VPN: Rule = fixed(
    "tr-vpn",
    "VPN of private nodes changed on a live vCluster",
    "nodes that joined before lose their connection, and `vcluster create --upgrade` refuses it",
    |case| changed(case, store::validate_vpn_change),
);

/// Another database behind the same switch.
pub const TR_DATASOURCE_CHANGE: Rule = Rule {
    id: "tr-datasource-change",
    title: "External database moved",
    family: Family::Transition,
    severity: Severity::Warn,
    places: Places::CONFIG,
    needs: &[],
    consequence: "if the new database is empty, the syncer deletes every tenant workload",
    fix: "move the data to the new database before vCluster starts on it",
    why: "an empty store makes the syncer delete host objects (vcluster: pkg/controllers/resources/pods/syncer.go:433). \
          User, password and parameters may change.",
    judge: tr_datasource_change,
};

fn tr_datasource_change(case: &Case<'_>) -> Judgement {
    let Some(previous) = case.previous() else {
        return Ok(None);
    };
    if !previous.flag(key::EXTERNAL_DB_ENABLED)? || !case.flag(key::EXTERNAL_DB_ENABLED)? {
        return Ok(None);
    }
    let (before, now) = (
        previous.text(key::EXTERNAL_DB_DATA_SOURCE)?,
        case.text(key::EXTERNAL_DB_DATA_SOURCE)?,
    );
    // An empty source is the platform's to fill.
    if before.is_empty() || now.is_empty() || whereabouts(before) == whereabouts(now) {
        return Ok(None);
    }
    let what = if scheme(before) == scheme(now) {
        "host or database"
    } else {
        "kind"
    };
    let message = format!("the {what} of the external database changes");
    Ok(Some(Found::new(
        Part::Config,
        key::EXTERNAL_DB_DATA_SOURCE.path,
        message,
    )))
}

/// Scheme, then host and database: what stands between the last `@` and the parameters. Passwords may hold any of these
/// characters, and so may parameters.
fn whereabouts(source: &str) -> (&str, &str) {
    let rest = source.split_once("://").map_or(source, |(_, rest)| rest);
    let before_parameters = |text: &'_ str| text.find('?').unwrap_or(text.len());
    // Up to the first question mark, unless that is one of the password: then neither `@` nor `/` stands before it.
    let head = rest.get(..before_parameters(rest)).unwrap_or(rest);
    let is_in_password = !head.contains(['@', '/']);
    let place = if is_in_password { rest } else { head };
    let place = place.rsplit_once('@').map_or(place, |(_, place)| place);
    let scheme = match scheme(source) {
        "postgresql" => "postgres",
        scheme => scheme,
    };
    (scheme, place.get(..before_parameters(place)).unwrap_or(place))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_known_by_scheme_host_and_name() {
        let same = [
            ("mysql://u:p@tcp(h:3306)/x", "mysql://v:q@tcp(h:3306)/x?tls=true"),
            ("mysql://u:a/b@tcp(h:3306)/x", "mysql://u:c?d@e@tcp(h:3306)/x"),
            ("postgres://u:p?q@h/x", "postgresql://u@h/x?options=a@b/c"),
        ];
        for (one, other) in same {
            assert_eq!(whereabouts(one), whereabouts(other));
        }
        let others = [
            ("postgres://h/x?user=a@b", "postgres://i/x?user=a@b"),
            ("postgres://u:p@h/x", "postgres://u:p@h/y"),
            ("postgres://u:p@h/x", "mysql://u:p@h/x"),
        ];
        for (one, other) in others {
            assert_ne!(whereabouts(one), whereabouts(other));
        }
    }
}
