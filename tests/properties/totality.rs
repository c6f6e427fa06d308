//! No input, however odd, ends in a panic: in a webhook that is an outage.

use proptest::prelude::*;
use serde_json::Value;
use serde_json::value::to_raw_value;
use vcluster_guard_core::admission::{self, Change, Kind, Recognised};
use vcluster_guard_core::carrier::workload::WorkloadKind;
use vcluster_guard_core::config::{Config, yaml};
use vcluster_guard_core::image::{self, Images, Reference};
use vcluster_guard_core::join::Releases;
use vcluster_guard_core::judge::judge;

use crate::json;

/// Pieces of YAML that mean something to its scanner, and keys that mean something to vCluster.
const PIECES: [&str; 36] = [
    "controlPlane",
    "statefulSet",
    "highAvailability",
    "replicas",
    "backingStore",
    "image",
    "tag",
    ": ",
    ":",
    "- ",
    "-",
    "\n",
    "\n  ",
    "\n    ",
    "\t",
    " ",
    "{",
    "}",
    "[",
    "]",
    ",",
    "&a",
    "*a",
    "<<: *a",
    "!!binary",
    "!",
    "|",
    ">-",
    "'",
    "\"",
    "#",
    "---",
    "...",
    "%YAML 1.1",
    "~",
    "0x1F",
];

proptest! {
    #![proptest_config(crate::config())]

    #[test]
    fn a_config_of_any_bytes_is_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = Config::parse(&bytes);
        let _ = yaml::documents(&bytes);
    }

    #[test]
    fn a_config_of_any_text_is_read_or_refused(text in "\\PC{0,120}") {
        let _ = Config::parse(text.as_bytes());
        let _ = yaml::documents(text.as_bytes());
    }

    #[test]
    fn a_config_of_scraps_of_yaml_is_read_or_refused(scraps in prop::collection::vec(prop::sample::select(PIECES.to_vec()), 0..40)) {
        let text = scraps.concat();
        let _ = Config::parse(text.as_bytes());
        let _ = yaml::documents(text.as_bytes());
    }

    #[test]
    fn a_request_of_any_json_is_recognised_or_not(
        kind in kinds(),
        name in prop_oneof![Just("vc-config-demo".to_owned()), Just(String::new()), ".{0,8}"],
        object in json::anything(),
        old in prop::option::of(json::anything()),
    ) {
        answer(kind, &name, &object, old.as_ref());
    }

    #[test]
    fn a_request_of_a_damaged_workload_is_answered(
        kind in kinds(),
        object in json::workload(),
        old in prop::option::of(json::workload()),
    ) {
        answer(kind, "demo", &object, old.as_ref());
    }

    #[test]
    fn manifests_of_any_json_are_joined_or_not(objects in prop::collection::vec(prop_oneof![json::anything(), json::workload()], 0..4)) {
        let mut releases = Releases::default();
        for object in &objects {
            let _ = releases.add(object);
        }
        releases.settle();
        for (release, parts) in releases.iter() {
            let _ = judge(&parts.subject(release, Some(parts), None), &Images::default());
        }
    }

    #[test]
    fn an_image_of_any_text_is_split_and_planned(text in "\\PC{0,40}") {
        prop_assert_eq!(Reference::parse(&text).to_string(), text.clone());
        let _ = image::plan(&text, "", &Images::default());
    }
}

fn kinds() -> impl Strategy<Value = Kind> {
    prop::sample::select(vec![
        Kind::Workload(WorkloadKind::StatefulSet),
        Kind::Workload(WorkloadKind::Deployment),
        Kind::Scale,
        Kind::Secret,
        Kind::Budget,
    ])
}

fn answer(kind: Kind, name: &str, object: &Value, old: Option<&Value>) {
    let (object, old) = (to_raw_value(object).unwrap(), old.map(|old| to_raw_value(old).unwrap()));
    let change = Change {
        namespace: "team-a",
        name,
        object: &object,
        old: old.as_deref(),
    };
    if let Some(old) = &old {
        let _ = admission::template_changes(old, &object);
    }
    if let Recognised::Subject(subject) | Recognised::Workload(subject, _) = admission::recognise(kind, &change) {
        let _ = judge(&subject, &Images::default());
    }
}
