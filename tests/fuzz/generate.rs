//! Texts that try a YAML reader: mostly well-formed, then broken in small ways.

mod document;
mod scalar;
mod words;

use super::random::Random;

/// What stands between and around tokens when a text is made of nothing but them.
const TOKENS: &[&str] = &[
    "a",
    "b:",
    "c: ",
    ": ",
    "- ",
    "-",
    "? ",
    "?",
    "[",
    "]",
    "{",
    "}",
    ",",
    ", ",
    "&x ",
    "*x",
    "*x ",
    "!!str ",
    "!!int ",
    "!t ",
    "! ",
    "!<x> ",
    "'",
    "\"",
    "|",
    ">",
    "|-\n",
    ">+1\n",
    "#",
    " # c",
    "\n",
    "\n",
    "\n  ",
    "\n ",
    " ",
    "\t",
    "---",
    "\n---\n",
    "...\n",
    "%YAML 1.1\n",
    "%TAG ! x:\n",
    "<<: ",
    "<<",
    "~",
    "1",
    "0x1",
    "yes",
    "\\",
    "\r\n",
    "\r",
    "\u{85}",
    "\u{2028}",
    "\u{feff}",
    "\u{0}",
    "é",
    "@",
    "`",
    "=",
    "%",
];

/// One text.
pub(crate) fn text(random: &mut Random) -> Vec<u8> {
    let text = match random.below(10) {
        0 => soup(random),
        1 => scalar::stream(random),
        _ => document::text(random),
    };
    let text = if random.once_in(3) {
        broken(random, text)
    } else {
        text.into_bytes()
    };
    encoded(random, text)
}

fn soup(random: &mut Random) -> String {
    (0..=random.below(14)).map(|_| random.pick(TOKENS)).collect()
}

/// A few bytes changed: most texts that people break are nearly right.
fn broken(random: &mut Random, text: String) -> Vec<u8> {
    let mut text = text.into_bytes();
    for _ in 0..=random.below(3) {
        let at = random.below(text.len() + 1);
        match random.below(4) {
            0 if at < text.len() => {
                text.remove(at);
            }
            1 if at < text.len() => text[at] = random.pick(b" \t\n\r:-?,[]{}#&*!|>'\"%@`~0a\x00\x07\x7f\x80\xc2\xff"),
            2 => {
                let (from, to) = (random.below(text.len() + 1), at);
                let piece = text[from.min(to)..from.max(to)].to_vec();
                text.splice(at..at, piece);
            }
            _ => {
                text.splice(at..at, random.pick(TOKENS).bytes());
            }
        }
    }
    text.truncate(1 << 14);
    text
}

fn encoded(random: &mut Random, text: Vec<u8>) -> Vec<u8> {
    let wide = |bytes: fn(u16) -> [u8; 2], mark: bool| {
        let text = String::from_utf8_lossy(&text);
        let mark = mark.then_some(0xfeff);
        mark.into_iter().chain(text.encode_utf16()).flat_map(bytes).collect()
    };
    match random.below(60) {
        0 => ["\u{feff}".as_bytes(), &text].concat(),
        1 => wide(u16::to_le_bytes, true),
        2 => wide(u16::to_be_bytes, true),
        3 => wide(u16::to_le_bytes, false),
        4 => {
            let mut text: Vec<u8> = wide(u16::to_be_bytes, true);
            text.truncate(random.below(text.len() + 1));
            text
        }
        _ => text,
    }
}
