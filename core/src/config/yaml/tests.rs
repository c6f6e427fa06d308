//! Whole texts through the YAML layer, one habit of Go's each.

use super::{Numbers, Tree};
use crate::config::ParseError;
use alloc::{format, string::String};
use serde_json::{Value, json};

fn read(text: &str) -> Result<Value, ParseError> {
    Tree::read(text.as_bytes()).map(|tree| tree.root().to_json(Numbers::Literal))
}

fn refusal(text: &str) -> (String, Option<usize>) {
    let error = read(text).unwrap_err();
    (error.message, error.line)
}

#[test]
fn merges_join_maps_without_overlap() {
    let text = "a: &a {x: 1}\nb: &b {w: 2}\nc: {<<: [*a, *b], z: 3}\n";
    assert_eq!(read(text).unwrap()["c"], json!({"w": 2, "x": 1, "z": 3}));
    assert_eq!(
        refusal("a: &a {x: 1}\nb: {<<: *a, x: 2}\n").0,
        "the same key is given twice"
    );
    assert_eq!(refusal("a: &a [1]\nb: {<<: *a}\n").1, Some(2));
}

#[test]
fn a_key_is_the_same_only_within_its_type() {
    assert_eq!(
        refusal("a:\n  1: x\n  0x1: z\n"),
        ("the same key is given twice".into(), Some(3))
    );
    assert_eq!(read("1: x\n'2': z\n").unwrap(), json!({"1": "x", "2": "z"}));
    assert!(read("~: x").is_err());
}

#[test]
fn a_key_is_measured_in_characters() {
    let key = |length: usize| "é\u{1d4b3}a".chars().cycle().take(length).collect::<String>();
    for (open, close) in [("", ""), ("{", "}"), ("# ü\n\"", "\"")] {
        let text = |length: usize| match close {
            "\"" => format!("{open}{}\": !!str # é\n  ü\n", key(length)),
            _ => format!("{open}{}: ü{close}\n", key(length)),
        };
        assert_eq!(read(&text(1000)).unwrap(), json!({key(1000): "ü"}), "{open}");
        assert!(read(&text(1025)).is_err(), "{open}");
    }
}

#[test]
fn an_alias_of_itself_is_refused() {
    assert_eq!(refusal("a: &a [*a]\n").0, "an anchor holds an alias of itself");
}

#[test]
fn aliases_may_not_be_almost_everything() {
    let mut text = String::from("a: &a [x, x, x, x, x, x, x, x, x]\n");
    for (from, to) in [('a', 'b'), ('b', 'c'), ('c', 'd'), ('d', 'e')] {
        let aliases = alloc::vec![format!("*{from}"); 9].join(", ");
        let line = format!("{to}: &{to} [{aliases}]\n");
        text.push_str(&line);
    }
    assert_eq!(refusal(&text).0, "the text consists of aliases almost entirely");
}

#[test]
fn long_aliases_stay_within_bounds() {
    let text = format!(
        "a: &a {}\nb: [{}]\n",
        "x".repeat(100_000),
        alloc::vec!["*a"; 500].join(",")
    );
    assert_eq!(refusal(&text).0, "the aliases expand to too much text");
}

#[test]
fn depth_ends_at_ten_thousand_and_costs_no_stack() {
    let nested = |depth: usize| "- ".repeat(depth) + "x";
    assert!(read(&nested(10_000)).is_ok());
    assert_eq!(refusal(&nested(10_001)).0, "the text is nested too deeply");
}

#[test]
fn flow_collections_may_not_cost_more_than_ten_thousand_that_are_opened_and_closed() {
    let nested = |depth: usize, items: usize| ["[".repeat(depth), "a,".repeat(items), "]".repeat(depth)].concat();
    assert!(read(&nested(10_000, 0)).is_ok());
    assert!(read(&nested(100, 400_000)).is_ok());
    assert_eq!(refusal(&nested(4_000, 20_000)).0, "the text is nested too deeply");
    assert_eq!(refusal(&nested(200, 400_000)).0, "the text is nested too deeply");
    assert_eq!(refusal(&"{a: ".repeat(10_000)).0, "the text is nested too deeply");
}

#[test]
fn deep_block_collections_cost_the_parser_nothing_more() {
    let text = [
        "- ".repeat(3_000),
        "x\n".into(),
        " ".repeat(5_998),
        "- [".into(),
        "y,".repeat(60_000),
        "]\n".into(),
    ]
    .concat();
    assert!(read(&text).is_ok());
}

#[test]
fn an_empty_collection_as_the_first_key_ends_the_document() {
    assert_eq!(read("{}: 1\nb: [\n").unwrap(), json!({}));
    assert!(read("a: 1\n{}: 2\n").is_err());
    assert!(read("? {}\n: 1\n").is_err());
}

#[test]
fn what_follows_the_first_document_is_not_read() {
    assert_eq!(read("a: 1\n---\n[broken").unwrap(), json!({"a": 1}));
    assert_eq!(read("---\n---\na: 1").unwrap(), Value::Null);
    assert_eq!(read("").unwrap(), Value::Null);
}

#[test]
fn a_block_scalar_may_end_with_the_text() {
    assert_eq!(read("a: |\n x").unwrap(), json!({"a": "x"}));
    assert_eq!(read("a: |+\n x\n  ").unwrap(), json!({"a": "x\n "}));
    assert_eq!(read("a: |\n  x\n    \n ").unwrap(), json!({"a": "x\n  \n"}));
}

#[test]
fn go_knows_other_escapes_than_the_parser() {
    assert_eq!(read(r#"["a\'b", "\\/", "\'"]"#).unwrap(), json!(["a'b", "\\/", "'"]));
    assert!(read(r#""\/""#).is_err());
}

#[test]
fn a_colon_before_an_indicator_is_a_letter() {
    assert_eq!(
        read("{a:, b: [c:, d::], e: f:}").unwrap(),
        json!({"a:": null, "b": ["c:", "d::"], "e": "f:"})
    );
    assert_eq!(read("[\u{feff}\u{e000}a:]").unwrap(), json!(["\u{feff}\u{e000}a:"]));
}

#[test]
fn a_question_mark_ends_a_plain_scalar_of_a_flow_collection() {
    assert!(read("{a: [http://b?c=d]}").is_err());
    assert!(read("[{}, a?]").is_err());
    assert_eq!(
        read("a: {? b : '?', \"c?\": 1}\nd?: [1]\ne: f?").unwrap(),
        json!({"a": {"b": "?", "c?": 1}, "d?": [1], "e": "f?"})
    );
}

#[test]
fn a_lone_exclamation_mark_makes_a_string() {
    assert_eq!(read("[! 3, &a ! 4, &b 5]").unwrap(), json!(["3", "4", 5]));
}

#[test]
fn an_error_at_the_end_is_on_the_last_line() {
    assert_eq!(refusal("a: [").1, Some(1));
    assert_eq!(refusal("a: 1\r\nb: [\r\n").1.map(|line| line <= 3), Some(true));
}
