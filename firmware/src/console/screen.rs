//! The screen: at 80x24 a headline, the pages' names, the page between two rules, the keys; on a smaller one the same without ornament.

use super::desk::{BUTTON, Desk, Pending};
use super::doing::Action;
use super::head;
use super::pages::{self, Page};
use super::seen::{Program, Seen};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect, Size};
use ratatui::symbols::border;
use ratatui::text::Line;
use ratatui::widgets::{Block, Borders, Clear, Paragraph};
use std::time::Duration;

/// Below it the short form is drawn.
const WHOLE: Size = Size::new(60, 12);
/// Lines around the page in the whole form: headline, names, two rules, keys.
const AROUND: u16 = 5;
/// In the short form: headline and keys.
const AROUND_SHORT: u16 = 2;

const ASCII: border::Set<'_> = border::Set {
    top_left: "+",
    top_right: "+",
    bottom_left: "+",
    bottom_right: "+",
    vertical_left: "|",
    vertical_right: "|",
    horizontal_top: "-",
    horizontal_bottom: "-",
};

fn is_whole(size: Size) -> bool {
    size.width >= WHOLE.width && size.height >= WHOLE.height
}

/// Lines of a page that a screen of `size` has room for.
#[must_use]
pub(super) fn room(size: Size) -> usize {
    let around = if is_whole(size) { AROUND } else { AROUND_SHORT };
    usize::from(size.height.saturating_sub(around)).max(1)
}

/// The page's lines as a screen of `size` shows them.
#[must_use]
pub(super) fn wrapped(page: Page, seen: &Seen, size: Size) -> Vec<String> {
    let width = usize::from(size.width).max(1);
    let lines = pages::lines(page, seen);
    lines.iter().flat_map(|line| wrap(line, width)).collect()
}

/// At words, where there are any; what follows the first line is set in.
fn wrap(line: &str, width: usize) -> Vec<String> {
    if line.chars().count() <= width {
        return vec![line.to_owned()];
    }
    let indent = if width >= 40 { "  " } else { "" };
    let mut lines = vec![String::new()];
    for word in line.split_inclusive(' ') {
        let last = lines.last().map_or(0, |line| line.chars().count());
        if last > indent.len() && last + word.trim_end().chars().count() > width {
            lines.push(indent.to_owned());
        }
        for letter in word.chars() {
            if lines
                .last()
                .is_some_and(|line| line.chars().count() >= width)
            {
                if letter == ' ' {
                    break;
                }
                lines.push(indent.chars().take(width - 1).collect());
            }
            if let Some(line) = lines.last_mut() {
                line.push(letter);
            }
        }
    }
    lines
}

/// Draws it all.
pub(super) fn draw(frame: &mut Frame<'_>, desk: &Desk, seen: &Seen) {
    let area = frame.area();
    let lines = wrapped(desk.page, seen, area.as_size());
    if is_whole(area.as_size()) {
        draw_whole(frame, desk, seen, &lines);
    } else {
        draw_short(frame, desk, seen, &lines);
    }
    // A VT100 cannot hide it: out of the way.
    frame.set_cursor_position((area.width - 1, area.height - 1));
}

fn draw_whole(frame: &mut Frame<'_>, desk: &Desk, seen: &Seen, lines: &[String]) {
    let rows = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Min(3),
        Constraint::Length(1),
    ]);
    let [head, names, body, keys] = rows.areas(frame.area());
    let columns = usize::from(frame.area().width);
    say(frame, head, head::line(seen, columns));
    say(frame, names, names_of_pages(desk.page));
    let room = room(frame.area().as_size());
    let count = lines.len().div_ceil(room).max(1);
    let below = match (&desk.notice, count) {
        (Some(notice), _) if is_long(notice, frame.area().width) => String::new(),
        (Some(notice), _) => format!(" {notice} "),
        (None, 1) => String::new(),
        (None, count) => format!(" part {} of {count} ", desk.top / room + 1),
    };
    let block = Block::new()
        .borders(Borders::TOP | Borders::BOTTOM)
        .border_set(ASCII)
        .title_top(format!("-- {} ", desk.page.title()))
        .title_bottom(format!("--{below}"));
    let inner = block.inner(body);
    frame.render_widget(block, body);
    show(frame, inner, lines, desk.top);
    show_long_notice(frame, inner, desk);
    say(frame, keys, bottom(desk, seen, count > 1));
}

fn is_long(notice: &str, width: u16) -> bool {
    notice.chars().count() + "--  -".len() > usize::from(width)
}

/// One that the rule has no room for stands above it, over the end of the page.
fn show_long_notice(frame: &mut Frame<'_>, page: Rect, desk: &Desk) {
    let Some(notice) = &desk.notice else { return };
    if !is_long(notice, frame.area().width) {
        return;
    }
    let lines = wrap(notice, usize::from(page.width));
    let height = u16::try_from(lines.len()).map_or(page.height, |lines| lines.min(page.height));
    let area = Rect::new(page.x, page.bottom() - height, page.width, height);
    frame.render_widget(Clear, area);
    show(frame, area, &lines, 0);
}

fn draw_short(frame: &mut Frame<'_>, desk: &Desk, seen: &Seen, lines: &[String]) {
    let area = frame.area();
    let row = |y: u16| Rect::new(0, y.min(area.height - 1), area.width, 1);
    let columns = usize::from(area.width);
    say(frame, row(0), head::in_brief(seen, columns));
    if area.height > AROUND_SHORT {
        let body = Rect::new(0, 1, area.width, area.height - AROUND_SHORT);
        let told = desk
            .notice
            .as_deref()
            .or(question_of_words(desk))
            .map(|said| wrap(said, usize::from(area.width)));
        match told {
            Some(said) => show(frame, body, &said, 0),
            None => show(frame, body, lines, desk.top),
        }
    }
    if area.height > 1 {
        let keys = match desk.pending {
            Pending::Sure(action) => format!("{}? y/n", action.command()),
            Pending::Words(_) => end_of(&format!("> {}", desk.typed), area.width),
            Pending::Button(..) if desk.progress.is_some() => {
                desk.progress.clone().unwrap_or_default()
            }
            Pending::Button(_, since) => format!("BUTTON! {} s", left(since, seen.now)),
            Pending::Nothing => {
                let actions: String = actions_of(desk.page, seen)
                    .map(|(key, _)| format!(" {key}"))
                    .collect();
                format!("1-9 {} n{actions} l", desk.page.command())
            }
        };
        say(frame, row(area.height - 1), keys);
    }
}

/// The words are asked for where the page stands: the last line has room for what is typed alone.
const fn question_of_words(desk: &Desk) -> Option<&'static str> {
    match desk.pending {
        Pending::Words(action) => Some(action.question()),
        Pending::Nothing | Pending::Sure(_) | Pending::Button(..) => None,
    }
}

/// What was typed last is what one wants to see.
fn end_of(typed: &str, width: u16) -> String {
    let over = typed.chars().count().saturating_sub(width.into());
    typed.chars().skip(over).collect()
}

fn say(frame: &mut Frame<'_>, area: Rect, text: String) {
    frame.render_widget(Line::from(text), area);
}

fn show(frame: &mut Frame<'_>, area: Rect, lines: &[String], top: usize) {
    let shown = lines.iter().skip(top).take(usize::from(area.height));
    let text: Vec<Line<'_>> = shown.map(|line| Line::from(line.as_str())).collect();
    frame.render_widget(Paragraph::new(text), area);
}

fn names_of_pages(shown: Page) -> String {
    let mut line = String::new();
    let mut behind = ' ';
    for (page, number) in Page::ALL.into_iter().zip(1..) {
        let before = if page == shown { '[' } else { behind };
        behind = if page == shown { ']' } else { ' ' };
        line.push(before);
        line.push_str(&format!("{number} {}", page.name()));
    }
    line.push(behind);
    line
}

/// One key per action; a question and its answer in their place.
fn bottom(desk: &Desk, seen: &Seen, more: bool) -> String {
    match desk.pending {
        Pending::Sure(action) => {
            return format!("{}  y yes   any other key no", action.question());
        }
        Pending::Words(action) => return format!("{} {}", action.question(), desk.typed),
        Pending::Button(action, _) if desk.progress.is_some() => {
            let said = desk.progress.as_deref().unwrap_or_default();
            return format!("{}: {said}", action.place().2);
        }
        Pending::Button(action, since) => {
            return format!("{}; {} s left", action.press(), left(since, seen.now));
        }
        Pending::Nothing => {}
    }
    let mut keys = "1-9 page".to_owned();
    if more {
        keys.push_str("  n more  b back");
    }
    for (key, name) in actions_of(desk.page, seen) {
        keys.push_str(&format!("  {key} {name}"));
    }
    keys.push_str("  l line mode  Ctrl-L draw anew");
    if desk.may_quit {
        keys.push_str("  q quit");
    }
    keys
}

/// Only the box's program does any of them.
fn actions_of(page: Page, seen: &Seen) -> impl Iterator<Item = (char, &'static str)> {
    let runs = matches!(seen.program, Program::Runs(..));
    let places = Action::ALL.into_iter().filter(move |_| runs);
    places
        .map(Action::place)
        .filter_map(move |(at, key, name)| (at == page).then_some((key, name)))
}

fn left(since: Duration, now: Duration) -> u64 {
    BUTTON.saturating_sub(now.saturating_sub(since)).as_secs()
}
