//! What is kept, what can be read back, and what the schemas of those who read `JUnit` files have in common.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::super::fixture;
use super::*;

/// Elements, where each may stand, and the attributes it must have; it may have those after the bar, too.
const GRAMMAR: [(&str, &[&str], &str); 9] = [
    ("testsuites", &[""], "name tests failures errors | skipped"),
    ("testsuite", &["testsuites"], "name tests failures errors | skipped"),
    ("properties", &["testsuite"], "|"),
    ("property", &["properties"], "name value |"),
    ("testcase", &["testsuite"], "name classname |"),
    ("skipped", &["testcase"], "message |"),
    ("failure", &["testcase"], "message type |"),
    ("error", &["testcase"], "message type |"),
    ("system-out", &["testcase"], "|"),
];

fn written() -> String {
    fixture::written(&Junit, &fixture::report())
}

#[test]
fn every_rule_that_spoke_is_a_case() {
    fixture::assert_kept(&written(), "junit.xml");
}

#[test]
fn it_can_be_read_back() {
    let read = Xml::deserialize_from_str(&written()).unwrap();
    let suites: Vec<(&str, usize, usize, usize)> = read
        .test_suites
        .iter()
        .map(|suite| (suite.name.as_str(), suite.tests, suite.failures, suite.errors))
        .collect();
    assert_eq!(
        suites,
        [
            ("input", 1, 0, 1),
            ("team <b>/evil, inc: 100%", 4, 1, 0),
            ("team-a/calm", 3, 0, 0)
        ]
    );
    assert_eq!((read.tests, read.failures, read.errors), (8, 1, 1));
}

#[test]
fn elements_and_attributes_are_those_that_readers_know() {
    let text = written();
    let mut reader = Reader::from_str(&text);
    let mut open: Vec<String> = Vec::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Start(element) => {
                assert_known(&element, open.last());
                open.push(name(&element));
            }
            Event::Empty(element) => assert_known(&element, open.last()),
            Event::End(_) => {
                open.pop();
            }
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(open, Vec::<String>::new());
}

fn assert_known(element: &BytesStart<'_>, parent: Option<&String>) {
    let name = name(element);
    let (_, parents, attributes) = GRAMMAR.iter().find(|(known, ..)| *known == name).expect(&name);
    assert!(
        parents.contains(&parent.map_or("", String::as_str)),
        "{name} in {parent:?}"
    );
    let (must, may) = attributes.split_once('|').unwrap();
    let attributes = element
        .attributes()
        .map(|attribute| String::from_utf8(attribute.unwrap().key.0.to_vec()).unwrap());
    let attributes: Vec<String> = attributes.collect();
    assert!(
        must.split_whitespace()
            .all(|must| attributes.iter().any(|has| has == must)),
        "{name}: {attributes:?}"
    );
    let known: Vec<&str> = must.split_whitespace().chain(may.split_whitespace()).collect();
    assert!(
        attributes.iter().all(|has| known.contains(&has.as_str())),
        "{name}: {attributes:?}"
    );
}

fn name(element: &BytesStart<'_>) -> String {
    String::from_utf8(element.name().0.to_vec()).unwrap()
}
