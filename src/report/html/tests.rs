//! The page as a whole, and that nothing in it comes from elsewhere.

use super::super::fixture;
use super::view::Tone;
use super::*;

fn page() -> String {
    fixture::written(&Html, &fixture::report())
}

/// The page without style and script, which no manifest can change.
fn body() -> String {
    page().replace(STYLE, "").replace(SCRIPT, "")
}

/// The tags of the page, as `name attribute="…"`.
fn tags(page: &str) -> Vec<&str> {
    let after = page.split('<').skip(1);
    after.map(|rest| rest.split_once('>').expect("a tag ends").0).collect()
}

/// Without the texts of the table, and without style and script, which the hashes stand for.
#[test]
fn it_is_what_it_was() {
    let mut body = body();
    for column in View::of(&fixture::report()).columns {
        body = body.replace(column.rule.title, "TITLE");
    }
    let (before, rules) = body.split_once("<h2 id=\"rules\">").unwrap();
    let (_, after) = rules.split_once("</section>").unwrap();
    fixture::assert_kept(&format!("{before}RULES</section>{after}"), "report.html");
}

#[test]
fn every_element_is_closed_where_it_was_opened() {
    const ALONE: [&str; 6] = ["!DOCTYPE", "meta", "input", "br", "wbr", "rect"];
    let body = body();
    let mut open = Vec::new();
    for tag in tags(&body) {
        let name = tag.split([' ', '/']).next().unwrap();
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name));
        } else if !ALONE.contains(&name) {
            open.push(name);
        }
    }
    assert_eq!(open, Vec::<&str>::new());
}

#[test]
fn text_of_manifests_stays_text() {
    let body = body();
    assert!(body.contains("&#60;script&#62;alert(1)&#60;/script&#62;"), "{body}");
    let scripts = tags(&body).into_iter().filter(|tag| tag.starts_with("script"));
    assert_eq!(scripts.collect::<Vec<_>>(), ["script"]);
    assert!(!body.contains(|character: char| words::moves(character) && character != '\n'));
    // Quotes end attributes; handlers and styles in attributes would need no script element.
    for tag in tags(&body) {
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
        let names: String = tag.split('"').step_by(2).collect();
        assert!(!names.contains(" on") && !names.contains(" style="), "{tag}");
    }
}

#[test]
fn nothing_is_fetched() {
    let page = page();
    for loads in ["src=", "url(", "@import", "http:", "https:", "<link", "<iframe", "<img"] {
        assert!(!page.contains(loads), "{loads}");
    }
    for link in tags(&page).iter().filter_map(|tag| tag.split_once("href=\"")) {
        assert!(link.1.starts_with('#'), "{link:?}");
    }
}

#[test]
fn the_policy_lets_this_style_and_this_script_pass() {
    let page = page();
    for (element, directive) in [("style", "style-src"), ("script", "script-src")] {
        let (_, rest) = page.split_once(&format!("<{element}>")).unwrap();
        let (text, _) = rest.split_once(&format!("</{element}>")).unwrap();
        let allowed = format!("{directive} &#39;sha256-{}&#39;", STANDARD.encode(Sha256::digest(text)));
        assert!(page.contains(&allowed), "{allowed}");
    }
}

#[test]
fn every_link_leads_somewhere() {
    let page = page();
    let targets: Vec<&str> = tags(&page)
        .into_iter()
        .filter_map(|tag| tag.split_once("href=\"#"))
        .map(|(_, rest)| rest.split('"').next().unwrap())
        .collect();
    assert!(targets.len() > 10, "{targets:?}");
    for target in targets {
        assert_eq!(page.matches(&format!(" id=\"{target}\"")).count(), 1, "{target}");
    }
}

#[test]
fn the_matrix_has_a_cell_for_each_rule_that_spoke() {
    let report = fixture::report();
    let view = View::of(&report);
    let columns: Vec<(&str, Tone, usize)> = view
        .columns
        .iter()
        .map(|column| (column.rule.id, column.tone, column.count))
        .collect();
    assert_eq!(
        columns,
        [
            ("ha-embedded-db", Tone::Deny, 2),
            ("img-rewrite", Tone::Warn, 1),
            ("sch-priority", Tone::Info, 1),
            ("etcd-deploy-scale", Tone::Exempt, 1),
        ]
    );
    let rows: Vec<_> = view
        .rows()
        .map(|(number, card)| {
            (
                number,
                card.cells
                    .iter()
                    .map(|cell| cell.map(|cell| (cell.tone, cell.count, cell.first)))
                    .collect::<Vec<_>>(),
            )
        })
        .collect();
    let cells = [
        (Tone::Deny, 2, 0),
        (Tone::Warn, 1, 2),
        (Tone::Info, 1, 3),
        (Tone::Exempt, 1, 4),
    ];
    assert_eq!(rows, [(0, cells.map(Some).to_vec())]);
}

#[test]
fn the_bar_is_whole() {
    let report = fixture::fleet(7);
    let slices = View::of(&report).slices();
    let shown: Vec<(&str, usize, usize, usize)> = slices
        .iter()
        .map(|slice| (slice.class, slice.count, slice.start, slice.width))
        .collect();
    assert_eq!(shown, [("deny", 4, 0, 571), ("clean", 3, 571, 429)]);
}

#[test]
fn much_that_could_not_be_read_is_folded() {
    let lines_and_folds = |count: usize| {
        let mut report = Report::new();
        report.incomplete = (0..count).map(|number| format!("{number}.yaml line 1")).collect();
        let page = fixture::written(&Html, &report);
        let (section, _) = page.split_once("</section>").unwrap();
        (section.matches("<li>").count(), section.matches("<details").count())
    };
    assert_eq!(lines_and_folds(10), (10, 0));
    assert_eq!(lines_and_folds(11), (11, 1));
}
