//! Reads the policy file, at the start and whenever its content changes.

mod watch;

use std::path::{Path, PathBuf};

pub(crate) use watch::Watched;

use serde_json::Value;
use vcluster_guard_core::config::yaml;
use vcluster_guard_core::policy::Policy;

/// Why a policy file is refused: what, where, and at which key.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PolicyFileError {
    #[error("cannot read {file}: {source}", file = .0.display(), source = .1)]
    Read(PathBuf, std::io::Error),
    #[error("{file}{}: {message}", .line.map(|line| format!(" line {line}")).unwrap_or_default(), file = .file.display())]
    Content {
        file: PathBuf,
        line: Option<usize>,
        message: String,
    },
}

/// The policy in `file`, or the built-in one.
pub(crate) fn load(file: Option<&Path>) -> Result<Policy, PolicyFileError> {
    let Some(file) = file else { return Ok(Policy::default()) };
    let text = std::fs::read(file).map_err(|error| PolicyFileError::Read(file.into(), error))?;
    parse(&text).map_err(|(line, message)| PolicyFileError::Content {
        file: file.into(),
        line,
        message,
    })
}

/// The policy in a text, or the line and what is wrong there.
pub(crate) fn parse(text: &[u8]) -> Result<Policy, (Option<usize>, String)> {
    let documents = yaml::documents(text).map_err(|error| (error.line, error.message))?;
    let document = match documents.as_slice() {
        [] => return Ok(Policy::default()),
        [document] => document,
        [_, second, ..] => return Err((Some(second.line), "a policy file holds one document".into())),
    };
    let policy: Policy = serde_path_to_error::deserialize(&document.value).map_err(|error| {
        let path = error.path().to_string();
        let pointer = format!("/{}", path.replace(['.', '['], "/").replace(']', ""));
        let place = if path == "." {
            String::new()
        } else {
            format!("{path}: ")
        };
        (Some(document.line_of(&pointer)), format!("{place}{}", error.inner()))
    })?;
    policy.validate().map_err(|error| (None, error.to_string()))?;
    Ok(policy)
}

/// Whether a document looks like a policy, for a helpful error where one is given as a manifest.
pub(crate) fn looks_like_one(document: &Value) -> bool {
    document.get("kind").is_none() && document.get("version").is_some() && document.get("mode").is_some()
}
