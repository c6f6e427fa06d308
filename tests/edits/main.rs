//! An edit in place changes what it names, and not a byte else, however the text is written.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test may stop at what must hold"
)]

mod tree;
mod written;

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::Config;
use serde_json::{Value, json};
use vcluster_guard_core::config::yaml;
use vcluster_guard_core::edit::{Act, Edit, Text};

use written::{comments, file};

/// What an edit is to do, before the text is known that it is done to.
#[derive(Debug, Clone)]
enum Wish {
    Replace(Value),
    Add(Vec<&'static str>, Value),
    Remove,
}

fn wish() -> impl Strategy<Value = Wish> {
    let value = || {
        prop::sample::select(vec![
            json!(7),
            json!(true),
            json!("Retain"),
            json!("yes"),
            json!("a: b # c"),
            json!("loft-sh/vcluster-oss"),
        ])
    };
    let tree = prop_oneof![3 => value(), 1 => Just(json!({"k": {"l": [1, {"m": "n"}]}, "o": []}))];
    let names = prop::sample::select(vec![vec!["added"], vec!["added", "below", "that"]]);
    prop_oneof![
        3 => value().prop_map(Wish::Replace),
        3 => (names, tree).prop_map(|(names, tree)| Wish::Add(names, tree)),
        3 => Just(Wish::Remove),
    ]
}

/// Every path in a value, from the top.
fn paths(value: &Value, here: &[String], found: &mut Vec<(Vec<String>, Value)>) {
    found.push((here.to_vec(), value.clone()));
    let mut below = |name: String, value: &Value| paths(value, &[here, &[name]].concat(), found);
    match value {
        Value::Object(map) => map.iter().for_each(|(name, value)| below(name.clone(), value)),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(index, value)| below(index.to_string(), value)),
        _ => {}
    }
}

/// The edit of some place that the wish fits, if there is one.
fn edit(wish: &Wish, document: &Value, at: Index) -> Option<Edit> {
    let mut all = Vec::new();
    paths(document, &[], &mut all);
    let fits = |(path, value): &(Vec<String>, Value)| match wish {
        Wish::Replace(_) => !path.is_empty() && !value.is_object() && !value.is_array(),
        Wish::Add(..) => value.is_object(),
        Wish::Remove => !path.is_empty(),
    };
    all.retain(fits);
    if all.is_empty() {
        return None;
    }
    let (mut path, _) = all.swap_remove(at.index(all.len()));
    let act = match wish {
        Wish::Replace(value) => Act::Set(value.clone()),
        Wish::Add(names, value) => {
            path.extend(names.iter().map(ToString::to_string));
            Act::Set(value.clone())
        }
        Wish::Remove => Act::Remove,
    };
    Some(Edit { path, act })
}

/// The same done to a value, in other words than those of the editor.
fn done(document: &Value, edit: &Edit) -> Value {
    let mut document = document.clone();
    let (last, parents) = edit.path.split_last().expect("no edit is of the whole document");
    let mut place = &mut document;
    for name in parents {
        if place.is_null() {
            *place = json!({});
        }
        place = match place {
            Value::Array(items) => &mut items[name.parse::<usize>().unwrap()],
            map => &mut map[name.as_str()],
        };
    }
    match (&edit.act, place) {
        (Act::Set(value), Value::Array(items)) => items[last.parse::<usize>().unwrap()] = value.clone(),
        (Act::Set(value), map) => map[last.as_str()] = value.clone(),
        (Act::Remove, Value::Array(items)) => drop(items.remove(last.parse().unwrap())),
        (Act::Remove, map) => drop(map.as_object_mut().unwrap().remove(last)),
        (Act::Inside(_), _) => unreachable!("not wished for"),
    }
    document
}

fn values(text: &str) -> Vec<Value> {
    let documents = yaml::documents(text.as_bytes()).expect("the text is YAML");
    documents.into_iter().map(|document| document.value).collect()
}

/// How many lines of the first text are not the second's, before and behind what differs.
fn lines_that_differ(old: &str, new: &str) -> usize {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.split_inclusive('\n').collect(), new.split_inclusive('\n').collect());
    let before = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let most = old.len().min(new.len()) - before;
    let after = old
        .iter()
        .rev()
        .zip(new.iter().rev())
        .take(most)
        .take_while(|(a, b)| a == b)
        .count();
    old.len() - before - after
}

/// What cannot be edited surely may be refused; anything else must not be.
fn may_be_refused(text: &str, wish: &Wish) -> bool {
    let odd = text.contains(['*', '|', '>']);
    odd || matches!(wish, Wish::Remove) && (text.contains("- ") || text.contains('{') || text.contains('['))
}

proptest! {
    // What fails here becomes a case of the editor's own tests, so no seeds are kept.
    #![proptest_config(Config { failure_persistence: None, ..Config::with_cases(512) })]

    #[test]
    fn an_edit_changes_what_it_names_and_nothing_else(
        text in file(),
        wish in wish(),
        (document, at) in any::<(Index, Index)>(),
    ) {
        let before = values(&text);
        let mut edited = Text::of(text.as_bytes()).expect("it is read as it is written");
        let number = document.index(before.len());
        let Some(edit) = edit(&wish, &before[number], at) else { return Ok(()) };
        if let Err(refused) = edited.edit(number, std::slice::from_ref(&edit)) {
            prop_assert_eq!(edited.as_str(), &text);
            let only = before[number].as_object().is_some_and(|map| map.len() == 1);
            prop_assert!(may_be_refused(&text, &wish) || only, "{refused}: {edit:?} {:?}", edit.path);
            return Ok(());
        }
        let after = values(edited.as_str());
        for (index, (before, after)) in before.iter().zip(&after).enumerate() {
            let meant = if index == number { done(before, &edit) } else { before.clone() };
            prop_assert_eq!(&meant, after);
        }
        prop_assert_eq!(comments(&text), comments(edited.as_str()));
        if !matches!(wish, Wish::Remove) {
            prop_assert!(lines_that_differ(&text, edited.as_str()) <= 1, "{}", edited.as_str());
        }
        // What is so already is left as it is.
        if let Act::Set(_) = edit.act {
            let mut again = edited.clone();
            again.edit(number, std::slice::from_ref(&edit)).ok();
            prop_assert_eq!(values(again.as_str()), after);
        }
    }

    #[test]
    fn any_text_is_edited_or_refused(text in ".{0,64}", path in prop::collection::vec("[a-z0-9-]{0,2}", 0..4)) {
        for act in [Act::Set(json!(1)), Act::Set(json!({"a": [1]})), Act::Remove] {
            if let Ok(mut text) = Text::of(text.as_bytes()) {
                let _refused = text.edit(0, &[Edit { path: path.clone(), act }]);
            }
        }
    }
}
