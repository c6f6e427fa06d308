//! Access and volume modes of the claims that hold the state.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde_json::Value;

use crate::carrier::workload::ClaimTemplate;
use crate::case::storage::{DATA, Data};
use crate::case::{Case, Places};
use crate::config::key::{self, Any, Key, Text};
use crate::rule::{Family, Found, Judgement, Need, Part, Rule, Severity};
use crate::store::Store;

const OWN: Places = Places::CONFIG.and(Places::WORKLOAD);
const TEMPLATE: &str = "spec.volumeClaimTemplates[data]";

/// Access modes that do not fit.
pub const PE_ACCESS_MODES: Rule = Rule {
    id: "pe-access-modes",
    title: "Claim that cannot be mounted as needed",
    family: Family::Persistence,
    severity: Severity::Deny,
    places: OWN.and(Places::ETCD),
    needs: &[],
    consequence: "the state cannot be written",
    fix: "use the access mode ReadWriteOnce and the volume mode Filesystem",
    why: "/data is a directory that vCluster writes; snapshot and debug pods mount data-NAME-0 beside the running pod \
          (vcluster: pkg/snapshot/pod/pod.go).",
    judge: pe_access_modes,
};

fn pe_access_modes(case: &Case<'_>) -> Judgement {
    let own = case.places.meets(OWN).then(|| own_claim(case)).transpose()?.flatten();
    let Some(claim) = own else { return etcd_modes(case) };
    let (part, path) = case.point(key::CLAIM_MODES.path, TEMPLATE);
    let found = |message: &'static str| Found::new(part, path, message);
    let warned = |message, consequence: &'static str| found(message).severity(Severity::Warn).consequence(consequence);
    if let Some(message) = claim.unusable() {
        return Ok(Some(found(message)));
    }
    if claim.is_only("ReadWriteOncePod") {
        return Ok(Some(warned(
            "the claim belongs to one pod (ReadWriteOncePod)",
            "snapshot and debug pods cannot mount it while the control plane runs",
        )));
    }
    if claim.is_only("ReadWriteMany") && looks_like_nfs(&claim.class) && case.store()? == Store::EmbeddedDatabase {
        return Ok(Some(warned(
            "SQLite lies on a shared file system (ReadWriteMany)",
            "network file systems lock unreliably, which corrupts the database",
        )));
    }
    etcd_modes(case)
}

/// Nothing but its own pod mounts the claim of a deployed etcd, so that it only has to be one that can be written.
fn etcd_modes(case: &Case<'_>) -> Judgement {
    let (claim, part, path) = match case.etcd_at_hand() {
        Some(etcd) => {
            let template = etcd.claim_template(DATA);
            (
                template.map(|template| of_template(case, template)),
                Part::Etcd,
                TEMPLATE,
            )
        }
        None if case.places.meets(Places::CONFIG)
            && case.store()? == Store::DeployedEtcd
            && case.etcd_storage()?.data == Data::ClaimTemplate =>
        {
            let keys = (
                key::DEPLOYED_ETCD_CLAIM_TEMPLATES,
                key::DEPLOYED_ETCD_CLAIM_MODES,
                key::DEPLOYED_ETCD_CLAIM_CLASS,
            );
            let path = key::DEPLOYED_ETCD_CLAIM_MODES.path;
            (Some(of_values(case, keys)?), Part::Config, path)
        }
        None => return Ok(None),
    };
    let message = claim.and_then(|claim| claim.unusable());
    Ok(message.map(|message| Found::new(part, path, format!("{message}: that of etcd"))))
}

/// What is said of the claim `data`.
struct Claim<'a> {
    modes: Vec<&'a str>,
    class: Cow<'a, str>,
    block: bool,
}

impl Claim<'_> {
    fn is_only(&self, mode: &str) -> bool {
        !self.modes.is_empty() && self.modes.iter().all(|&m| m == mode)
    }

    fn unusable(&self) -> Option<&'static str> {
        if self.block {
            Some("the claim is a block device (volumeMode Block), and a directory is needed")
        } else {
            self.is_only("ReadOnlyMany")
                .then_some("the claim can only be read (ReadOnlyMany)")
        }
    }
}

fn own_claim<'a>(case: &Case<'a>) -> Result<Option<Claim<'a>>, Need> {
    if case.storage()?.data != Data::ClaimTemplate {
        return Ok(None);
    }
    if let Some(workload) = case.workload_at_hand() {
        let template = workload.claim_template(DATA);
        return Ok(template.map(|template| of_template(case, template)));
    }
    of_values(case, (key::CLAIM_TEMPLATES, key::CLAIM_MODES, key::CLAIM_CLASS)).map(Some)
}

/// Templates of the user's own come before the chart's.
fn of_values<'a>(
    case: &Case<'a>,
    (templates, modes, class): (Key<Any>, Key<Any>, Key<Text>),
) -> Result<Claim<'a>, Need> {
    let templates = case.any(templates)?.as_array().map(Vec::as_slice).unwrap_or_default();
    let is_data = |template: &&Value| template.pointer("/metadata/name") == Some(&DATA.into());
    let Some(template) = templates.iter().find(is_data) else {
        return Ok(Claim {
            modes: strings(Some(case.any(modes)?)),
            class: case.text(class)?.into(),
            block: false,
        });
    };
    let spec = |name: &str| template.pointer("/spec").and_then(|spec| spec.get(name));
    let text = |name: &str| spec(name).and_then(Value::as_str).unwrap_or_default();
    Ok(Claim {
        modes: strings(spec("accessModes")),
        class: text("storageClassName").into(),
        block: text("volumeMode") == "Block",
    })
}

fn of_template<'a>(case: &Case<'a>, template: &'a ClaimTemplate) -> Claim<'a> {
    let spec = &template.spec;
    let modes: Vec<&str> = spec.access_modes.iter().map(String::as_str).collect();
    let (modes, class, block) = case.saw(
        "claim data",
        (modes, spec.storage_class_name.as_str(), spec.volume_mode == "Block"),
    );
    Claim {
        modes,
        class: class.into(),
        block,
    }
}

fn strings(list: Option<&Value>) -> Vec<&str> {
    list.and_then(Value::as_array)
        .map(|items| items.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default()
}

fn looks_like_nfs(class: &str) -> bool {
    let class = class.to_ascii_lowercase();
    ["nfs", "efs", "azurefile", "filestore", "cephfs", "gluster", "smb"]
        .iter()
        .any(|kind| class.contains(kind))
}
