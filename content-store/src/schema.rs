//! Numbered tables: how a database outlives an update, and the way back to the system before.
//!
//! A database says two things of itself: its **format** (`PRAGMA user_version`) and the format it **opens from**, that of the
//! oldest program which may still write it (table `schema_rule`; without one it is the format itself). Tables change in two ways:
//!
//! - A step of `Schema::expand` only adds (a column with a default, a table, an index, a trigger): the program before goes on
//!   with what it knows. It is made at the first opening, even on trial.
//! - A [`Contract`] takes away what no program from a format on needs. It shuts older ones out, so it waits until nobody is left
//!   behind that door: [`older_programs_are_gone`](crate::records::Records::older_programs_are_gone).
//!
//! | found | the program |
//! |---|---|
//! | no tables yet | makes them |
//! | its own format | goes on |
//! | an older one | makes the steps between, in one transaction: after a cut all are made, or none |
//! | a newer one that opens from its own or below | goes on, and leaves alone what it does not know |
//! | a newer one that opens from above its own | refuses, and changes nothing |
//!
//! SQL of a step keeps to what the SQLite of the oldest program that may meet it can read. What a new table keeps of people hangs
//! on an older table by a trigger, so that the older program's forgetting takes it along.

use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::ops::Range;

/// Written with the first change after the first format: a database without it opens from its own format.
const RULE: &str = "
    CREATE TABLE IF NOT EXISTS schema_rule (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        opens_from INTEGER NOT NULL,
        kept_for INTEGER NOT NULL,
        contracted INTEGER NOT NULL
    ) STRICT;
";

/// Takes away what older programs needed.
#[derive(Debug, Clone, Copy)]
pub struct Contract {
    /// Programs from this format on do without it: the database opens from here afterwards.
    pub needs: i64,
    /// The SQL. Programs from `needs` on work before it and after it.
    pub sql: &'static str,
}

/// What a program knows of one database's tables.
#[derive(Debug, Clone, Copy)]
pub struct Schema {
    /// Step `n` (from 0) brings a database of format `n` to `n + 1`. Published steps never change; new ones are appended.
    pub expand: &'static [&'static str],
    /// In the order of their making. Published ones never change either.
    pub contract: &'static [Contract],
    /// The database can be made again from other files: contracts need not wait.
    pub rebuildable: bool,
    /// Format of the oldest program that may meet a database begun today: nothing needs to be kept in it for one before.
    pub begins_for: i64,
}

/// What a database says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// Its format; 0: it has no tables yet.
    pub format: i64,
    /// Format of the oldest program that may open it.
    pub opens_from: i64,
    /// Format of the oldest program that may come back: what it needs stays.
    pub kept_for: i64,
    /// Contracts made.
    pub contracted: i64,
}

/// What a program does with a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// Nothing: it goes on, and leaves alone what it does not know.
    Open,
    /// These steps, then these contracts.
    Change {
        /// Places in `Schema::expand`.
        expand: Range<usize>,
        /// Places in `Schema::contract`.
        contract: Range<usize>,
    },
    /// It must not touch it: a newer program wrote it, and took away what this one needs.
    Refuse,
}

impl Schema {
    /// The format that the program makes and knows.
    #[must_use]
    pub fn format(&self) -> i64 {
        i64::try_from(self.expand.len()).unwrap_or(i64::MAX)
    }

    /// What to do with a database. Pure.
    #[must_use]
    pub fn way(&self, found: &Found) -> Way {
        let own = self.format();
        if found.opens_from > own || found.format < 0 {
            return Way::Refuse;
        }
        // What a newer program keeps is that program's to tidy.
        if found.format > own {
            return Way::Open;
        }
        let place = |number: i64, most: usize| usize::try_from(number).map_or(0, |at| at.min(most));
        let expand = place(found.format, self.expand.len())..self.expand.len();
        let begun = place(found.contracted, self.contract.len());
        let kept_for = if self.rebuildable {
            own
        } else if found.format == 0 {
            self.begins_for
        } else {
            found.kept_for
        };
        let allowed = self.contract.iter().skip(begun);
        let count = allowed.take_while(|one| one.needs <= kept_for).count();
        let contract = begun..begun + count;
        if expand.is_empty() && contract.is_empty() {
            return Way::Open;
        }
        Way::Change { expand, contract }
    }

    /// Makes `expand`, whole or not at all. `more` is called inside the transaction.
    pub(crate) fn expand(
        &self,
        connection: &mut Connection,
        found: &Found,
        expand: Range<usize>,
        more: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<()>,
    ) -> rusqlite::Result<Found> {
        if expand.is_empty() {
            return Ok(*found);
        }
        let change = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for sql in &self.expand[expand] {
            change.execute_batch(sql)?;
        }
        let least = if found.format == 0 {
            self.begins_for.min(self.format())
        } else {
            1
        };
        let now = Found {
            format: self.format(),
            // The very first program could open what only grew since.
            opens_from: found.opens_from.max(1),
            kept_for: found.kept_for.max(least),
            ..*found
        };
        now.write(&change)?;
        more(&change)?;
        change.commit()?;
        Ok(now)
    }

    /// Makes one contract, whole or not at all.
    pub(crate) fn contract(
        &self,
        connection: &mut Connection,
        found: &Found,
        place: usize,
    ) -> rusqlite::Result<Found> {
        let Some(contract) = self.contract.get(place) else {
            return Ok(*found);
        };
        let change = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        change.execute_batch(contract.sql)?;
        let now = Found {
            opens_from: found.opens_from.max(contract.needs),
            contracted: found.contracted + 1,
            ..*found
        };
        now.write(&change)?;
        change.commit()?;
        Ok(now)
    }
}

impl Found {
    /// What the database behind `connection` says. Writes nothing.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(connection: &Connection) -> rusqlite::Result<Self> {
        let format = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        let ruled: bool = connection.query_row(
            "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'schema_rule')",
            (),
            |row| row.get(0),
        )?;
        if !ruled {
            return Ok(Self::alone(format));
        }
        connection.query_row(
            "SELECT opens_from, kept_for, contracted FROM schema_rule WHERE one = 1",
            (),
            |row| {
                Ok(Self {
                    format,
                    opens_from: row.get(0)?,
                    kept_for: row.get(1)?,
                    contracted: row.get(2)?,
                })
            },
        )
    }

    /// A database that says no more than its format.
    #[must_use]
    pub const fn alone(format: i64) -> Self {
        Self {
            format,
            opens_from: format,
            kept_for: format,
            contracted: 0,
        }
    }

    fn write(&self, change: &Connection) -> rusqlite::Result<()> {
        change.pragma_update(None, "user_version", self.format)?;
        if *self == Self::alone(self.format) {
            return Ok(());
        }
        change.execute_batch(RULE)?;
        change
            .execute(
                "INSERT INTO schema_rule (one, opens_from, kept_for, contracted) VALUES (1, ?1, ?2, ?3)
                 ON CONFLICT DO UPDATE SET opens_from = excluded.opens_from, kept_for = excluded.kept_for,
                                           contracted = excluded.contracted",
                (self.opens_from, self.kept_for, self.contracted),
            )
            .map(drop)
    }
}

/// No program older than `format` can come back: what only such needed may go at the next opening. Writes only what is news, within
/// the caller's transaction.
pub(crate) fn older_are_gone(change: &Connection, format: i64) -> rusqlite::Result<()> {
    let found = Found::read(change)?;
    if found.kept_for >= format {
        return Ok(());
    }
    let now = Found {
        kept_for: format,
        ..found
    };
    now.write(change)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a panic is a test's verdict")]
mod tests {
    use super::*;
    use std::fmt::Write as _;

    const GROWN: Schema = Schema {
        expand: &["one", "two", "three"],
        contract: &[
            Contract {
                needs: 2,
                sql: "drop what 1 needed",
            },
            Contract {
                needs: 3,
                sql: "drop what 2 needed",
            },
        ],
        rebuildable: false,
        begins_for: 1,
    };

    /// Every database that programs of four formats can leave, met by programs of three.
    #[test]
    fn the_whole_table() {
        let mut table = String::new();
        for own in 1..=3 {
            let program = Schema {
                expand: &GROWN.expand[..own],
                contract: &GROWN.contract[..own - 1],
                ..GROWN
            };
            for (format, opens_from, kept_for, contracted) in [
                (0, 0, 0, 0),
                (1, 1, 1, 0),
                (2, 1, 1, 0),
                (2, 1, 2, 0),
                (2, 2, 2, 1),
                (3, 1, 1, 0),
                (3, 2, 2, 1),
                (3, 3, 3, 2),
                (4, 1, 1, 0),
                (4, 4, 4, 3),
                (-1, -1, -1, 0),
            ] {
                let found = Found {
                    format,
                    opens_from,
                    kept_for,
                    contracted,
                };
                writeln!(
                    table,
                    "program {own}, database {format} from {opens_from}, kept for {kept_for}, {contracted} taken away -> {}",
                    told(&program.way(&found))
                )
                .unwrap();
            }
        }
        let expected = include_str!("schema/the_whole_table.txt");
        assert_eq!(table, expected, "\n{table}");
    }

    fn told(way: &Way) -> String {
        match way {
            Way::Open => "open".to_owned(),
            Way::Refuse => "refuse".to_owned(),
            Way::Change { expand, contract } => {
                format!("add {expand:?}, take away {contract:?}")
            }
        }
    }
}
