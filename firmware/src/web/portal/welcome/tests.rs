#![allow(clippy::unwrap_used, reason = "tests")]

use super::super::tests::reader;
use super::*;
use crate::web::texts::Languages;

const KEY: &str = "48213-90577-11604-73928";

fn facts(phrase: Option<&str>) -> Facts {
    Facts {
        network: "School-7F3A".to_owned(),
        phrase: phrase.map(str::to_owned),
        address: "http://school.internal/".to_owned(),
        notice: None,
    }
}

/// Pages of every language: how many codes stand there, whether the key can be read or scanned, whether the sheet is offered, how much is to be minded.
#[test]
fn the_key_is_on_the_page_of_who_may_read_it_and_on_no_other() {
    let languages = Languages::load();
    for (tag, _, _) in languages.names() {
        let reader = reader(&languages, tag);
        for (phrase, admitted, codes, key, sheet, notices) in [
            (Some(KEY), true, 2, true, true, 0),
            (Some(KEY), false, 1, false, false, 1),
            (None, true, 2, false, true, 1),
            (None, false, 2, false, true, 1),
        ] {
            let facts = facts(phrase);
            let page = html(&reader, &facts, admitted).unwrap();
            let name = reader.words.text("welcome-join-code");
            let scanned = svg::code(&Code::of(&facts.code_text()).unwrap(), &name);
            assert_eq!(page.matches("class=\"code\"").count(), codes, "{tag}");
            assert_eq!(page.contains(KEY), key, "{tag}");
            assert_eq!(page.contains(&scanned), codes == 2, "{tag}");
            assert_eq!(page.contains("/welcome.pdf"), sheet, "{tag}");
            assert_eq!(page.matches("class=\"note\"").count(), notices, "{tag}");
            assert!(page.contains("School-7F3A"), "{tag}");
        }
    }
}

#[test]
fn a_name_that_is_markup_is_text() {
    let languages = Languages::load();
    let facts = Facts {
        network: "\"><script>alert(1)</script>".to_owned(),
        ..facts(Some(KEY))
    };
    let page = html(&reader(&languages, "en"), &facts, true).unwrap();
    assert!(!page.contains("<script"), "{page}");
}
