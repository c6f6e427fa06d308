//! What is written: maps and lists with all that people put between them.

use proptest::prelude::*;

/// A value.
#[derive(Debug, Clone)]
pub(super) enum Node {
    /// As it stands in the text.
    Scalar(&'static str),
    /// A block of text.
    Block(&'static str),
    Map {
        braces: bool,
        entries: Vec<Entry>,
    },
    List {
        brackets: bool,
        items: Vec<Node>,
    },
    Alias,
}

/// A key with its value.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) quotes: &'static str,
    pub(super) anchored: bool,
    pub(super) above: Above,
    /// Whether a comment stands behind it.
    pub(super) beside: bool,
    pub(super) value: Node,
}

/// What stands on the lines above an entry.
#[derive(Debug, Clone, Copy)]
pub(super) enum Above {
    Nothing,
    Blank,
    Comment,
    /// Farther to the right than what it is about.
    Indented,
    /// Where the line begins.
    Left,
}

fn scalar() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "",
        "1",
        "-3",
        "1.5",
        "true",
        "no",
        "~",
        "null",
        "text",
        "two words",
        "a/b-c_d",
        "'it''s'",
        "\"tab\\t\"",
        "'# none'",
        "\"a: b\"",
        "x#y",
        "\"\"",
        "0o17",
    ])
}

pub(super) fn entry(value: impl Strategy<Value = Node>) -> impl Strategy<Value = Entry> {
    let above = prop::sample::select(vec![
        Above::Nothing,
        Above::Nothing,
        Above::Nothing,
        Above::Blank,
        Above::Comment,
        Above::Indented,
        Above::Left,
    ]);
    let quotes = prop::sample::select(vec!["", "", "", "'", "\""]);
    (
        quotes,
        prop::bool::weighted(0.1),
        above,
        prop::bool::weighted(0.3),
        value,
    )
        .prop_map(|(quotes, anchored, above, beside, value)| Entry {
            quotes,
            anchored,
            above,
            beside,
            value,
        })
}

pub(super) fn node() -> impl Strategy<Value = Node> {
    let leaf = prop_oneof![
        12 => scalar().prop_map(Node::Scalar),
        1 => prop::sample::select(vec!["|", "|-", "|+", ">"]).prop_map(Node::Block),
        1 => Just(Node::Alias),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let entries = prop::collection::vec(entry(inner.clone()), 0..5);
        prop_oneof![
            4 => (prop::bool::weighted(0.25), entries).prop_map(|(braces, entries)| Node::Map { braces, entries }),
            1 => (prop::bool::weighted(0.4), prop::collection::vec(inner, 0..4))
                .prop_map(|(brackets, items)| Node::List { brackets, items }),
        ]
    })
}
