//! Which serial number each card gets: counted up, or from a list. Pure but for the reading of the list.

use crate::depot::Failure;
use crate::depot::tell::number_of;
use crate::serial::Serial;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

/// No list is longer, bytes: some thirty thousand numbers.
const LARGEST: u64 = 1 << 20;

/// What a list has for the cards of a go.
#[derive(Debug)]
pub(super) struct Listed {
    /// A number for each card.
    pub(super) serials: Vec<Serial>,
    /// The first number that is left for the cards after them.
    pub(super) next: Option<Serial>,
}

/// `cards` numbers from `first` on.
///
/// # Errors
/// There are not so many.
pub(super) fn counted(first: &Serial, cards: usize) -> Result<Vec<Serial>, Failure> {
    let all = std::iter::successors(Some(first.clone()), Serial::next);
    let serials: Vec<Serial> = all.take(cards).collect();
    match serials.len() == cards {
        true => Ok(serials),
        false => Err(Failure::Usage(format!(
            "--serial-from: there is no number for card {}; begin with one that can be counted up, such as SB-0001",
            serials.len() + 1
        ))),
    }
}

/// The first `cards` numbers of the list in the file `path`.
///
/// # Errors
/// It cannot be read, or is no list for them.
pub(super) fn listed(path: &Path, cards: usize) -> Result<Listed, Failure> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes));
    read.map_err(|error| {
        Failure::NotDone(format!(
            "--serials: {} cannot be read ({error}); give a file with a serial number in each line",
            path.display()
        ))
    })?;
    if bytes.len() as u64 > LARGEST {
        return Err(Failure::Usage(format!(
            "--serials: {} is too long for a list of serial numbers; give a file with one in each line",
            path.display()
        )));
    }
    in_list(&String::from_utf8_lossy(&bytes), cards)
        .map_err(|why| Failure::Usage(format!("--serials: {}{why}", path.display())))
}

/// One number a line; blank lines are passed over. All of the list is checked, whatever of it is wanted.
fn in_list(text: &str, cards: usize) -> Result<Listed, String> {
    let mut found: Vec<(usize, Serial)> = Vec::new();
    let text = text.trim_start_matches('\u{feff}');
    for (place, line) in text.lines().enumerate() {
        let (place, word) = (place + 1, line.trim());
        if word.is_empty() {
            continue;
        }
        let serial: Serial = word
            .parse()
            .map_err(|why| format!(", line {place}: {why}"))?;
        if let Some((first, _)) = found.iter().find(|(_, known)| *known == serial) {
            return Err(format!(
                ", line {place}: {serial} stands in line {first} already: each card has a number of its own"
            ));
        }
        found.push((place, serial));
    }
    if found.len() < cards {
        return Err(format!(
            " has {} for {}: add some, or write fewer cards",
            number_of(found.len(), "number"),
            number_of(cards, "card")
        ));
    }
    let mut all = found.into_iter().map(|(_, serial)| serial);
    Ok(Listed {
        serials: all.by_ref().take(cards).collect(),
        next: all.next(),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn numbers(serials: Vec<Serial>) -> Vec<String> {
        serials.iter().map(Serial::to_string).collect()
    }

    #[test]
    fn cards_get_the_numbers_of_the_list_in_its_order() {
        let list = "\u{feff}MANILA-7\r\n\n  CEBU-3 \nSB-0001";
        let found = in_list(list, 2).unwrap();
        assert_eq!(numbers(found.serials), ["MANILA-7", "CEBU-3"]);
        assert_eq!(found.next.unwrap().as_str(), "SB-0001");
        // Control: nothing is left.
        let all = in_list(list, 3).unwrap();
        assert_eq!((all.serials.len(), all.next), (3, None));
    }

    #[test]
    fn a_list_that_is_none_is_told_with_its_line() {
        for (list, cards, told) in [
            ("A\nB\nA\n", 1, ", line 3: A stands in line 1 already"),
            ("A\nB 2\n", 1, ", line 2: a serial number has 1 to 32"),
            ("A\n-B\n", 1, ", line 2: "),
            ("A\n\u{1b}[2J\n", 1, ", line 2: "),
            ("A\nB\n", 3, " has 2 numbers for 3 cards"),
            ("A\n", 2, " has 1 number for 2 cards"),
            ("", 1, " has 0 numbers for 1 card:"),
        ] {
            let why = in_list(list, cards).unwrap_err();
            assert!(why.starts_with(told), "{list:?}: {why}");
        }
        // Control: the same without what is wrong.
        assert!(in_list("A\nB\nC\n", 3).is_ok());
    }

    #[test]
    fn counting_ends_where_the_digits_do() {
        let first: Serial = "SB-08".parse().unwrap();
        assert_eq!(numbers(counted(&first, 2).unwrap()), ["SB-08", "SB-09"]);
        let last: Serial = "SB-9".parse().unwrap();
        assert!(counted(&last, 1).is_ok());
        let Err(Failure::Usage(why)) = counted(&last, 2) else {
            unreachable!("there is none")
        };
        assert!(why.contains("no number for card 2"), "{why}");
    }
}
