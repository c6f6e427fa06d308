//! The report as one JSON object.

use std::io::Write;

use super::{Format, Report};

pub(super) struct Json;

impl Format for Json {
    fn write(&self, report: &Report, out: &mut dyn Write) -> anyhow::Result<()> {
        serde_json::to_writer(&mut *out, report)?;
        writeln!(out)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    #[test]
    fn a_report_is_one_object() {
        fixture::assert_written(&Json, &fixture::report(), "report.json");
    }
}
