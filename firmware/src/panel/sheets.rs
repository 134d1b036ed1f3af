//! The card and the playbooks, ready to be printed: marks at their places on A4, in millimetres, from the same table. Pure.

use super::drawing::WIDE;
use super::page::{Column, Page, WIDTH};
use super::words::{Told, Words};
use super::{ROWS, Row};
use crate::welcome::drawing::HIGH;
use crate::welcome::{Faces, Paper, Sheet};

/// The card: every state with its lights, what is seen and what it means.
#[must_use]
pub fn card(words: &Words, faces: &Faces, paper: Paper) -> Sheet {
    const ROW: f64 = 19.6;
    const DRAWN: f64 = 17.2;
    let mut page = Page::new(&words.tag, words.rtl, faces);
    page.text(&words.title, Column::WHOLE, 8.0);
    page.skip(1.0);
    page.fit(&words.how, Column::WHOLE, 4.0, 2);
    let first = page.y + 1.0;
    let wide = DRAWN * WIDE / HIGH;
    let beside = Column {
        from: wide + 5.0,
        wide: WIDTH - wide - 5.0,
    };
    let mut top = first;
    for (row, told) in ROWS.iter().zip(&words.states) {
        page.rule(top);
        if let Some(sight) = row.sights.first() {
            page.draw(*sight, top + (ROW - DRAWN) / 2.0, DRAWN, 0.0);
        }
        page.y = top + 1.3;
        page.fit(&told.seen, beside, 4.7, 1);
        page.skip(0.6);
        page.fit(&told.means, beside, 4.0, 2);
        top += ROW;
    }
    page.rule(top);
    page.y = top + 1.0;
    page.fit(&words.legend, Column::WHOLE, 3.3, 2);
    page.fit(&words.button, Column::WHOLE, 3.3, 1);
    page.sheet(words.title.clone(), paper)
}

/// The playbook of one state: what is seen, what it means, what to do, when to call.
#[must_use]
pub fn playbook(row: &Row, words: &Words, faces: &Faces, paper: Paper) -> Sheet {
    let mut page = Page::new(&words.tag, words.rtl, faces);
    let blank = Told {
        seen: String::new(),
        means: String::new(),
        who: String::new(),
        steps: Vec::new(),
        call: String::new(),
    };
    let told = words.told(row).unwrap_or(&blank);
    page.text(&told.seen, Column::WHOLE, 10.0);
    page.skip(5.0);
    page.pictures(row.sights);
    page.text(&words.legend, Column::WHOLE, 4.0);
    let [means, to_do, when] = &words.heads;
    page.head(means);
    page.text(&told.means, Column::WHOLE, 6.5);
    page.head(to_do);
    page.text(&told.who, Column::WHOLE, 5.0);
    page.skip(2.0);
    for (number, step) in &told.steps {
        page.step(number, step);
    }
    page.head(when);
    page.text(&told.call, Column::WHOLE, 6.5);
    page.sheet(told.seen.clone(), paper)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;
    use crate::texts::Languages;
    use crate::welcome::sheet::{A4, Line, Mark};

    fn texts(sheet: &Sheet) -> Vec<&Line> {
        let marks = sheet.marks.iter();
        marks
            .filter_map(|mark| match mark {
                Mark::Text(line) => Some(line),
                Mark::Stroke(..) => None,
            })
            .collect()
    }

    /// Nothing leaves the paper, and no type is too small to be read, in any language.
    #[test]
    fn every_sheet_keeps_to_its_paper() {
        let faces = Faces::own();
        for words in Words::of_all(&Languages::load()) {
            assert_eq!(words.lack(&faces), None, "{}", words.tag);
            let books = ROWS
                .iter()
                .map(|row| playbook(row, &words, &faces, Paper::A4));
            for sheet in books.chain([card(&words, &faces, Paper::A4)]) {
                for line in texts(&sheet) {
                    let wide = faces.width(&line.text, line.rtl) * line.size;
                    let what = format!("{}: {line:?}", sheet.title);
                    assert!(wide <= WIDTH + 0.01, "{what}");
                    assert!(line.at.1 <= A4.1 - 8.0, "{what}");
                    assert!(line.size >= 3.0, "{what}");
                }
            }
        }
    }

    /// The card in words, in all languages; whoever changes the table or a text reads what becomes of it.
    #[test]
    fn every_playbook_in_every_language() {
        for words in Words::of_all(&Languages::load()) {
            let mut text = format!("{}\n{}\n", words.title, words.how);
            for (row, told) in ROWS.iter().zip(&words.states) {
                text += &format!(
                    "\n{} — {}\n{}\n{}\n",
                    row.name, told.seen, told.means, told.who
                );
                for (number, step) in &told.steps {
                    text += &format!("{number} {step}\n");
                }
                text += &format!("{}\n", told.call);
            }
            insta::assert_snapshot!(format!("playbooks-{}", words.tag), text);
        }
    }

    #[test]
    fn the_card_draws_every_state() {
        let words = Words::of_all(&Languages::load());
        let english = words.iter().find(|words| words.tag == "en").unwrap();
        let sheet = card(english, &Faces::own(), Paper::A5);
        assert_eq!(sheet.size, (148.0, 210.0));
        let said: Vec<&str> = texts(&sheet)
            .iter()
            .map(|line| line.text.as_str())
            .collect();
        for told in &english.states {
            assert!(said.contains(&told.seen.as_str()), "{}", told.seen);
        }
    }
}
