//! Files, directories and standard input, as objects by release.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde_json::Value;
use vcluster_guard_core::config::yaml;
use vcluster_guard_core::join::Releases;
use vcluster_guard_core::object::ObjectRef;

use crate::report::Source;

/// A manifest is text; whoever hands us more has mistaken the file.
const MAX_FILE_BYTES: u64 = 256 << 20;

/// What was read.
#[derive(Debug, Default)]
pub(super) struct Input {
    pub(super) releases: Releases,
    /// What could not be read.
    pub(super) problems: Vec<String>,
    objects: BTreeMap<(String, String, String), (Source, Value)>,
}

impl Input {
    /// Reads every file, every manifest below every directory, and standard input for `-`.
    pub(super) fn read(files: &[PathBuf]) -> anyhow::Result<Self> {
        let mut input = Self::default();
        for file in files {
            input.path(file)?;
        }
        let (releases, problems) = super::releases(input.objects.values().map(|(_, object)| object));
        input.releases = releases;
        input.problems.extend(problems);
        Ok(input)
    }

    fn path(&mut self, path: &Path) -> anyhow::Result<()> {
        if path.as_os_str() == "-" {
            let mut text = Vec::new();
            std::io::stdin()
                .take(MAX_FILE_BYTES)
                .read_to_end(&mut text)
                .context("cannot read standard input")?;
            return self.text("-", &text);
        }
        let about = fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?;
        if about.is_dir() {
            return self.directory(path);
        }
        if about.len() > MAX_FILE_BYTES {
            bail!(
                "{} is larger than {} MiB; is it a manifest?",
                path.display(),
                MAX_FILE_BYTES >> 20
            );
        }
        let text = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        self.text(&path.display().to_string(), &text)
    }

    fn directory(&mut self, directory: &Path) -> anyhow::Result<()> {
        let entries = fs::read_dir(directory).with_context(|| format!("cannot list {}", directory.display()))?;
        let mut paths = entries
            .map(|entry| Ok(entry?.path()))
            .collect::<Result<Vec<PathBuf>, std::io::Error>>()?;
        paths.sort();
        for path in paths {
            let manifest = path
                .extension()
                .is_some_and(|extension| ["yaml", "yml", "json"].iter().any(|&e| extension == e));
            if path.is_dir() || manifest {
                self.path(&path)?;
            }
        }
        Ok(())
    }

    fn text(&mut self, file: &str, text: &[u8]) -> anyhow::Result<()> {
        let named = if file == "-" { "standard input" } else { file };
        let documents = match yaml::documents(text) {
            Ok(documents) => documents,
            Err(error) => {
                let line = error.line.map(|line| format!(" line {line}")).unwrap_or_default();
                bail!("{named}{line}: {}", error.message);
            }
        };
        for document in documents {
            if crate::policy::looks_like_one(&document.value) {
                self.problems
                    .push(format!("{named} looks like a policy file; pass it with --config"));
                continue;
            }
            let is_list = document
                .value
                .get("kind")
                .and_then(Value::as_str)
                .is_some_and(|kind| kind.ends_with("List"));
            match document.value.get("items").and_then(Value::as_array) {
                Some(items) if is_list => {
                    for (index, item) in items.iter().enumerate() {
                        let line = document.line_of(&format!("/items/{index}"));
                        self.object(
                            Source {
                                file: file.into(),
                                line,
                            },
                            item.clone(),
                        );
                    }
                }
                _ => self.object(
                    Source {
                        file: file.into(),
                        line: document.line,
                    },
                    document.value,
                ),
            }
        }
        Ok(())
    }

    fn object(&mut self, source: Source, object: Value) {
        let text = |pointer: &str| {
            object
                .pointer(pointer)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let key = (text("/kind"), text("/metadata/namespace"), text("/metadata/name"));
        if !key.0.is_empty() {
            self.objects.insert(key, (source, object));
        }
    }

    fn find(&self, object: &ObjectRef) -> Option<&(Source, Value)> {
        let key = |namespace: &str| (object.kind.clone(), namespace.to_owned(), object.name.clone());
        // The chart's budgets are rendered without a namespace.
        self.objects
            .get(&key(&object.namespace))
            .or_else(|| self.objects.get(&key("")))
    }

    /// Where an object was read.
    pub(super) fn source(&self, object: &ObjectRef) -> Option<Source> {
        self.find(object).map(|(source, _)| source.clone())
    }

    /// The object itself.
    pub(super) fn object_of(&self, object: &ObjectRef) -> Option<&Value> {
        self.find(object).map(|(_, object)| object)
    }
}
