//! The report as one JSON object.

use std::io::Write;

use super::Report;

pub(super) fn write(report: &Report, out: &mut impl Write) -> anyhow::Result<()> {
    serde_json::to_writer(&mut *out, report)?;
    writeln!(out)?;
    Ok(())
}
