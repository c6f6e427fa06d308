//! Text to YAML events, by `libyaml-safer`: a port of the same libyaml that go-yaml is a port of. Where the two
//! differ, this file makes up for it. The one place of this crate that needs `std`: the parser reads from a
//! `BufRead`, and a panic of it must end as an error.

extern crate std;

use alloc::string::String;
use std::io::{BufRead, Error as IoError, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use libyaml_safer::{Encoding, Event, EventData, Parser, ScalarStyle};

use super::{ScanError, text::Text};

/// The parser looks at every open flow collection for each token: work, not only depth, must be bounded.
const WORK: usize = 200_000_000;
/// go-yaml's `max_flow_level` and `max_indents` (scannerc.go).
pub(super) const DEPTH: usize = 10_000;

/// The events of one text.
pub(super) struct Events<'t> {
    parser: Parser<Source<'t>>,
    text: &'t str,
    /// A line feed was added at the end (see [`finish`]).
    mended: bool,
    depth: usize,
    work: usize,
}

/// Makes sure that the last line ends: the parser panics at the end of a block scalar that does not.
/// Returns whether a line feed had to be added.
pub(super) fn finish(text: &mut Text) -> bool {
    let open = text.fault.is_none() && !text.text.ends_with(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']);
    if open {
        text.text.push('\n');
    }
    open
}

impl<'t> Events<'t> {
    pub(super) fn new(text: &'t Text, mended: bool) -> Self {
        let mut parser = Parser::new();
        parser.set_encoding(Encoding::Utf8);
        parser.set_input(Source {
            rest: text.text.as_bytes(),
            broken: text.fault.is_some(),
        });
        Self {
            parser,
            text: &text.text,
            mended,
            depth: 0,
            work: 0,
        }
    }

    /// The next event.
    pub(super) fn next(&mut self) -> Result<Event, ScanError> {
        let parser = &mut self.parser;
        // The parser is not used again after a panic: the caller gives up at the first error.
        let mut event = catch_unwind(AssertUnwindSafe(|| parser.parse()))
            .map_err(|_| ScanError::new("the text is not valid YAML"))?
            .map_err(|error| translate(&error))?;
        let line = event.start_mark.line;
        match &event.data {
            EventData::SequenceStart { .. } | EventData::MappingStart { .. } => self.depth += 1,
            EventData::SequenceEnd | EventData::MappingEnd => self.depth = self.depth.saturating_sub(1),
            EventData::DocumentStart {
                version_directive: Some(version),
                ..
            } if (version.major, version.minor) != (1, 1) => {
                return Err(ScanError::new("the YAML directive names a version other than 1.1").at(line));
            }
            _ => {}
        }
        self.work += self.depth;
        if self.depth > DEPTH || self.work > WORK {
            return Err(ScanError::new("the text is nested too deeply").at(line));
        }
        self.unmend(&mut event);
        Ok(event)
    }

    /// Whether `!` alone stands before the value: the parser forgets it, Go then reads a string.
    pub(super) fn has_bare_tag(&self, event: &Event) -> bool {
        let mut rest = usize::try_from(event.start_mark.index)
            .ok()
            .and_then(|start| self.text.get(start..))
            .unwrap_or_default();
        loop {
            rest = rest.trim_start_matches(|c: char| {
                matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{85}' | '\u{2028}'..='\u{2029}')
            });
            match rest.as_bytes().first() {
                Some(b'!') => return true,
                Some(b'&') => rest = rest.split_once(char::is_whitespace).map_or("", |(_, rest)| rest),
                Some(b'#') => rest = rest.split_once('\n').map_or("", |(_, rest)| rest),
                _ => return false,
            }
        }
    }

    /// Takes the added line feed out of a block scalar again: Go reads none at the end of the text.
    fn unmend(&self, event: &mut Event) {
        let at_end = usize::try_from(event.end_mark.index).is_ok_and(|end| end >= self.text.len());
        if let EventData::Scalar { value, style, .. } = &mut event.data
            && self.mended
            && at_end
            && matches!(style, ScalarStyle::Literal | ScalarStyle::Folded)
            && self.last_line_is_content(value)
            && value.ends_with('\n')
        {
            value.pop();
        }
    }

    fn last_line_is_content(&self, value: &str) -> bool {
        let last = |text: &str| -> String {
            let text = text.strip_suffix('\n').unwrap_or(text);
            text.rsplit(['\n', '\r']).next().unwrap_or_default().into()
        };
        let (line, content) = (last(self.text), last(value));
        // A line of nothing but indentation is no line of the value, but for `|+`, which keeps it.
        !line.trim_start_matches(' ').is_empty() || content.trim_start_matches(' ').is_empty()
    }
}

fn translate(error: &libyaml_safer::Error) -> ScanError {
    match error.kind() {
        libyaml_safer::ErrorKind::Io | libyaml_safer::ErrorKind::Reader => {
            ScanError::new("the text is not valid UTF-8 or UTF-16, or holds a control character")
        }
        _ => {
            let message = error.problem();
            let scan = ScanError::new(message);
            error.problem_mark().map_or(scan, |mark| scan.at(mark.line))
        }
    }
}

/// The text as the parser takes it: all at once, and then the end or the fault.
struct Source<'t> {
    rest: &'t [u8],
    broken: bool,
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
        if self.rest.is_empty() && self.broken {
            return Err(IoError::other("unreadable"));
        }
        Ok(self.rest)
    }

    fn consume(&mut self, amount: usize) {
        self.rest = self.rest.get(amount..).unwrap_or_default();
    }
}
