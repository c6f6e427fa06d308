//! What go-yaml reads and the parser beneath refuses: written in other words, and read again.

use alloc::{string::String, vec::Vec};

use super::text::Text;

/// Whether what stands at `at` could be put in a way that the parser takes.
pub(super) fn at(text: &mut Text, at: usize) -> bool {
    let mended = requote(&text.content, at).or_else(|| hide_colon(text, at));
    mended.map(|content| text.content = content).is_some()
}

/// In a flow collection a colon before an indicator, as in `{a:}`, is a letter for go-yaml (scannerc.go
/// `yaml_parser_scan_plain_scalar`).
fn hide_colon(text: &mut Text, at: usize) -> Option<String> {
    let (head, tail) = text.content.split_at_checked(at)?;
    let tail = tail.strip_prefix(':')?;
    let free = |c: &char| text.stand_in != Some(*c) && !text.content.contains(*c);
    let colon = text.colon.or_else(|| ('\u{e000}'..='\u{f8ff}').find(free))?;
    let content = [head, colon.encode_utf8(&mut [0; 4]), tail].concat();
    text.colon = Some(colon);
    Some(content)
}

/// go-yaml knows the escape `\'`, the parser does not: writes `\x27` from `at` to the end of the scalar.
fn requote(text: &str, at: usize) -> Option<String> {
    let (head, tail) = text.split_at_checked(at)?;
    if !tail.starts_with("\\'") {
        return None;
    }
    let mut escaped = false;
    let end = tail.find(|c: char| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    });
    let (scalar, rest) = tail.split_at_checked(end.unwrap_or(tail.len()))?;
    // Pairs first, so that the second half of `\\\\` starts no escape.
    let pairs: Vec<_> = scalar.split("\\\\").map(|part| part.replace("\\'", "\\x27")).collect();
    Some([head, &pairs.join("\\\\"), rest].concat())
}
