//! The first page: the battery in words and as a drawing, and everything there is to read.

use super::drawing::Drawing;
use super::energy::Energy;
use super::{Frame, Reader, direction_of, rendered};
use crate::web::answer::Page;
use crate::web::origin::{Origin, link_path};
use askama::Template;
use content_store::library::{Library, Lookup, PackId, PackKind, PackSummary};
use flate2::Compression;
use std::sync::{Arc, Mutex, PoisonError};

/// Cards on one page.
const CARDS: usize = 24;
/// Pages that are kept: five languages, a few hosts, what changes within a minute.
const KEPT: usize = 16;

/// A card: one pack.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Card {
    pub(crate) url: String,
    pub(crate) title: String,
    pub(crate) description: String,
    /// BCP 47, or empty.
    pub(crate) language: String,
    /// How the language calls itself, or its tag.
    pub(crate) language_name: String,
    pub(crate) direction: &'static str,
    /// Name of the drawing in the template.
    pub(crate) drawing: &'static str,
    /// The starter pack.
    pub(crate) starter: bool,
}

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage<'a> {
    frame: Frame<'a>,
    headline: String,
    details: Vec<String>,
    notices: Vec<String>,
    /// For who looks through a phone's small window: what to open in a browser.
    browser: Option<String>,
    drawing: Drawing,
    cards: Vec<Card>,
    /// Paths of the page before and after this one.
    before: Option<usize>,
    after: Option<usize>,
}

/// What decides a first page wholly: equal keys, equal pages.
#[derive(Debug, Clone, PartialEq)]
struct Key {
    language: String,
    origin: Origin,
    energy: Energy,
    page: usize,
    window: bool,
}

/// The pages made last. Forty children who open the portal in one minute cost one rendering.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    pages: Mutex<Vec<Made>>,
}

/// A page, what decided it, and the catalogue that it shows.
#[derive(Debug)]
struct Made {
    key: Key,
    packs: Arc<[PackSummary]>,
    page: Page,
}

impl Kept {
    fn find(&self, key: &Key, packs: &Arc<[PackSummary]>) -> Option<Page> {
        let pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        let found = pages
            .iter()
            .find(|made| made.key == *key && Arc::ptr_eq(&made.packs, packs));
        found.map(|made| made.page.clone())
    }

    fn keep(&self, key: Key, packs: Arc<[PackSummary]>, page: Page) {
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        pages.retain(|made| Arc::ptr_eq(&made.packs, &packs) && made.key != key);
        if pages.len() >= KEPT {
            pages.remove(0);
        }
        pages.push(Made { key, packs, page });
    }
}

/// The page if it was made before; else `None`, and [`made`] makes it.
pub(crate) fn kept(
    kept: &Kept,
    reader: &Reader<'_>,
    energy: &Energy,
    page: usize,
    library: &Library,
) -> Option<Page> {
    kept.find(&key(reader, energy, page), &library.packs())
}

/// Makes the first page. Blocks: it looks into the starter pack.
pub(crate) fn made(
    kept: &Kept,
    reader: &Reader<'_>,
    energy: &Energy,
    page: usize,
    library: &Library,
) -> Page {
    let packs = library.packs();
    let starter = starter_path(library, reader.words.tag());
    let made = Page::new(
        html(reader, energy, &packs, starter.as_deref(), page),
        Compression::default(),
    );
    kept.keep(key(reader, energy, page), packs, made.clone());
    made
}

fn key(reader: &Reader<'_>, energy: &Energy, page: usize) -> Key {
    let (language, origin) = (reader.words.tag().to_owned(), reader.origin.clone());
    Key {
        language,
        origin,
        energy: energy.clone(),
        page,
        window: reader.wishes.window,
    }
}

/// Pure: the page as text. `page` counts from 0; one behind the last shows the last.
pub(crate) fn html(
    reader: &Reader<'_>,
    energy: &Energy,
    packs: &[PackSummary],
    starter: Option<&str>,
    page: usize,
) -> String {
    let mut all = cards(reader, packs, starter);
    let page = page.min(all.len().saturating_sub(1) / CARDS);
    let after = (all.len() > (page + 1) * CARDS).then_some(page + 1);
    let cards = all.drain(page * CARDS..).take(CARDS).collect();
    rendered(&HomePage {
        headline: energy.headline(&reader.words),
        details: energy.details(&reader.words),
        notices: reader.notices(energy),
        browser: reader.wishes.window.then(|| reader.origin.portal()),
        drawing: Drawing::of(energy),
        cards,
        before: page.checked_sub(1),
        after,
        frame: Frame::new(reader, "/"),
    })
}

/// The starter pack first, then what is in the reader's language, then the rest, each by title as the catalogue has them.
fn cards(reader: &Reader<'_>, packs: &[PackSummary], starter: Option<&str>) -> Vec<Card> {
    let tag = reader.words.tag();
    let mut packs: Vec<&PackSummary> = packs.iter().collect();
    packs.sort_by_key(
        |pack| match (is_starter(pack, tag), same_language(&pack.language, tag)) {
            (true, _) => 0,
            (false, true) => 1,
            (false, false) => 2,
        },
    );
    packs
        .into_iter()
        .map(|pack| card(reader, pack, starter))
        .collect()
}

fn card(reader: &Reader<'_>, pack: &PackSummary, starter: Option<&str>) -> Card {
    let base = reader.origin.pack(pack.id.as_str());
    let many_tongued = pack.id.as_str() == "start";
    let (path, title, description, language) = match starter.filter(|_| many_tongued) {
        Some(path) => {
            let words = &reader.words;
            (
                path,
                words.text("start-title"),
                words.text("start-text"),
                words.tag(),
            )
        }
        None => (
            "",
            pack.title.clone(),
            pack.description.clone(),
            pack.language.as_str(),
        ),
    };
    let own = reader
        .languages
        .names()
        .find(|(tag, _, _)| same_language(tag, language));
    Card {
        url: base + &link_path(path),
        title,
        description,
        language: language.to_owned(),
        language_name: own.map_or_else(|| language.to_owned(), |(_, name, _)| name),
        direction: if language.is_empty() {
            "auto"
        } else {
            direction_of(language)
        },
        drawing: drawing_of(pack),
        starter: is_starter(pack, reader.words.tag()),
    }
}

fn drawing_of(pack: &PackSummary) -> &'static str {
    match pack.kind {
        _ if pack.id.as_str() == "start" || pack.id.as_str().starts_with("start-") => "hand",
        PackKind::Zim => "book",
        PackKind::Folder => "lamp",
    }
}

fn is_starter(pack: &PackSummary, tag: &str) -> bool {
    let id = pack.id.as_str();
    id == "start" || (id.starts_with("start-") && same_language(&pack.language, tag))
}

fn same_language(one: &str, other: &str) -> bool {
    let first = |tag: &str| {
        tag.split('-')
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase()
    };
    !one.is_empty() && first(one) == first(other)
}

/// The starter pack's page in the reader's language, where it has one.
fn starter_path(library: &Library, tag: &str) -> Option<String> {
    let pack = library.pack(&PackId::new("start")?)?;
    let there = |path: &String| {
        matches!(
            pack.lookup(path),
            Ok(Lookup::Found(_) | Lookup::Redirect(_))
        )
    };
    [format!("{tag}/"), format!("{tag}/index.html")]
        .into_iter()
        .find(there)
}
