//! YAML as people write it: blocks and braces, quotes, anchors and aliases, comments in odd places, two line ends.

use std::fmt::Write;

use proptest::prelude::*;

use crate::tree::{Above, Entry, Node, entry, node};

/// What a comment begins with, so that every one can be told from all others.
const MARK: &str = "#c";

/// The comments of a text, in order.
pub(super) fn comments(text: &str) -> Vec<&str> {
    let words = text.split([' ', '\t', '\n', '\r', '\u{feff}']);
    words.filter(|word| word.starts_with(MARK)).collect()
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
