//! The console blocks of a page of the documentation: each command is run, and what it says is held against the page.
//!
//! A block is fenced as `console`. A line that begins with `$ ` is a command, which goes on in the next line after a
//! backslash; what follows is what it prints, on either stream. With `UPDATE_DOCS` in the environment the page is
//! written anew instead.

use std::fs;
use std::path::Path;

/// Runs the commands of a page in order. `run` gives what a command printed.
pub(crate) fn walk(page: &Path, mut run: impl FnMut(&str) -> String) {
    let text = fs::read_to_string(page).unwrap_or_else(|error| panic!("{}: {error}", page.display()));
    let walked = replayed(&text, &mut run);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(page, walked).unwrap();
        return;
    }
    let lines = text.lines().zip(walked.lines()).enumerate();
    if let Some((line, (written, said))) = lines.into_iter().find(|(_, (written, said))| written != said) {
        panic!(
            "{} line {}: the page says\n  {written}\nand the command says\n  {said}\n(UPDATE_DOCS=1 writes the page anew)",
            page.display(),
            line + 1
        );
    }
    assert_eq!(text.lines().count(), walked.lines().count(), "{}", page.display());
}

/// The page with what its commands print now.
fn replayed(page: &str, run: &mut impl FnMut(&str) -> String) -> String {
    let mut out = String::new();
    let mut lines = page.lines();
    let mut inside = false;
    while let Some(line) = lines.next() {
        if !inside || line == "```" {
            inside = line == "```console";
            push(&mut out, line);
            continue;
        }
        let Some(first) = line.strip_prefix("$ ") else {
            // What the command before printed when the page was written.
            continue;
        };
        push(&mut out, line);
        let mut command = first.to_owned();
        while command.ends_with('\\') {
            let next = lines.next().expect("a line after a backslash");
            push(&mut out, next);
            command = format!("{command}\n{next}");
        }
        for said in run(&command).trim_end().lines() {
            push(&mut out, said.trim_end());
        }
    }
    out
}

fn push(out: &mut String, line: &str) {
    out.push_str(line);
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::replayed;

    #[test]
    fn what_a_command_prints_takes_the_place_of_what_stands_below_it() {
        let page = "# Title\n```sh\n$ never run\n```\n```console\n$ one \\\n  more\nold\nolder\n$ two\n```\nend\n";
        let mut ran = Vec::new();
        let walked = replayed(page, &mut |command| {
            ran.push(command.to_owned());
            format!("new {}\n\n", ran.len())
        });
        assert_eq!(ran, ["one \\\n  more", "two"]);
        let expected =
            "# Title\n```sh\n$ never run\n```\n```console\n$ one \\\n  more\nnew 1\n$ two\nnew 2\n```\nend\n";
        assert_eq!(walked, expected);
    }
}
