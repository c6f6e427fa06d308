use alloc::boxed::Box;
use alloc::string::ToString;
use alloc::vec::Vec;

use rstest::rstest;
use serde_json::json;

use super::*;

fn path(dotted: &str) -> Vec<String> {
    dotted.split('.').map(String::from).collect()
}

fn set(text: &str, at: &str, value: Value) -> Result<String, Refused> {
    let edit = Edit {
        path: path(at),
        act: Act::Set(value),
    };
    apply(text, &edit)
}

fn remove(text: &str, at: &str) -> Result<String, Refused> {
    let edit = Edit {
        path: path(at),
        act: Act::Remove,
    };
    apply(text, &edit)
}

#[rstest]
#[case::plain("a: 1 # why\n", "a: 3 # why\n")]
#[case::text("a: one\n", "a: 3\n")]
#[case::quoted("a: \"1\"\n", "a: 3\n")]
#[case::empty("a:\nb: 1\n", "a: 3\nb: 1\n")]
#[case::empty_with_comment("a: # why\n", "a: 3 # why\n")]
#[case::anchored("a: &x 1\n", "a: &x 3\n")]
#[case::anchored_empty("a: &x\n", "a: &x 3\n")]
#[case::flow("{a: 1, b: 2}\n", "{a: 3, b: 2}\n")]
#[case::json("{\"a\":1}", "{\"a\":3}")]
#[case::crlf("a: 1\r\nb: 2\r\n", "a: 3\r\nb: 2\r\n")]
#[case::quoted_key("'a': 1", "'a': 3")]
#[case::unended("b: 2\na: 1", "b: 2\na: 3")]
#[case::explicit("? a\n: 1\n", "? a\n: 3\n")]
#[case::empty_braces("a: {}\n", "a: 3\n")]
fn a_value_is_replaced_in_its_place(#[case] text: &str, #[case] edited: &str) {
    assert_eq!(set(text, "a", json!(3)).as_deref(), Ok(edited));
}

#[rstest]
#[case("a: one\n", "a: x/y\n")]
#[case("a: 'one'\n", "a: 'x/y'\n")]
#[case("a: \"one\"\n", "a: \"x/y\"\n")]
#[case("a: 1\n", "a: x/y\n")]
fn a_text_keeps_its_quotes(#[case] text: &str, #[case] edited: &str) {
    assert_eq!(set(text, "a", json!("x/y")).as_deref(), Ok(edited));
}

#[rstest]
#[case("true", "a: \"true\"\n")]
#[case("12:30", "a: \"12:30\"\n")]
#[case("no", "a: \"no\"\n")]
#[case("a b", "a: \"a b\"\n")]
#[case("ghcr.io/a:1", "a: ghcr.io/a:1\n")]
#[case("", "a: \"\"\n")]
fn a_text_that_could_be_something_else_is_quoted(#[case] value: &str, #[case] edited: &str) {
    assert_eq!(set("a: 1\n", "a", json!(value)).as_deref(), Ok(edited));
}

#[rstest]
#[case::sibling("a:\n  b: 1 # one\n  # after\nz: 1\n", "a:\n  b: 1 # one\n  c: 3\n  # after\nz: 1\n")]
#[case::no_line_end("a:\n    b: 1", "a:\n    b: 1\n    c: 3")]
#[case::crlf("a:\r\n  b: 1\r\n", "a:\r\n  b: 1\r\n  c: 3\r\n")]
#[case::behind_a_block("a:\n  b: |\n    x\n\nz: 1\n", "a:\n  b: |\n    x\n\n  c: 3\nz: 1\n")]
#[case::parents("z:\n   y: 1\n", "z:\n   y: 1\na:\n   c: 3\n")]
#[case::flow("a: {b: 1}\n", "a: {b: 1, c: 3}\n")]
#[case::empty_flow("a: {} # none\n", "a: {c: 3} # none\n")]
#[case::null("a: null # none\nb: 1\n", "a: # none\n  c: 3\nb: 1\n")]
#[case::nothing("a:\nb: 1\n", "a:\n  c: 3\nb: 1\n")]
#[case::json("{\"a\": {\"b\": 1}}\n", "{\"a\": {\"b\": 1, \"c\": 3}}\n")]
#[case::json_lines(
    "{\n  \"a\": {\n    \"b\": 1\n  }\n}\n",
    "{\n  \"a\": {\n    \"b\": 1,\n    \"c\": 3\n  }\n}\n"
)]
#[case::empty_json("{\n  \"a\": {}\n}\n", "{\n  \"a\": {\"c\": 3}\n}\n")]
fn a_missing_key_comes_behind_its_siblings(#[case] text: &str, #[case] edited: &str) {
    assert_eq!(set(text, "a.c", json!(3)).as_deref(), Ok(edited));
}

#[test]
fn a_whole_tree_is_written_in_the_style_of_the_text() {
    let value = json!({"x": [{"k": "v", "l": [1]}], "z": {}});
    let edited = set("a:\n    b: 1\n    l:\n      - 1\n", "a.c", value.clone());
    let wanted = "a:\n    b: 1\n    l:\n      - 1\n    c:\n        x:\n          - k: v\n            l:\n              - 1\n        z: {}\n";
    assert_eq!(edited.as_deref(), Ok(wanted));
    let edited = set("{\n\t\"a\": {\n\t\t\"b\": 1\n\t}\n}", "a.c", value);
    let wanted = "{\n\t\"a\": {\n\t\t\"b\": 1,\n\t\t\"c\": {\n\t\t\t\"x\": [\n\t\t\t\t{\n\t\t\t\t\t\"k\": \"v\",\n\t\t\t\t\t\"l\": [\n\
                  \t\t\t\t\t\t1\n\t\t\t\t\t]\n\t\t\t\t}\n\t\t\t],\n\t\t\t\"z\": {}\n\t\t}\n\t}\n}";
    assert_eq!(edited.as_deref(), Ok(wanted));
}

#[rstest]
#[case("a:\n- 1\nb: 1\n", "a:\n- 1\n- x: \"2\"\nb: 1\n")]
#[case("a: [1]\n", "a: [1, {x: \"2\"}]\n")]
#[case("{\"a\": [{\"b\": 1}]}", "{\"a\": [{\"b\": 1}, {\"x\":\"2\"}]}")]
fn an_item_comes_behind_the_others(#[case] text: &str, #[case] edited: &str) {
    assert_eq!(set(text, "a.-", json!({"x": "2"})).as_deref(), Ok(edited));
}

#[rstest]
#[case::line("a:\n  b: 1\n  c: 2\n", "a:\n  c: 2\n")]
#[case::comment("a:\n  b: 1 # why\n  c: 2\n", "a:\n  # why\n  c: 2\n")]
#[case::comments_between(
    "a:\n  c: 2\n  b:\n    # in\n    - 1 # one\n  # after\n",
    "a:\n  c: 2\n  # in\n  # one\n  # after\n"
)]
#[case::last("a:\n  b: 1\nz: 1\n", "a: {}\nz: 1\n")]
#[case::last_with_comment("a: # what\n  b: 1 # why\nz: 1\n", "a: {} # what\n  # why\nz: 1\n")]
#[case::block("a:\n  b: |  # text\n    # no comment\n\n  c: 1\n", "a:\n  # text\n  c: 1\n")]
#[case::flow("a: {b: 1, c: 2}\n", "a: {c: 2}\n")]
#[case::flow_last("a: {c: 2, b: 1}\n", "a: {c: 2}\n")]
#[case::flow_alone("a: {b: 1}\n", "a: {}\n")]
#[case::json_lines("{\"a\": {\n  \"c\": 1,\n  \"b\": 1\n}}\n", "{\"a\": {\n  \"c\": 1\n}}\n")]
#[case::unended("a:\n  c: 1\n  b: 1", "a:\n  c: 1\n")]
fn a_key_goes_and_its_comments_stay(#[case] text: &str, #[case] edited: &str) {
    assert_eq!(remove(text, "a.b").as_deref(), Ok(edited));
}

#[rstest]
#[case("a:\n- 1 # one\n- 2\n", "a:\n# one\n- 2\n")]
#[case("a:\n  - x: 1\n    y: 2\n  - 2\n", "a:\n  - 2\n")]
#[case("a:\n- 1\n", "a: []\n")]
#[case("a: [1, 2]\n", "a: [2]\n")]
fn an_item_goes(#[case] text: &str, #[case] edited: &str) {
    assert_eq!(remove(text, "a.0").as_deref(), Ok(edited));
}

#[rstest]
#[case::alias("x: &x {b: 1}\na: *x\n", "it stands behind an alias", 2)]
#[case::anchor(
    "a: &x\n  b: 1\nx: *x\n",
    "an alias stands for it elsewhere, where the edit would change something else",
    1
)]
#[case::merge("x: &x {b: 1}\na:\n  <<: *x\n", "it comes from a merge key (<<)", 3)]
#[case::block("a:\n  b: |\n    x\n", "a block of text stands there", 2)]
#[case::tag("a:\n  b: !!int 1\n", "a tag fixes the type of what stands there", 2)]
#[case::twice("a:\n  b: 1\n  b: 2\n", "the key is given twice", 2)]
#[case::value("a: 1\n", "there is a value where a map is needed", 1)]
#[case::list("a:\n  b: [1]\n", "more than one value stands there", 2)]
fn what_is_not_sure_is_refused_with_its_line(#[case] text: &str, #[case] why: &str, #[case] line: usize) {
    let refused = set(text, "a.b", json!(3)).unwrap_err();
    assert_eq!((refused.why.as_ref(), refused.line), (why, Some(line)));
}

#[test]
fn a_key_beside_a_merge_is_set() {
    let text = "x: &x {c: 1}\na:\n  <<: *x\n  b: 1\n";
    assert_eq!(
        set(text, "a.b", json!(3)).as_deref(),
        Ok("x: &x {c: 1}\na:\n  <<: *x\n  b: 3\n")
    );
    assert_eq!(
        set(text, "a.d", json!(3)).as_deref(),
        Ok("x: &x {c: 1}\na:\n  <<: *x\n  b: 1\n  d: 3\n")
    );
}

#[rstest]
#[case(
    "v: |\n  a:\n    b: 1 # one\n\n  z: 1\n",
    "v: |\n  a:\n    b: 1 # one\n    c: 3\n\n  z: 1\n"
)]
#[case("v: |-\n  a:\n    b: 1", "v: |-\n  a:\n    b: 1\n    c: 3")]
#[case(
    "v: |+\r\n  a:\r\n    b: 1\r\n\r\nw: 1\r\n",
    "v: |+\r\n  a:\r\n    b: 1\r\n    c: 3\r\n\r\nw: 1\r\n"
)]
#[case("v: \"a:\\n  b: 1\\n\"\n", "v: \"a:\\n  b: 1\\n  c: 3\\n\"\n")]
#[case("v: '{a: {b: 1}}'\n", "v: '{a: {b: 1, c: 3}}'\n")]
fn a_text_in_a_text_is_edited_where_it_stands(#[case] text: &str, #[case] edited: &str) {
    let inner = Edit {
        path: path("a.c"),
        act: Act::Set(json!(3)),
    };
    let edit = Edit {
        path: path("v"),
        act: Act::Inside(Box::new(inner)),
    };
    assert_eq!(apply(text, &edit).as_deref(), Ok(edited));
}

#[test]
fn a_refusal_in_a_text_names_the_line_of_the_file() {
    let inner = Edit {
        path: path("a.b"),
        act: Act::Set(json!(3)),
    };
    let edit = Edit {
        path: path("v"),
        act: Act::Inside(Box::new(inner)),
    };
    let refused = apply("x: 1\nv: |\n  x: &x 1\n  a:\n    b: *x\n", &edit).unwrap_err();
    assert_eq!(
        (refused.why.as_ref(), refused.line),
        ("it stands behind an alias", Some(5))
    );
}

#[test]
fn documents_are_edited_each_by_itself() {
    let text = "\u{feff}# head\na: 1\n---\n# nothing\n---\n  a: 1\n  b: 2\n...\n---\n{a: 1}\n";
    let mut file = Text::of(text.as_bytes()).unwrap();
    let one = |value: i64| {
        [Edit {
            path: path("a"),
            act: Act::Set(json!(value)),
        }]
    };
    file.edit(1, &one(200)).unwrap();
    file.edit(2, &one(3)).unwrap();
    file.edit(0, &one(10)).unwrap();
    let wanted = "\u{feff}# head\na: 10\n---\n# nothing\n---\n  a: 200\n  b: 2\n...\n---\n{a: 3}\n";
    assert_eq!(file.as_str(), wanted);
    let values: Vec<_> = yaml::documents(wanted.as_bytes())
        .unwrap()
        .into_iter()
        .map(|document| document.value)
        .collect();
    assert_eq!(values, [json!({"a": 10}), json!({"a": 200, "b": 2}), json!({"a": 3})]);
    let refused = file
        .edit(
            1,
            &[Edit {
                path: path("b.c"),
                act: Act::Set(json!(1)),
            }],
        )
        .unwrap_err();
    assert_eq!(refused.line, Some(7));
    assert_eq!(file.as_str(), wanted);
}

#[test]
fn a_text_that_is_read_otherwise_than_written_is_left_alone() {
    for text in [
        b"a: \xff\n".as_slice(),
        b"a: {b:}\n",
        b"a: \"\\'\"\n",
        "a: \u{feff}b\n".as_bytes(),
    ] {
        assert!(Text::of(text).is_err(), "{}", String::from_utf8_lossy(text));
    }
    assert!(Text::of(&[0xff, 0xfe, b'a', 0, b':', 0]).is_err());
}

#[test]
fn no_refusal_quotes_a_value() {
    let refused = set("a: s3cret\n", "a.b", json!(1)).unwrap_err();
    assert!(!refused.to_string().contains("s3cret"));
    assert!(!alloc::format!("{:?}", Text::of(b"a: s3cret\n")).contains("s3cret"));
}
