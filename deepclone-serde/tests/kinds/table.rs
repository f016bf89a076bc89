//! The table: runs a value through the codecs and keeps what came of it.

use deepclone_serde::{Bincode, Codec, Copier, MessagePack, Postcard, Tape};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Write;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Right,
    Error,
    Different,
}

impl Outcome {
    fn shown(self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::Error => "error",
            Self::Different => "**different**",
        }
    }
}

/// What is expected of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    Right,
    /// An error, and why there can't be a copy.
    Error(&'static str),
    /// Different, why that can't be helped, and that verification sees it.
    Seen(&'static str),
    /// Different, and why not even verification can see it.
    Unseen(&'static str),
}

struct Row {
    name: &'static str,
    expected: Expected,
    /// Tape, tape with verification, MessagePack, bincode, postcard.
    outcomes: [Outcome; 5],
}

#[derive(Default)]
pub(crate) struct Table {
    rows: Vec<Row>,
}

type Same<T> = fn(&T, &T) -> bool;

fn outcome<C: Codec, T: Serialize + DeserializeOwned>(
    mut copier: Copier<C>,
    value: &T,
    same: Same<T>,
) -> Outcome {
    match copier.copy(value) {
        Ok(copy) if same(value, &copy) => Outcome::Right,
        Ok(_) => Outcome::Different,
        Err(_) => Outcome::Error,
    }
}

impl Table {
    fn add<T: Serialize + DeserializeOwned>(
        &mut self,
        name: &'static str,
        value: &T,
        same: Same<T>,
        expected: Expected,
    ) {
        self.rows.push(Row {
            name,
            expected,
            outcomes: [
                outcome(Copier::with_codec(Tape), value, same),
                outcome(Copier::with_codec(Tape).verify(true), value, same),
                outcome(Copier::with_codec(MessagePack), value, same),
                outcome(Copier::with_codec(Bincode), value, same),
                outcome(Copier::with_codec(Postcard), value, same),
            ],
        });
    }

    /// A kind that the tape copies.
    pub(crate) fn kind<T: Serialize + DeserializeOwned + PartialEq>(
        &mut self,
        name: &'static str,
        value: T,
    ) {
        self.add(name, &value, T::eq, Expected::Right);
    }

    /// As `kind`, where `==` is not what is meant.
    pub(crate) fn kind_by<T: Serialize + DeserializeOwned>(
        &mut self,
        name: &'static str,
        value: T,
        same: Same<T>,
    ) {
        self.add(name, &value, same, Expected::Right);
    }

    pub(crate) fn error<T: Serialize + DeserializeOwned + PartialEq>(
        &mut self,
        name: &'static str,
        value: T,
        why: &'static str,
    ) {
        self.add(name, &value, T::eq, Expected::Error(why));
    }

    pub(crate) fn seen<T: Serialize + DeserializeOwned + PartialEq>(
        &mut self,
        name: &'static str,
        value: T,
        why: &'static str,
    ) {
        self.add(name, &value, T::eq, Expected::Seen(why));
    }

    pub(crate) fn unseen<T: Serialize + DeserializeOwned + PartialEq>(
        &mut self,
        name: &'static str,
        value: T,
        why: &'static str,
    ) {
        self.add(name, &value, T::eq, Expected::Unseen(why));
    }

    /// Fails for each row that is not as expected.
    pub(crate) fn check(&self) {
        assert!(self.rows.len() >= 150, "{} kinds", self.rows.len());
        let mut wrong = String::new();
        for row in &self.rows {
            let [tape, verified, ..] = row.outcomes;
            let wanted = match row.expected {
                Expected::Right => (Outcome::Right, Outcome::Right),
                Expected::Error(_) => (Outcome::Error, Outcome::Error),
                Expected::Seen(_) => (Outcome::Different, Outcome::Error),
                Expected::Unseen(_) => (Outcome::Different, Outcome::Different),
            };
            if (tape, verified) != wanted {
                let _ = writeln!(
                    wrong,
                    "{}: {tape:?}, verified {verified:?}, not {:?}",
                    row.name, row.expected
                );
            }
        }
        assert!(wrong.is_empty(), "\n{wrong}");
    }

    pub(crate) fn render(&self) -> String {
        let mut text = String::from(
            "What comes of each kind of value. A test makes this table: `tests/kinds.rs`.\n\n\
             *Verified* is `copy_verified`, which turns a difference that a recording can show into an error.\n\n",
        );
        let _ = writeln!(text, "{} kinds:\n", self.rows.len());
        text.push_str(
            "| | tape | verified | MessagePack | bincode | postcard |\n|---|---|---|---|---|---|\n",
        );
        let columns = 0..5;
        for wanted in [Outcome::Right, Outcome::Error, Outcome::Different] {
            let _ = write!(text, "| {} |", wanted.shown());
            for column in columns.clone() {
                let count = self
                    .rows
                    .iter()
                    .filter(|row| row.outcomes[column] == wanted)
                    .count();
                let _ = write!(text, " {count} |");
            }
            text.push('\n');
        }
        text.push_str("\nWhat the tape can't copy, and why:\n\n");
        for row in &self.rows {
            match row.expected {
                Expected::Right => {}
                Expected::Error(why) => {
                    let _ = writeln!(text, "- {}: an error; {why}", row.name);
                }
                Expected::Seen(why) => {
                    let _ = writeln!(
                        text,
                        "- {}: different, and verification reports it; {why}",
                        row.name
                    );
                }
                Expected::Unseen(why) => {
                    let _ = writeln!(text, "- {}: different, in no recording; {why}", row.name);
                }
            }
        }
        text.push_str("\n| kind | tape | verified | MessagePack | bincode | postcard |\n|---|---|---|---|---|---|\n");
        for row in &self.rows {
            let _ = write!(text, "| {} |", row.name);
            for outcome in row.outcomes {
                let _ = write!(text, " {} |", outcome.shown());
            }
            text.push('\n');
        }
        text
    }
}
