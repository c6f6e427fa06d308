//! Text to YAML events, by `libyaml-safer`: a port of the same libyaml that go-yaml is a port of. Where the two
//! differ, this file makes up for it. With [`Source`] the one place of this crate that needs `std`: a panic of the parser
//! must end as an error.

extern crate std;

use alloc::string::String;
use std::panic::{AssertUnwindSafe, catch_unwind};

use libyaml_safer::{Encoding, Event, EventData, MappingStyle, Parser, ScalarStyle, SequenceStyle};

use super::{
    ScanError, mend,
    narrow::{self, Narrowed},
    source::Source,
    text::{BREAKS, Text},
};

/// The parser looks at every open flow collection for each token: work, not only depth, must be bounded.
/// Ten thousand collections, opened and closed, come to 100 million, which is a third of a second.
const WORK: usize = 120_000_000;
/// go-yaml's `max_flow_level` and `max_indents` (scannerc.go).
pub(super) const DEPTH: usize = 10_000;

/// The parser's words for what [`mend`] may know better.
const UNKNOWN_ESCAPE: &str = "found unknown escape character";
const UNEXPECTED_COLON: &str = "found unexpected ':'";

/// The events of one text.
pub(super) struct Events<'t> {
    parser: Parser<Source<'t>>,
    text: &'t str,
    /// A line feed was added at the end (see [`finish`]).
    mended: bool,
    depth: usize,
    work: usize,
    stand_in: Option<char>,
    colon: Option<char>,
    narrowed: Narrowed<'t>,
    /// How many flow collections are open.
    flow: usize,
    fault: Option<ScanError>,
}

/// What mending may cost in bytes that are read again.
const REREAD: usize = 16 << 20;

/// Runs `read` over the events of a text.
pub(super) fn over<T>(
    mut text: Text,
    mut read: impl FnMut(&mut Events<'_>) -> Result<T, ScanError>,
) -> Result<T, ScanError> {
    let mended = finish(&mut text);
    narrow::narrow(&mut text);
    let mut budget = REREAD;
    let mut work = 0;
    loop {
        let mut events = Events::new(&text, mended, work);
        let result = read(&mut events);
        work = events.work;
        let Err(ScanError { mendable: Some(at), .. }) = result else {
            return result.map_err(|error| within(error, &text.content));
        };
        let Some(left) = budget.checked_sub(text.content.len()) else {
            return result;
        };
        if !mend::at(&mut text, at) {
            return result;
        }
        budget = left;
    }
}

/// Runs `read` over the events of a text that must not need mending, so that every mark is a place of the text itself.
pub(super) fn once<T>(
    mut text: Text,
    read: impl FnOnce(&mut Events<'_>) -> Result<T, ScanError>,
) -> Result<T, ScanError> {
    let mended = finish(&mut text);
    read(&mut Events::new(&text, mended, 0)).map_err(|error| within(error, &text.content))
}

/// The end of the text is a place on its last line, not on one behind it.
fn within(error: ScanError, content: &str) -> ScanError {
    let lines = content.strip_suffix(BREAKS).unwrap_or(content).split(BREAKS).count();
    ScanError {
        line: error.line.map(|line| line.min(lines)),
        ..error
    }
}

/// Makes sure that the last line ends: the parser panics at the end of a block scalar that does not.
/// Returns whether a line feed had to be added.
fn finish(text: &mut Text) -> bool {
    let open = text.fault.is_none() && !text.content.ends_with(BREAKS);
    if open {
        text.content.push('\n');
    }
    open
}

impl<'t> Events<'t> {
    fn new(text: &'t Text, mended: bool, work: usize) -> Self {
        let mut parser = Parser::new();
        parser.set_encoding(Encoding::Utf8);
        parser.set_input(Source::of(text));
        Self {
            parser,
            text: &text.content,
            mended,
            depth: 0,
            work,
            stand_in: text.stand_in,
            colon: text.colon,
            narrowed: Narrowed::of(text),
            flow: 0,
            fault: text.fault,
        }
    }

    /// The next event.
    pub(super) fn next(&mut self) -> Result<Event, ScanError> {
        let parser = &mut self.parser;
        // The parser is not used again after a panic: the caller gives up at the first error.
        let mut event = catch_unwind(AssertUnwindSafe(|| parser.parse()))
            .map_err(|_| ScanError::new("the text is not valid YAML"))?
            .map_err(|error| translate(&error, self.fault))?;
        let line = event.start_mark.line;
        match &event.data {
            EventData::SequenceStart { style, .. } => self.enter(*style == SequenceStyle::Flow),
            EventData::MappingStart { style, .. } => self.enter(*style == MappingStyle::Flow),
            EventData::SequenceEnd | EventData::MappingEnd => {
                self.depth = self.depth.saturating_sub(1);
                self.flow = self.flow.saturating_sub(1);
            }
            // There a question mark ends a plain scalar of go-yaml's, and nothing but an error can follow.
            EventData::Scalar { value, style, .. }
                if self.flow > 0 && *style == ScalarStyle::Plain && value.contains('?') =>
            {
                return Err(ScanError::new("did not find expected ',' behind a value").at(line));
            }
            EventData::DocumentStart {
                version_directive: Some(version),
                ..
            } if (version.major, version.minor) != (1, 1) => {
                return Err(ScanError::new("the YAML directive names a version other than 1.1").at(line));
            }
            _ => {}
        }
        // A value comes with the token behind it, and in a mapping with the one before it.
        let is_value = matches!(&event.data, EventData::Scalar { .. } | EventData::Alias { .. });
        self.work += if is_value { 2 * self.flow } else { self.flow };
        if self.depth > DEPTH || self.work > WORK {
            return Err(ScanError::new("the text is nested too deeply").at(line));
        }
        if self.has_slash_escape(&event) {
            return Err(ScanError::new(UNKNOWN_ESCAPE).at(line));
        }
        self.unmend(&mut event);
        self.unhide(&mut event);
        Ok(event)
    }

    fn enter(&mut self, is_flow: bool) {
        self.depth += 1;
        // In a flow collection there are only flow collections.
        self.flow += usize::from(is_flow || self.flow > 0);
    }

    /// Whether a `\/` stands in the scalar: the parser knows it, go-yaml does not.
    fn has_slash_escape(&self, event: &Event) -> bool {
        if !matches!(
            &event.data,
            EventData::Scalar {
                style: ScalarStyle::DoubleQuoted,
                ..
            }
        ) {
            return false;
        }
        let source = self.source(event);
        source.split("\\\\").any(|part| part.contains("\\/"))
    }

    /// Whether an event is a scalar of which neither quotes nor a tag say what type it has.
    pub(super) fn is_plain(&self, event: &Event) -> bool {
        let EventData::Scalar {
            tag, plain_implicit, ..
        } = &event.data
        else {
            return false;
        };
        *plain_implicit && (tag.is_some() || !self.has_bare_tag(event))
    }

    /// Whether `!` alone stands before the value: the parser forgets it, Go then reads a string.
    pub(super) fn has_bare_tag(&self, event: &Event) -> bool {
        let mut rest = self.source(event);
        loop {
            rest = rest.trim_start_matches(BREAKS).trim_start_matches([' ', '\t']);
            let next = match rest.as_bytes().first() {
                Some(b'!') => return true,
                Some(b'&') => rest.find(|c: char| c != '&' && !c.is_ascii_alphanumeric() && c != '_' && c != '-'),
                Some(b'#') => rest.find(BREAKS),
                _ if rest.starts_with(BREAKS) => Some(0),
                _ => return false,
            };
            rest = next.and_then(|at| rest.get(at..)).unwrap_or_default();
        }
    }

    /// The text of an event.
    fn source(&self, event: &Event) -> &'t str {
        let start = usize::try_from(event.start_mark.index);
        let range = start.ok().zip(usize::try_from(event.end_mark.index).ok());
        range
            .and_then(|(start, end)| self.text.get(start..end))
            .unwrap_or_default()
    }

    /// Puts wide characters, byte order marks and colons back that were hidden from the parser.
    fn unhide(&self, event: &mut Event) {
        let EventData::Scalar { value, .. } = &mut event.data else {
            return;
        };
        let end = usize::try_from(event.end_mark.index);
        self.narrowed.widen(value, end.unwrap_or(usize::MAX));
        for (stand_in, hidden) in [(self.stand_in, "\u{feff}"), (self.colon, ":")] {
            if let Some(c) = stand_in.filter(|c| value.contains(*c)) {
                *value = value.replace(c, hidden);
            }
        }
    }

    /// Takes the added line feed out of a block scalar again: Go reads none at the end of the text.
    fn unmend(&self, event: &mut Event) {
        let start = event.start_mark.index;
        let at_end = usize::try_from(event.end_mark.index).is_ok_and(|end| end >= self.text.len());
        let EventData::Scalar { value, style, .. } = &mut event.data else {
            return;
        };
        if !self.mended || !at_end || !matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
            return;
        }
        // A last line of spaces is a line of the value or mere indentation: without it the value tells which.
        match self.without_blank_end(start) {
            Some(shorter) if value.strip_suffix('\n').unwrap_or(value) == shorter || *value == shorter => {
                *value = shorter;
            }
            _ if value.ends_with('\n') => {
                value.pop();
            }
            _ => {}
        }
    }

    /// The block scalar at `start` if the last line were not there; nothing unless that line is all spaces.
    fn without_blank_end(&self, start: u64) -> Option<String> {
        let text = self.text.trim_end_matches('\n').trim_end_matches(' ');
        let text = Text {
            content: text.ends_with(BREAKS).then(|| text.into())?,
            fault: None,
            stand_in: None,
            colon: None,
            wide: alloc::vec::Vec::new(),
        };
        let mut events = Events::new(&text, false, self.work);
        loop {
            let event = events.next().ok()?;
            match event.data {
                EventData::Scalar { value, .. } if event.start_mark.index == start => return Some(value),
                EventData::StreamEnd => return None,
                _ => {}
            }
        }
    }
}

fn translate(error: &libyaml_safer::Error, fault: Option<ScanError>) -> ScanError {
    match error.kind() {
        libyaml_safer::ErrorKind::Io | libyaml_safer::ErrorKind::Reader => {
            fault.unwrap_or(ScanError::new("the text cannot be read"))
        }
        _ => {
            let message = error.problem();
            let scan = ScanError::new(message);
            error.problem_mark().map_or(scan, |mark| ScanError {
                mendable: [UNKNOWN_ESCAPE, UNEXPECTED_COLON]
                    .contains(&message)
                    .then(|| usize::try_from(mark.index).unwrap_or(usize::MAX)),
                ..scan.at(mark.line)
            })
        }
    }
}
