//! YAML as people write it: blocks and braces, quotes, anchors and aliases, comments in odd places, two line ends.

use std::fmt::Write;

use proptest::prelude::*;

/// What a comment begins with, so that every one can be told from all others.
const MARK: &str = "#c";

/// The comments of a text, in order.
pub(super) fn comments(text: &str) -> Vec<&str> {
    let words = text.split([' ', '\t', '\n', '\r', '\u{feff}']);
    words.filter(|word| word.starts_with(MARK)).collect()
}

#[derive(Debug, Clone)]
enum Node {
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

#[derive(Debug, Clone)]
struct Entry {
    quotes: &'static str,
    anchored: bool,
    above: Above,
    /// Whether a comment stands behind it.
    beside: bool,
    value: Node,
}

/// What stands on the lines above an entry.
#[derive(Debug, Clone, Copy)]
enum Above {
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

fn entry(value: impl Strategy<Value = Node>) -> impl Strategy<Value = Entry> {
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

fn node() -> impl Strategy<Value = Node> {
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

/// A file of one or more documents.
pub(super) fn file() -> impl Strategy<Value = String> {
    let entries = prop::collection::vec(entry(node()), 1..5);
    let style = (
        2_usize..5,
        any::<bool>(),
        any::<bool>(),
        prop::bool::weighted(0.8),
        prop::bool::weighted(0.1),
    );
    (prop::collection::vec(entries, 1..4), style).prop_map(|(documents, (step, dented, crlf, ended, mark))| {
        let mut page = Page {
            step,
            dented,
            ..Page::default()
        };
        for (number, entries) in documents.iter().enumerate() {
            if number > 0 {
                page.text.push_str("---");
                page.comment(true);
                page.text.push('\n');
            }
            page.names.clear();
            page.entries(entries, 0, false);
        }
        let text = if ended {
            page.text.as_str()
        } else {
            page.text.trim_end_matches('\n')
        };
        let text = if crlf {
            text.replace('\n', "\r\n")
        } else {
            text.to_owned()
        };
        if mark { format!("\u{feff}{text}") } else { text }
    })
}

/// A text while it is written.
#[derive(Default)]
struct Page {
    text: String,
    /// By how much maps are indented.
    step: usize,
    /// Whether lists are.
    dented: bool,
    comments: usize,
    anchors: usize,
    /// Anchors that an alias may name by now.
    names: Vec<usize>,
}

impl Page {
    fn comment(&mut self, wanted: bool) {
        if wanted {
            self.comments += 1;
            let _ = write!(self.text, " {MARK}{}\tsays: \"why\" {{", self.comments);
        }
    }

    fn above(&mut self, above: Above, column: usize) {
        let indent = match above {
            Above::Nothing => return,
            Above::Blank => {
                self.text.push('\n');
                return;
            }
            Above::Comment => column,
            // Not so far that it is a line of a block before it.
            Above::Indented => column + 1,
            Above::Left => 0,
        };
        self.comments += 1;
        let _ = writeln!(self.text, "{}{MARK}{} stands here", " ".repeat(indent), self.comments);
    }

    /// `first`: the first of them goes on where the line is.
    fn entries(&mut self, entries: &[Entry], column: usize, first: bool) {
        for (number, entry) in entries.iter().enumerate() {
            if number > 0 || !first {
                self.above(entry.above, column);
                self.text.push_str(&" ".repeat(column));
            }
            let _ = write!(self.text, "{0}k{number}{0}:", entry.quotes);
            self.value(entry, column);
        }
    }

    fn value(&mut self, entry: &Entry, column: usize) {
        let name = entry.anchored && !matches!(entry.value, Node::Alias);
        if name {
            self.anchors += 1;
            let _ = write!(self.text, " &a{}", self.anchors);
        }
        let anchor = self.anchors;
        match &entry.value {
            Node::Map { braces: false, entries } if !entries.is_empty() => {
                self.comment(entry.beside);
                self.text.push('\n');
                self.entries(entries, column + self.step, false);
            }
            Node::List { brackets: false, items } if !items.is_empty() => {
                self.comment(entry.beside);
                self.text.push('\n');
                self.items(items, column + if self.dented { self.step } else { 0 });
            }
            Node::Block(style) => {
                let _ = write!(self.text, " {style}");
                self.comment(entry.beside);
                let indent = " ".repeat(column + self.step);
                let _ = write!(self.text, "\n{indent}a: 1\n\n{indent}# no comment\n");
            }
            value => {
                self.inline(value);
                self.comment(entry.beside);
                self.text.push('\n');
            }
        }
        if name {
            self.names.push(anchor);
        }
    }

    fn items(&mut self, items: &[Node], column: usize) {
        for item in items {
            let _ = write!(self.text, "{}-", " ".repeat(column));
            match item {
                Node::Map { braces: false, entries } if !entries.is_empty() => {
                    self.text.push(' ');
                    self.entries(entries, column + 2, true);
                }
                Node::List { brackets: false, items } if !items.is_empty() => {
                    self.text.push('\n');
                    self.items(items, column + 2);
                }
                Node::Block(_) => self.text.push_str(" 1\n"),
                item => {
                    self.inline(item);
                    self.text.push('\n');
                }
            }
        }
    }

    /// Behind a blank, on the line where the text is.
    fn inline(&mut self, node: &Node) {
        let scalar = match node {
            Node::Scalar("") => return,
            Node::Scalar(text) => *text,
            _ => "",
        };
        self.text.push(' ');
        self.text.push_str(scalar);
        if scalar.is_empty() {
            self.flow(node);
        }
    }

    fn flow(&mut self, node: &Node) {
        match node {
            Node::Scalar("") | Node::Block(_) => self.text.push('1'),
            // In braces go-yaml and its like disagree about these.
            Node::Scalar("two words" | "x#y" | "a/b-c_d") => self.text.push_str("text"),
            Node::Scalar(text) => self.text.push_str(text),
            Node::Alias => match self.names.last() {
                Some(name) => {
                    let _ = write!(self.text, "*a{name}");
                }
                None => self.text.push('1'),
            },
            Node::Map { entries, .. } => {
                self.text.push('{');
                for (number, entry) in entries.iter().enumerate() {
                    let _ = write!(
                        self.text,
                        "{}{1}k{number}{1}: ",
                        if number > 0 { ", " } else { "" },
                        entry.quotes
                    );
                    self.flow(&entry.value);
                }
                self.text.push('}');
            }
            Node::List { items, .. } => {
                self.text.push('[');
                for (number, item) in items.iter().enumerate() {
                    self.text.push_str(if number > 0 { ", " } else { "" });
                    self.flow(item);
                }
                self.text.push(']');
            }
        }
    }
}
