//! Folders with files in them, and what `check` says of them.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::program;

/// A folder, gone when dropped.
pub(crate) struct Folder(TempDir);

/// What `check -o json` said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) report: Value,
    pub(crate) stderr: String,
}

impl Folder {
    /// A folder with these files, by name and text.
    pub(crate) fn with(files: &[(&str, &str)]) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// `check -o json` with these arguments, in the folder.
    pub(crate) fn check(&self, arguments: &[&str]) -> Said {
        self.check_stdin(arguments, "")
    }

    /// The same, with a text on standard input.
    pub(crate) fn check_stdin(&self, arguments: &[&str], text: &str) -> Said {
        let arguments = [&["check", "-o", "json"], arguments].concat();
        let output = program::run(self.path(), &arguments, text.as_bytes());
        Said {
            code: output.status.code(),
            report: serde_json::from_slice(&output.stdout).unwrap_or(Value::Null),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Said {
    /// File and line of each denial of several replicas on an embedded database.
    pub(crate) fn denials(&self) -> Vec<String> {
        let findings = self.report["findings"].as_array().unwrap();
        let denials = findings.iter().filter(|finding| finding["rule"] == "ha-embedded-db");
        let sources = denials.map(|finding| &finding["source"]);
        sources
            .map(|source| format!("{}:{}", source["file"].as_str().unwrap(), source["line"]))
            .collect()
    }

    /// What could not be read.
    pub(crate) fn incomplete(&self) -> Vec<&str> {
        let incomplete = self.report["incomplete"].as_array().unwrap();
        incomplete.iter().map(|what| what.as_str().unwrap()).collect()
    }
}

/// A config Secret with an embedded database and so many replicas: more than one are denied, at line 8.
pub(crate) fn secret(name: &str, replicas: u8) -> String {
    format!(
        "apiVersion: v1\nkind: Secret\nmetadata: {{namespace: team, name: vc-config-{name}}}\nstringData:\n  \
         config.yaml: |\n    controlPlane:\n      statefulSet:\n        highAvailability: {{replicas: {replicas}}}\n"
    )
}
