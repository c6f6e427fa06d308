//! The files of `tests/cases`: which there are, and what each is about.

use std::fs;
use std::path::{Path, PathBuf};

use vcluster_guard_core::rule::Rule;
use vcluster_guard_core::rules;

/// Whose findings a case is about.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Topic {
    /// One rule's.
    Rule(&'static Rule),
    /// Any rule's: none of them may speak.
    EveryRule,
    /// None: the patch alone counts.
    Mends,
}

/// Folders that are about no single rule: what is left alone, and what is mended without a rule.
const BESIDES: [(&str, Topic); 2] = [("injection", Topic::Mends), ("recognition", Topic::EveryRule)];

/// One case, still unread.
#[derive(Debug)]
pub(crate) struct File {
    /// The name of its folder: the id of a rule, mostly.
    pub(crate) id: String,
    /// Nothing if there is no such rule.
    pub(crate) topic: Option<Topic>,
    /// Folder and name.
    pub(crate) label: String,
    /// The word in front of the first dot.
    pub(crate) verdict: String,
    pub(crate) path: PathBuf,
}

/// Every case, in the order of the names.
pub(crate) fn all() -> Vec<File> {
    // The walker is built with the core, which lies a folder deeper than the program and its cluster tests.
    let mut above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().take(2);
    let root = above.find_map(|folder| Some(folder.join("tests/cases")).filter(|root| root.is_dir()));
    let root = root.expect("the folder of cases is there");
    let folders = sorted(&root).into_iter().filter(|path| path.is_dir());
    folders.flat_map(|folder| sorted(&folder)).map(file).collect()
}

fn file(path: PathBuf) -> File {
    let id = path.parent().map(name).unwrap_or_default();
    let own = name(&path);
    File {
        topic: topic(&id),
        label: format!("{id}/{own}"),
        verdict: own.split('.').next().unwrap_or_default().to_owned(),
        id,
        path,
    }
}

fn topic(id: &str) -> Option<Topic> {
    let besides = || BESIDES.iter().find(|(name, _)| *name == id).map(|(_, topic)| *topic);
    rules::by_id(id).map(Topic::Rule).or_else(besides)
}

fn sorted(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .expect("the folder of cases is there")
        .map(|entry| entry.expect("it can be listed").path())
        .collect();
    paths.sort();
    paths
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
