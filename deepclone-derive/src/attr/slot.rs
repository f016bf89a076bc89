//! A place for a value that may be given once.

use quote::ToTokens;

use crate::ctxt::Ctxt;
use crate::symbol::Word;

/// What a word said, and the word, for messages about a second one.
pub(crate) struct Slot<T> {
    filled: Option<(Word, Option<T>)>,
}

impl<T> Slot<T> {
    pub(crate) fn new() -> Self {
        Self { filled: None }
    }

    /// Keeps the first value, and the word where the value can't be read. A second one is a mistake: the same word twice, or two words that answer one question.
    pub(crate) fn fill(&mut self, cx: &Ctxt, word: Word, tokens: impl ToTokens, value: Option<T>) {
        match &self.filled {
            None => self.filled = Some((word, value)),
            Some((first, _)) if *first == word => {
                let help = match word {
                    Word::Bound => {
                        "write all predicates in one string: `bound = \"T: One, U: Other\"`"
                            .to_owned()
                    }
                    _ => "remove one of them".to_owned(),
                };
                cx.error(tokens, format_args!("`{word}` is written twice"), help);
            }
            Some((first, _)) => cx.error(
                tokens,
                format_args!("`{word}` after `{first}`: each of them says how to make the copy"),
                "keep one of them",
            ),
        }
    }

    pub(crate) fn take(self) -> Option<T> {
        self.filled.and_then(|(_, value)| value)
    }
}
