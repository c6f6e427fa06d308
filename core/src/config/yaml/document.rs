//! Manifests: several documents, read as kubectl and Helm read them.

use alloc::vec::Vec;
use core::fmt;

use serde_json::Value;

use super::{Content, Tree, View, compose, events, text, tree::Numbers};
use crate::config::ParseError;
use crate::object::tokens;

/// One document of a manifest file. It may be a Secret, so its `Debug` shows no value.
pub struct Document {
    /// Its content; of equal keys the last one counts.
    pub value: Value,
    /// 1-based line where the content begins.
    pub line: usize,
    tree: Tree,
}

/// All documents of a text, empty ones left out.
pub fn documents(text: &[u8]) -> Result<Vec<Document>, ParseError> {
    let trees = events::over(text::decode(text), |events| {
        let mut raw = Vec::new();
        while let Some(document) = compose::document(events)? {
            raw.push(document);
        }
        Ok(raw)
    })?;
    let mut documents = Vec::new();
    for raw in trees {
        let tree = Tree::read_lenient(raw)?;
        let value = tree.root().to_json(Numbers::Literal);
        if !value.is_null() {
            let line = tree.root().line().unwrap_or(1);
            documents.push(Document { value, line, tree });
        }
    }
    Ok(documents)
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Document")
            .field("line", &self.line)
            .finish_non_exhaustive()
    }
}

impl Document {
    /// 1-based line of the value at a JSON pointer (RFC 6901), or of its nearest ancestor that is there.
    #[must_use]
    pub fn line_of(&self, pointer: &str) -> usize {
        self.find(pointer).1
    }

    /// 1-based line in the file of the 1-based `line` of the text at a JSON pointer. A text whose lines are not lines of
    /// the file (base64, quoted, folded) has the line where it stands.
    #[must_use]
    pub fn line_in_text(&self, pointer: &str, line: usize) -> usize {
        let (view, at) = self.find(pointer);
        match view.line().filter(|_| view.is_literal()) {
            // The text begins below its `|`.
            Some(start) => start.saturating_add(line),
            None => at,
        }
    }

    fn find(&self, pointer: &str) -> (View<'_>, usize) {
        let mut view = self.tree.root();
        let mut line = self.line;
        for token in tokens(pointer) {
            let (next, at) = match view.content() {
                Content::Map(entries) => {
                    let found = entries.binary_search_by(|entry| entry.key.as_str().cmp(&token));
                    let Some(entry) = found.ok().and_then(|at| entries.get(at)) else {
                        break;
                    };
                    (view.at(entry.value), entry.line())
                }
                Content::List(items) => {
                    let Some(item) = token.parse::<usize>().ok().and_then(|at| items.get(at)) else {
                        break;
                    };
                    (view.at(*item), view.at(*item).line())
                }
                Content::Scalar(_) => break,
            };
            view = next;
            line = at.unwrap_or(line);
        }
        (view, line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_manifest_is_a_stream_of_documents_and_the_last_of_equal_keys_counts() {
        let docs = documents(b"---\n# nothing\n---\nkind: A\nkind: B\n---\n{kind: C}\n...\n").unwrap();
        let values: Vec<_> = docs.iter().map(|doc| (doc.value.clone(), doc.line)).collect();
        assert_eq!(values, [(json!({"kind": "B"}), 4), (json!({"kind": "C"}), 7)]);
    }

    #[test]
    fn a_pointer_has_a_line() {
        let docs = documents(b"a:\n  b/c:\n  - 1\n  -\n    d: 2\n").unwrap();
        assert_eq!(docs[0].line_of("/a/b~1c/1/d"), 5);
        assert_eq!(docs[0].line_of("/a/b~1c/1/e"), 5);
        assert_eq!(docs[0].line_of("/a/x/y"), 1);
        assert_eq!(docs[0].line_of(""), 1);
    }

    #[test]
    fn a_line_of_a_text_has_a_line() {
        let docs = documents(b"a: |\n\n  x: 1\n  y: 2\nb: 'x'\nc: >\n  x\n  y\nd: &d |\n  z\ne: *d\n").unwrap();
        assert_eq!(docs[0].line_in_text("/a", 3), 4);
        assert_eq!(docs[0].line_in_text("/b", 1), 5);
        assert_eq!(docs[0].line_in_text("/c", 2), 6);
        assert_eq!(docs[0].line_in_text("/d", 1), 10);
        assert_eq!(docs[0].line_in_text("/e", 1), 11);
    }

    #[test]
    fn a_broken_manifest_names_its_line() {
        let error = documents(b"a: 1\n---\nb: [1\nc: 2\n").unwrap_err();
        assert!(error.line.is_some_and(|line| line >= 3), "{error:?}");
    }
}
