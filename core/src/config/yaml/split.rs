//! A stream of manifests cut into its documents, as kubectl cuts it (k8s: apimachinery, `util/yaml` `YAMLReader`):
//! at each line `---`. So a broken document spoils no other, and each can be read again alone.

use alloc::vec::Vec;
use core::ops::Range;

/// A part of a text: one document as kubectl sees it, or several where a document begins on the line of its `---`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Its bytes.
    pub range: Range<usize>,
    /// How many lines stand before it.
    pub lines_before: usize,
}

/// The pieces of a text; none of them is without content. Joined they are the text up to blank ends.
#[must_use]
pub fn pieces(text: &[u8]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut open = Piece {
        range: 0..0,
        lines_before: 0,
    };
    let (mut lines, mut has_content) = (0, false);
    let may_split = !is_utf16(text) && !has_directive(text);
    for line in text.split_inclusive(|&byte| byte == b'\n') {
        if is_separator(line) && has_content && may_split {
            let start = open.range.end;
            pieces.push(open);
            open = Piece {
                range: start..start,
                lines_before: lines,
            };
            has_content = false;
        }
        has_content |= !is_separator(line) && !is_blank(line);
        open.range.end += line.len();
        lines += 1;
    }
    pieces.extend(has_content.then_some(open));
    pieces
}

fn is_utf16(text: &[u8]) -> bool {
    matches!(text, [0xff, 0xfe, ..] | [0xfe, 0xff, ..])
}

/// A `%TAG` stands before the `---` of the document that it is for.
fn has_directive(text: &[u8]) -> bool {
    text.first() == Some(&b'%') || text.windows(2).any(|pair| pair == b"\n%")
}

/// `---`, with nothing but a comment behind it.
fn is_separator(line: &[u8]) -> bool {
    line.strip_prefix(b"---").is_some_and(is_blank)
}

fn is_blank(line: &[u8]) -> bool {
    matches!(line.trim_ascii_start().first(), None | Some(b'#'))
}

#[cfg(test)]
mod tests {
    use super::super::documents;
    use super::*;
    use alloc::vec;
    use proptest::prelude::*;

    fn texts(text: &str) -> Vec<(&str, usize)> {
        let pieces = pieces(text.as_bytes()).into_iter();
        pieces.map(|piece| (&text[piece.range], piece.lines_before)).collect()
    }

    #[test]
    fn a_stream_is_cut_at_its_separators() {
        assert_eq!(
            texts("# x\n---\na: 1\n--- # two\r\n---\nb: |\n  ---\n--- {c: 1}\n---\n#\n"),
            [
                ("# x\n---\na: 1\n", 0),
                ("--- # two\r\n---\nb: |\n  ---\n--- {c: 1}\n", 3)
            ]
        );
        assert_eq!(texts("---\n\n---\n# nothing"), vec![]);
        assert_eq!(texts("---a: 1\n---x\n"), [("---a: 1\n---x\n", 0)]);
    }

    #[test]
    fn a_text_with_directives_stays_whole() {
        let text = "%YAML 1.1\n---\na: 1\n...\n%YAML 1.1\n---\nb: 1\n";
        assert_eq!(texts(text), [(text, 0)]);
    }

    /// Everything that is read, with its line.
    fn read(text: &[u8]) -> Option<Vec<(serde_json::Value, usize)>> {
        let documents = documents(text).ok()?.into_iter();
        Some(documents.map(|document| (document.value, document.line)).collect())
    }

    proptest! {
        /// What YAML takes whole, it takes in pieces: the same documents at the same lines.
        #[test]
        fn the_pieces_hold_the_same_documents(lines in prop::collection::vec("(---|--- #|--- a|\\.\\.\\.|a: 1|b: \\||  x|- y|#|'|\"| |)\r?", 0..14)) {
            let text = lines.join("\n");
            if let Some(whole) = read(text.as_bytes()) {
                let pieces = pieces(text.as_bytes());
                let in_pieces = pieces.iter().map(|piece| {
                    let documents = read(&text.as_bytes()[piece.range.clone()]).expect("a part of what is well");
                    documents.into_iter().map(|(value, line)| (value, line + piece.lines_before))
                });
                prop_assert_eq!(in_pieces.flatten().collect::<Vec<_>>(), whole, "{}", text);
            }
        }
    }
}
