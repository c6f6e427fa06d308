//! Bytes to text, as go-yaml's reader does it (go.yaml.in/yaml/v2: readerc.go).

use alloc::{string::String, vec::Vec};

use super::ScanError;

/// What one read of go-yaml's reader takes in: a broken byte is noticed when the block that holds it is read,
/// so one that lies behind the first document may never be noticed.
const BLOCK: usize = 512;

/// A text up to its first unreadable block.
#[derive(Debug)]
pub(super) struct Text {
    pub(super) content: String,
    /// Why reading must fail where [`Text::content`] ends, unless nobody reads that far.
    pub(super) fault: Option<ScanError>,
    /// The character that stands for U+FEFF inside the text (see [`hide_marks`]).
    pub(super) stand_in: Option<char>,
    /// The character that stands for a colon (see [`super::mend`]).
    pub(super) colon: Option<char>,
    /// What stand-ins stand for, in their order (see [`super::narrow`]).
    pub(super) wide: Vec<char>,
}

const MARK: char = '\u{feff}';
/// What ends a line in YAML 1.1.
pub(super) const BREAKS: [char; 5] = ['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'];

#[derive(Clone, Copy)]
enum Encoding {
    Utf8,
    Utf16 { big_endian: bool },
}

const ENCODING: ScanError = ScanError::new("the text is not valid UTF-8 or UTF-16");
const CONTROL: ScanError = ScanError::new("the text holds a control character");

/// Decodes UTF-8, or UTF-16 with a byte order mark.
pub(super) fn decode(raw: &[u8]) -> Text {
    hide_marks(decode_marked(raw))
}

/// go-yaml means to skip a byte order mark that begins a line, but looks at the beginning of its buffer instead
/// (yamlprivateh.go `is_bom`). So a mark inside the text is a letter like any other, and a second mark at its
/// beginning makes go-yaml skip the first character of every line of the first block.
fn hide_marks(mut text: Text) -> Text {
    let (first, rest) = match text.content.strip_prefix(MARK) {
        Some(rest) => (true, rest),
        None => (false, text.content.as_str()),
    };
    let mut lines = rest.split_inclusive(BREAKS).scan(0, |start, line| {
        *start += line.len();
        Some((*start, rest.get(*start..).unwrap_or_default()))
    });
    let eats = |(start, tail): (usize, &str)| start < BLOCK && !tail.is_empty() && !tail.starts_with(' ');
    if first && lines.any(eats) {
        text.fault = Some(ScanError::new("the text begins with two byte order marks"));
        text.content.clear();
    } else if rest.contains(MARK) {
        // Of the same width, so that offsets stay what they are.
        text.stand_in = ('\u{e000}'..='\u{f8ff}').find(|c| !rest.contains(*c));
        let hidden = rest.replace(MARK, text.stand_in.unwrap_or('\u{e000}').encode_utf8(&mut [0; 4]));
        text.content = if first {
            [MARK.encode_utf8(&mut [0; 4]), hidden.as_str()].concat()
        } else {
            hidden
        };
    }
    text
}

fn decode_marked(raw: &[u8]) -> Text {
    let (encoding, rest) = match raw {
        [0xff, 0xfe, rest @ ..] => (Encoding::Utf16 { big_endian: false }, rest),
        [0xfe, 0xff, rest @ ..] => (Encoding::Utf16 { big_endian: true }, rest),
        [0xef, 0xbb, 0xbf, rest @ ..] => (Encoding::Utf8, rest),
        _ => (Encoding::Utf8, raw),
    };
    if let (Encoding::Utf8, Ok(text)) = (encoding, core::str::from_utf8(rest))
        && text.chars().all(allowed)
    {
        return Text {
            content: text.into(),
            fault: None,
            stand_in: None,
            colon: None,
            wide: Vec::new(),
        };
    }
    // The mark counts into the first block.
    let first = BLOCK - (raw.len() - rest.len());
    by_blocks(encoding, rest, first)
}

fn by_blocks(encoding: Encoding, mut rest: &[u8], first: usize) -> Text {
    let mut text = String::with_capacity(rest.len());
    let mut size = first;
    while !rest.is_empty() {
        let block = rest.get(..size).unwrap_or(rest);
        let start = text.len();
        let used = match encoding {
            Encoding::Utf8 => utf8(block, &mut text),
            Encoding::Utf16 { big_endian } => utf16(block, big_endian, &mut text),
        };
        let fault = match used {
            // A character that is cut off by the end is noticed when go-yaml asks for more, if it ever does.
            Ok(0) => Some(ENCODING),
            Ok(used) => {
                rest = rest.get(used..).unwrap_or_default();
                None
            }
            Err(fault) => Some(fault),
        };
        if fault.is_some() {
            text.truncate(start);
            return Text {
                content: text,
                fault,
                stand_in: None,
                colon: None,
                wide: Vec::new(),
            };
        }
        size = BLOCK;
    }
    Text {
        content: text,
        fault: None,
        stand_in: None,
        colon: None,
        wide: Vec::new(),
    }
}

/// The bytes used: all, but for a character that is cut off at the end.
fn utf8(block: &[u8], text: &mut String) -> Result<usize, ScanError> {
    let valid = match core::str::from_utf8(block) {
        Ok(valid) => valid,
        Err(error) if error.error_len().is_some() => return Err(ENCODING),
        Err(error) => block
            .get(..error.valid_up_to())
            .and_then(|head| core::str::from_utf8(head).ok())
            .unwrap_or_default(),
    };
    if !valid.chars().all(allowed) {
        return Err(CONTROL);
    }
    text.push_str(valid);
    Ok(valid.len())
}

fn utf16(block: &[u8], big_endian: bool, text: &mut String) -> Result<usize, ScanError> {
    let units = block.chunks_exact(2).filter_map(|pair| {
        let pair: [u8; 2] = pair.try_into().ok()?;
        Some(if big_endian {
            u16::from_be_bytes(pair)
        } else {
            u16::from_le_bytes(pair)
        })
    });
    let mut used = 0;
    for decoded in char::decode_utf16(units) {
        match decoded {
            Ok(c) if !allowed(c) => return Err(CONTROL),
            Ok(c) => {
                text.push(c);
                used += 2 * c.len_utf16();
            }
            // The second half may stand in the next block.
            Err(lone) if lone.unpaired_surrogate() < 0xdc00 && used + 2 >= block.len() - block.len() % 2 => break,
            Err(_) => return Err(ENCODING),
        }
    }
    Ok(used)
}

fn allowed(c: char) -> bool {
    matches!(c,
        '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16_bytes(text: &str, big_endian: bool) -> Vec<u8> {
        core::iter::once(0xfeff)
            .chain(text.encode_utf16())
            .flat_map(|unit| {
                if big_endian {
                    unit.to_be_bytes()
                } else {
                    unit.to_le_bytes()
                }
            })
            .collect()
    }

    #[test]
    fn a_byte_order_mark_tells_utf16() {
        for big_endian in [false, true] {
            let long = "ключ: 😀\n".repeat(300);
            let text = decode(&utf16_bytes(&long, big_endian));
            assert!(text.fault.is_none());
            assert_eq!(text.content, long);
        }
    }

    #[test]
    fn only_the_first_mark_is_taken_off() {
        assert_eq!(decode("\u{feff}\u{feff}a: 1".as_bytes()).content, "\u{feff}a: 1");
    }

    #[test]
    fn a_second_mark_is_refused_where_go_would_skip_letters() {
        assert!(decode("\u{feff}\u{feff}a:\n  b: 1\n".as_bytes()).fault.is_none());
        assert!(decode("\u{feff}\u{feff}a: 1\nb: 1\n".as_bytes()).fault.is_some());
    }

    #[test]
    fn a_mark_inside_the_text_is_a_letter() {
        let text = decode("a: \u{e000}\n\u{feff}b: 1\n".as_bytes());
        assert_eq!(
            (text.content.as_str(), text.stand_in),
            ("a: \u{e000}\n\u{e001}b: 1\n", Some('\u{e001}'))
        );
    }

    #[test]
    fn a_broken_byte_far_behind_leaves_the_blocks_before_it() {
        let mut raw = "a: é\n".repeat(200).into_bytes();
        raw.push(0xff);
        let text = decode(&raw);
        assert_eq!(text.fault, Some(ENCODING));
        assert!(text.content.len() >= 512, "{}", text.content.len());
    }

    #[test]
    fn a_character_cut_off_by_the_end_is_a_fault_for_whoever_reads_that_far() {
        let text = decode(b"a: 1\n---\n\xc3");
        assert_eq!((text.content.as_str(), text.fault), ("a: 1\n---\n", Some(ENCODING)));
        assert_eq!(decode(b"a: \xc3").fault, Some(ENCODING));
        assert_eq!(decode(b"a: \x07").fault, Some(CONTROL));
        assert_eq!(decode(b"\xff\xfea").fault, Some(ENCODING));
    }
}
