//! The words of `#[deepclone(…)]`: how each is spelt, where it is legal and what an author who wrote another word
//! probably meant. Knows nothing of syntax trees.

use std::fmt;

/// The name of the attribute itself.
pub(crate) const ATTRIBUTE: &str = "deepclone";

/// A word that the attribute knows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Word {
    Bound,
    Clone,
    Crate,
    Default,
    Serde,
    TryWith,
    With,
}

/// Where an attribute stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Position {
    Type,
    Variant,
    Field,
}

impl Word {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "bound" => Self::Bound,
            "clone" => Self::Clone,
            "crate" => Self::Crate,
            "default" => Self::Default,
            "serde" => Self::Serde,
            "try_with" => Self::TryWith,
            "with" => Self::With,
            _ => return None,
        })
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Bound => "bound",
            Self::Clone => "clone",
            Self::Crate => "crate",
            Self::Default => "default",
            Self::Serde => "serde",
            Self::TryWith => "try_with",
            Self::With => "with",
        }
    }

    /// The word as an author writes it, with its value.
    pub(crate) fn usage(self) -> &'static str {
        match self {
            Self::Bound => "bound = \"T: Bound\"",
            Self::Clone => "clone",
            Self::Crate => "crate = path::to::deepclone",
            Self::Default => "default = expression",
            Self::Serde => "serde",
            Self::TryWith => "try_with = path::to::function",
            Self::With => "with = path::to::function",
        }
    }

    pub(crate) fn legal_on(self, position: Position) -> bool {
        match position {
            Position::Type => !matches!(self, Self::Default | Self::Serde),
            Position::Variant => false,
            Position::Field => self != Self::Crate,
        }
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Type => "a type",
            Self::Variant => "a variant",
            Self::Field => "a field",
        })
    }
}

/// Everything that may be written at `position`, for a help line.
pub(crate) fn legal_words(position: Position) -> &'static str {
    match position {
        Position::Type => {
            "on a type: `clone`, `with = path`, `try_with = path`, `bound = \"…\"`, `crate = path`"
        }
        Position::Variant => {
            "a variant takes no word of its own: write it on the type or on the variant's fields"
        }
        Position::Field => {
            "on a field: `clone`, `default`, `default = expression`, `with = path`, `try_with = path`, `serde`, `bound = \"…\"`"
        }
    }
}

/// What the author of an unknown word may have had in mind.
pub(crate) fn meant(text: &str) -> Option<&'static str> {
    Some(match text {
        "skip" | "ignore" | "fresh" | "reset" => {
            "to give the copy a fresh value, write `default` or `default = expression`"
        }
        "share" | "shared" | "shallow" | "alias" | "keep" | "copy" | "arc" | "rc" => {
            "to use the field's own `Clone`, which shares what an `Rc` or `Arc` points to, write `clone`"
        }
        "func" | "function" | "using" | "by" | "clone_with" | "clone_fn" | "method" => {
            "to call a function of your own, write `with = path`"
        }
        "try" | "fallible" => "to call a function that may fail, write `try_with = path`",
        "serialize" | "deserialize" | "serde_json" | "via_serde" => {
            "to copy through `serde`, write `serde`"
        }
        "bounds" | "where" | "where_clause" => {
            "to write the bounds of the impl yourself, write `bound = \"T: Bound\"`"
        }
        "krate" | "crate_path" | "path" | "root" => {
            "to say where the crate `deepclone` is found, write `crate = path`"
        }
        "deep" | "deepclone" | "deep_clone" | "recurse" => {
            "a field without an attribute is copied deeply: leave the word out"
        }
        _ => {
            return nearest(text).map(|word| match word {
                Word::Bound => "did you mean `bound`?",
                Word::Clone => "did you mean `clone`?",
                Word::Crate => "did you mean `crate`?",
                Word::Default => "did you mean `default`?",
                Word::Serde => "did you mean `serde`?",
                Word::TryWith => "did you mean `try_with`?",
                Word::With => "did you mean `with`?",
            });
        }
    })
}

fn nearest(text: &str) -> Option<Word> {
    let text = text.to_lowercase();
    [
        Word::Bound,
        Word::Clone,
        Word::Crate,
        Word::Default,
        Word::Serde,
        Word::TryWith,
        Word::With,
    ]
    .into_iter()
    .map(|word| (distance(&text, word.as_str()), word))
    .filter(|(distance, _)| *distance <= 2)
    .min_by_key(|(distance, _)| *distance)
    .map(|(_, word)| word)
}

/// How many characters must be inserted, removed or replaced to make `a` from `b`.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_finds_the_word() {
        assert_eq!(meant("cloen"), Some("did you mean `clone`?"));
        assert_eq!(meant("tryWith"), Some("did you mean `try_with`?"));
        assert_eq!(meant("rename"), None);
    }
}
