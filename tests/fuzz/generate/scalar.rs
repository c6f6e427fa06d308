//! Scalars: what YAML 1.1 makes numbers, booleans and nothing of, and what only looks like it.

use super::words::{CHARACTERS, DIGITS, KEYS, PLAIN, QUOTED, TAGS};
use crate::random::Random;

/// A scalar on one line, or nearly.
pub(crate) fn any(random: &mut Random) -> String {
    match random.below(10) {
        0 => digits(random),
        1 => characters(random),
        2 | 3 => random.pick(QUOTED).to_owned(),
        4 => format!("'{}'", characters(random).replace('\'', "''")),
        5 => quoted(random),
        _ => random.pick(PLAIN).to_owned(),
    }
}

/// A key, often one that some other key is taken for.
pub(crate) fn key(random: &mut Random) -> String {
    if random.once_in(400) {
        return long(random);
    }
    match random.below(14) {
        0 => any(random),
        1 => digits(random),
        2..4 => random.pick(KEYS).to_owned(),
        // Distinct ones, or most texts would be refused for their duplicates.
        _ => format!("{}{}", random.pick(&["k", "Key", "a.b", "x-"]), random.below(1000)),
    }
}

/// About as long as a key may be.
fn long(random: &mut Random) -> String {
    let length = 1015 + random.below(15);
    random
        .pick(&["a", "éa", "\u{1d4b3}", "a é"])
        .chars()
        .cycle()
        .take(length)
        .collect()
}

pub(crate) fn tag(random: &mut Random) -> &'static str {
    random.pick(TAGS)
}

/// A literal or folded scalar under a column.
pub(crate) fn block(random: &mut Random, column: usize) -> String {
    let mut text = random.pick(&["|", ">"]).to_owned();
    text += random.pick(&["", "", "", "-", "+", "1", "2-", "+2", "0", "9", "-+", " # c", " c"]);
    for _ in 0..random.below(5) {
        let indent = column + random.pick(&[0, 1, 1, 2, 2, 2, 2, 3]);
        let content = random.pick(&["a", "b c", "", "", " d", "- e", "f: 1", "# g", "\th", "'", "é", "..."]);
        text += "\n";
        text += &" ".repeat(indent);
        text += content;
    }
    text
}

/// A text that is one scalar, or a few documents of one.
pub(crate) fn stream(random: &mut Random) -> String {
    let mut text = String::new();
    for _ in 0..=random.below(2) {
        if random.once_in(4) {
            text += tag(random);
        }
        text += &any(random);
        text += random.pick(&["", "\n", "\n", "\n---\n", "\n...\n", " # c\n"]);
    }
    text
}

fn digits(random: &mut Random) -> String {
    (0..=random.below(9)).map(|_| char::from(random.pick(DIGITS))).collect()
}

fn characters(random: &mut Random) -> String {
    (0..random.below(8)).map(|_| random.pick(CHARACTERS)).collect()
}

fn quoted(random: &mut Random) -> String {
    let text = characters(random);
    let text = if random.once_in(4) {
        text
    } else {
        text.replace('\\', "\\\\")
    };
    format!("\"{}\"", text.replace('"', "\\\""))
}
