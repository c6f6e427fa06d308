//! One page for a browser: the fleet at a glance, vClusters by rules, and everything about each.
//!
//! It fetches nothing, and its policy lets nothing run or style it but what is written here, so a report can be mailed
//! and kept. All of it can be read without the script, which filters.

mod view;

use std::io::Write;

use askama::Template;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::{Format, Report, words};
use view::View;

pub(super) struct Html;

const STYLE: &str = include_str!("../../templates/report.css");
const SCRIPT: &str = include_str!("../../templates/report.js");

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'r> {
    policy: String,
    style: &'static str,
    script: &'static str,
    version: &'static str,
    view: View<'r>,
}

impl Format for Html {
    fn write(&self, report: &Report, out: &mut dyn Write) -> anyhow::Result<()> {
        let page = Page {
            policy: policy(),
            style: STYLE,
            script: SCRIPT,
            version: env!("CARGO_PKG_VERSION"),
            view: View::of(report),
        };
        let page = page.render()?;
        let harmful = |character: char| words::moves(character) && character != '\n';
        writeln!(out, "{}", page.replace(harmful, " "))?;
        Ok(())
    }
}

/// What the browser may do for this page: apply this very style and run this very script.
fn policy() -> String {
    let hash = |text: &str| STANDARD.encode(Sha256::digest(text));
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    )
}

#[cfg(test)]
mod tests;
