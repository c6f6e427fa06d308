//! docs/tour.md, walked through in a copy of docs/tour, as a reader would: from values that are refused to releases that
//! are installed.

use std::fs;
use std::path::Path;

use vcluster_guard_core::rules;

use crate::console;
use crate::harness::{Installed, checkout};
use crate::walking::as_a_reader;

#[test]
fn the_tour_tells_what_really_happens() {
    let installed = Installed::start(|_| Ok(())).unwrap();
    let cluster = &installed.cluster;
    cluster
        .kubectl(&["create", "namespace", "tour"], "")
        .unwrap()
        .success()
        .unwrap();
    let copy = tempfile::tempdir().unwrap();
    copy_all(&checkout().join("docs/tour"), copy.path());
    console::walk(&checkout().join("docs/tour.md"), |line| {
        as_a_reader(cluster, copy.path(), line).unwrap()
    });
}

/// The tour is to show every remedy that needs no choice.
#[test]
fn the_tour_mends_whatever_can_be_mended() {
    let [tour, fix] = ["docs/tour.md", "docs/fix.md"].map(|page| fs::read_to_string(checkout().join(page)).unwrap());
    let (_, remedies) = fix.split_once("| rule | change |").unwrap();
    let (remedies, _) = remedies.split_once("\n\n").unwrap();
    let rules = remedies.split('`').filter(|word| rules::by_id(word).is_some());
    let missing: Vec<&str> = rules.filter(|id| !tour.contains(&format!("MENDED  {id}: "))).collect();
    assert_eq!(missing, [""; 0]);
}

fn copy_all(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_all(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
