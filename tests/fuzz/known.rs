//! Differences that are meant: docs/decisions/0002-reading-config-as-go-does.md says why.

use serde_json::Value;
use vcluster_guard_core::config::ParseError;
use vcluster_guard_core::config::yaml::to_json_strict;

use super::compare;
use super::oracle::Answer;

const MARK: &[u8] = "\u{feff}".as_bytes();
/// A simple key has at most so many characters, and for the parser beneath ours so many bytes.
const LONGEST_KEY: usize = 1024;
/// What go-yaml reads at once.
const BLOCK: usize = 512;
/// Four characters, which is what go-yaml wants to see at once, and the mark before them.
const LATE: usize = 4 * 4 + MARK.len();

/// Whether we read `text` unlike Go on purpose.
pub(crate) fn is_known(text: &[u8], ours: &Result<Value, ParseError>, go: &Answer) -> bool {
    if has_late_mark(text) {
        return true;
    }
    let decoded = utf8(text);
    let Err(error) = ours else {
        return is_taken_despite_what_follows(&decoded, ours, go);
    };
    let marks = [
        [MARK, MARK].concat(),
        b"\xff\xfe\xff\xfe".to_vec(),
        b"\xfe\xff\xfe\xff".to_vec(),
    ];
    if marks.iter().any(|marks| text.starts_with(marks)) {
        return true;
    }
    has_odd_tag(&decoded, error) || has_long_key(&decoded) || is_refused_for_what_follows(&decoded, go)
}

/// Near the end of a text, or of what go-yaml reads at once, such a mark may come to stand where go-yaml looks for one.
fn has_late_mark(text: &[u8]) -> bool {
    let mark = match text {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => &text[..2],
        _ => MARK,
    };
    let mut marks = (1..text.len()).filter(|at| text[*at..].starts_with(mark));
    marks.any(|at| at + LATE >= text.len() || at % BLOCK + LATE >= BLOCK)
}

/// The parser beneath lets no flow indicator into a tag.
fn has_odd_tag(text: &[u8], error: &ParseError) -> bool {
    let may_concern_a_tag = matches!(
        &*error.message,
        "did not find expected whitespace or line break"
            | "did not find expected tag URI"
            // A panic.
            | "the text is not valid YAML"
    );
    let has_indicator = |word: &[u8]| {
        let mut tag = word.iter().skip_while(|byte| **byte != b'!');
        tag.any(|byte| b",[]".contains(byte))
    };
    may_concern_a_tag && text.split(u8::is_ascii_whitespace).any(has_indicator)
}

/// Where nothing could stand for the characters beyond ASCII.
fn has_long_key(text: &[u8]) -> bool {
    let is_taken = text.contains(&b'^') || text.windows(2).any(|pair| pair.eq_ignore_ascii_case(b"5e"));
    let mut lines = text.split(|byte| *byte == b'\n');
    is_taken && lines.any(|line| line.len() > LONGEST_KEY && !line.is_ascii())
}

/// The parser beneath looks further ahead: behind a collection that ends the document, on its line, and behind a scalar
/// into the flow collection that follows.
fn is_refused_for_what_follows(text: &[u8], go: &Answer) -> bool {
    (1..text.len()).any(|cut| {
        let (document, rest) = text.split_at(cut);
        let is_close = document.ends_with(b"}") || document.ends_with(b"]");
        let is_open = rest.starts_with(b"{") || rest.starts_with(b"[");
        (is_close || is_open) && compare::agree(&to_json_strict(document), go)
    })
}

/// go-yaml has scanned the token behind the document, which we never come to.
fn is_taken_despite_what_follows(text: &[u8], ours: &Result<Value, ParseError>, go: &Answer) -> bool {
    go.is_err()
        && (1..text.len()).any(|cut| {
            let (document, rest) = text.split_at(cut);
            let is_broken = match rest.first() {
                Some(b'"') => rest.windows(2).any(|pair| pair == b"\\/"),
                Some(b'[' | b'{') => rest.contains(&b'?'),
                _ => false,
            };
            is_broken && to_json_strict(document).as_ref().ok() == ours.as_ref().ok()
        })
}

/// The text without its encoding; what cannot be decoded does not matter here.
fn utf8(text: &[u8]) -> Vec<u8> {
    let units = |bytes: &[u8], of: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| of([pair[0], pair[1]])).collect();
        String::from_utf16_lossy(&units).into_bytes()
    };
    match text {
        [0xff, 0xfe, rest @ ..] => units(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => units(rest, u16::from_be_bytes),
        _ => text.strip_prefix(MARK).unwrap_or(text).to_vec(),
    }
}
