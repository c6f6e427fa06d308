//! Which files a command line names: those themselves, and every manifest below every directory.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::bail;

/// A manifest is text; whoever hands us more has mistaken the file.
const MAX_FILE_BYTES: u64 = 256 << 20;
/// What is looked at in a directory.
const MANIFESTS: [&str; 3] = ["yaml", "yml", "json"];

/// Texts that stand in the place of files, by the names of these.
pub(crate) type Texts = BTreeMap<String, Vec<u8>>;

/// One file to be read.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) path: PathBuf,
    /// On the command line itself, not by a directory that holds it.
    pub(super) directly: bool,
}

/// The files, and what of them could not be listed.
#[derive(Debug, Default)]
pub(super) struct Files {
    pub(super) named: Vec<Named>,
    pub(super) problems: Vec<String>,
    pub(super) notes: Vec<String>,
    /// Directories that are listed already, by their real paths: links may lead back to them.
    seen: BTreeSet<PathBuf>,
}

impl Files {
    /// Lists what is named. A name that leads nowhere is a mistake of the command line: all of them are told at once.
    pub(super) fn list(paths: &[PathBuf]) -> anyhow::Result<Self> {
        let mut files = Self::default();
        let mut missing = Vec::new();
        for path in paths {
            if is_stdin(path) {
                files.push(path.clone(), true);
                continue;
            }
            match fs::metadata(path) {
                Ok(about) if about.is_dir() => files.directory(path),
                Ok(_) => files.push(path.clone(), true),
                Err(error) => missing.push(format!("cannot read {}: {error}", path.display())),
            }
        }
        if !missing.is_empty() {
            bail!("{}", missing.join("\nerror: "));
        }
        Ok(files)
    }

    fn push(&mut self, path: PathBuf, directly: bool) {
        self.named.push(Named { path, directly });
    }

    /// Everything below a directory, in the order of the names. Names that begin with a dot are left out, as shells do.
    fn directory(&mut self, directory: &Path) {
        let entries = fs::canonicalize(directory).and_then(|real| {
            let is_new = self.seen.insert(real);
            let paths = is_new.then(|| fs::read_dir(directory)?.map(|entry| Ok(entry?.path())).collect());
            paths.unwrap_or_else(|| Ok(Vec::new()))
        });
        let mut paths: Vec<PathBuf> = match entries {
            Ok(paths) => paths,
            Err(error) => {
                self.problems
                    .push(format!("cannot list {}: {error}", directory.display()));
                return;
            }
        };
        paths.sort();
        let is_chart = paths.iter().any(|path| path.ends_with("Chart.yaml"));
        for path in paths.iter().filter(|path| !is_hidden(path)) {
            if is_chart && path.ends_with("templates") && path.is_dir() {
                self.notes.push(format!(
                    "{} holds templates of a chart, which are no manifests yet: pipe helm template into check - for them",
                    path.display()
                ));
                continue;
            }
            self.entry(path);
        }
    }

    fn entry(&mut self, path: &Path) {
        let extension = path.extension();
        let is_manifest = extension.is_some_and(|extension| MANIFESTS.iter().any(|&known| extension == known));
        match fs::metadata(path) {
            Ok(about) if about.is_dir() => self.directory(path),
            Ok(about) if about.is_file() && is_manifest => self.push(path.to_owned(), false),
            Err(error) if is_manifest => self.problems.push(format!("cannot read {}: {error}", path.display())),
            _ => {}
        }
    }
}

pub(super) fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

fn is_hidden(path: &Path) -> bool {
    path.file_name()
        .is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
}

/// How a file is called in messages.
pub(super) fn name(path: &Path) -> String {
    if is_stdin(path) {
        "standard input".into()
    } else {
        path.display().to_string()
    }
}

/// The bytes of a file, or why there are none.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, String> {
    let mut text = Vec::new();
    let taken = if is_stdin(path) {
        std::io::stdin().take(MAX_FILE_BYTES + 1).read_to_end(&mut text)
    } else {
        fs::File::open(path).and_then(|file| file.take(MAX_FILE_BYTES + 1).read_to_end(&mut text))
    };
    match taken {
        Ok(_) if text.len() as u64 <= MAX_FILE_BYTES => {
            // Texts are kept to the end.
            text.shrink_to_fit();
            Ok(text)
        }
        Ok(_) => Err(format!(
            "{} is larger than {} MiB; is it a manifest?",
            name(path),
            MAX_FILE_BYTES >> 20
        )),
        Err(error) => Err(format!("cannot read {}: {error}", name(path))),
    }
}
