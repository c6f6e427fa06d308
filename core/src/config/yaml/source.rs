//! A text as the parser reads it. The parser wants a `BufRead`, which only `std` has.

extern crate std;

use std::io::{BufRead, Error as IoError, Read};

use super::ScanError;
use super::text::Text;

/// The text as the parser takes it: all at once, and then the end or the fault.
pub(super) struct Source<'t> {
    rest: &'t [u8],
    fault: Option<ScanError>,
}

impl<'t> Source<'t> {
    pub(super) fn of(text: &'t Text) -> Self {
        Self {
            rest: text.content.as_bytes(),
            fault: text.fault,
        }
    }
}

impl Read for Source<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

impl BufRead for Source<'_> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        if self.rest.is_empty() && self.fault.is_some() {
            return Err(IoError::other("unreadable"));
        }
        Ok(self.rest)
    }

    fn consume(&mut self, amount: usize) {
        self.rest = self.rest.get(amount..).unwrap_or_default();
    }
}
