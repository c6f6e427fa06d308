//! Documents as people write them: blocks, with flow collections, anchors and comments in between.

use super::scalar;
use crate::random::Random;

/// Deep enough for any rule of indentation, far from any limit of depth.
const DEEPEST: usize = 5;
/// A document of blocks.
pub(super) fn text(random: &mut Random) -> String {
    let mut writer = Writer {
        random,
        text: String::new(),
        anchors: 0,
    };
    writer.document();
    writer.text
}

/// A document that is being written.
struct Writer<'r> {
    random: &'r mut Random,
    text: String,
    anchors: usize,
}

impl Writer<'_> {
    fn document(&mut self) {
        let directive = [
            "",
            "",
            "",
            "",
            "",
            "",
            "---\n",
            "--- ",
            "%YAML 1.1\n---\n",
            "# c\n",
            "\n",
        ];
        self.text += self.random.pick(&directive);
        self.block(0, DEEPEST);
        let end = [
            "\n",
            "\n",
            "\n",
            "",
            "\n...\n",
            "\n---\n",
            "\n--- x\n",
            "\n# c",
            "\n\n",
            " \n",
        ];
        self.text += self.random.pick(&end);
    }

    /// A value that may be a block, at a column; the cursor is at the beginning of a line, at this column.
    fn block(&mut self, column: usize, depth: usize) {
        match self.random.below(if depth == 0 { 2 } else { 8 }) {
            0 => self.inline(column, depth),
            1 => self.text += &scalar::any(self.random),
            2 | 3 => self.sequence(column, depth - 1),
            _ => self.mapping(column, depth - 1),
        }
    }

    fn mapping(&mut self, column: usize, depth: usize) {
        for entry in 0..=self.random.below(4) {
            if entry > 0 {
                self.line(column);
            }
            if self.random.once_in(15) {
                self.text += "? ";
                self.block(column + 2, depth.saturating_sub(2));
                self.line(column);
                self.text += ": ";
                self.inline(column, depth);
                continue;
            }
            if self.random.once_in(25) {
                self.properties();
            }
            self.text += &scalar::key(self.random);
            self.text += self.random.pick(&[":", ":", ":", ":", ":", ":", " :", ":\t"]);
            self.value(column, depth, true);
        }
    }

    fn sequence(&mut self, column: usize, depth: usize) {
        for item in 0..=self.random.below(3) {
            if item > 0 {
                self.line(column);
            }
            self.text.push('-');
            if self.random.once_in(2) {
                self.text.push(' ');
                self.block(column + 2, depth);
            } else {
                self.value(column, depth, false);
            }
        }
    }

    /// What follows `key:` or `-`.
    fn value(&mut self, column: usize, depth: usize, may_stay: bool) {
        if self.random.once_in(12) {
            return;
        }
        if depth > 0 && self.random.once_in(2) {
            if self.random.once_in(6) {
                self.text.push(' ');
                self.properties();
            }
            if self.random.once_in(10) {
                self.text += " # c";
            }
            // A sequence may begin in the column of its key.
            let deeper = if may_stay && self.random.once_in(3) {
                0
            } else {
                self.random.pick(&[1, 2, 2, 2, 4])
            };
            self.line(column + deeper);
            if deeper == 0 {
                self.sequence(column, depth - 1);
            } else {
                self.block(column + deeper, depth);
            }
        } else {
            self.text += self.random.pick(&[" ", " ", " ", " ", "  ", "\t"]);
            self.inline(column, depth);
            if self.random.once_in(15) {
                self.text += self.random.pick(&[" # c", " #", "#c", " ", "\t# c"]);
            }
        }
    }

    /// A value that begins on this line.
    fn inline(&mut self, column: usize, depth: usize) {
        if self.random.once_in(10) {
            self.properties();
        }
        match self.random.below(12) {
            0 | 1 => self.flow(depth.min(3)),
            2 => self.text += &scalar::block(self.random, column),
            3 if self.anchors > 0 => self.alias(),
            _ => self.text += &scalar::any(self.random),
        }
    }

    fn flow(&mut self, depth: usize) {
        let is_map = self.random.once_in(2);
        self.text.push(if is_map { '{' } else { '[' });
        for entry in 0..self.random.below(4) {
            if entry > 0 {
                self.text += self.random.pick(&[",", ", ", ", ", " , ", ",\n   "]);
            }
            if is_map || self.random.once_in(6) {
                self.text += &scalar::key(self.random);
                self.text += self.random.pick(&[": ", ": ", ": ", ":", "", " : "]);
            }
            match self.random.below(8) {
                0 if depth > 0 => self.flow(depth - 1),
                1 if self.anchors > 0 => self.alias(),
                2 => self.properties(),
                _ => self.text += &scalar::any(self.random),
            }
        }
        self.text += self.random.pick(&["", "", "", ",", " "]);
        self.text.push(if is_map { '}' } else { ']' });
    }

    fn properties(&mut self) {
        if self.random.once_in(2) {
            self.anchors += 1;
            self.text += self.random.pick(&["&a0 ", "&a1 ", "&a2 "]);
        }
        if self.random.once_in(2) {
            self.text += scalar::tag(self.random);
        }
    }

    fn alias(&mut self) {
        self.text += self.random.pick(&["*a0", "*a1", "*a2"]);
    }

    fn line(&mut self, column: usize) {
        self.text += self
            .random
            .pick(&["\n", "\n", "\n", "\n", "\n", "\n", "\n", "\n\n", "\r\n", "\n# c\n"]);
        self.text += &" ".repeat(column);
        if self.random.once_in(120) {
            self.text += self.random.pick(&[" ", "\t"]);
        }
    }
}
