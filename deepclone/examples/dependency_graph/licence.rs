//! Licences: terms as trait objects, made from SPDX expressions, one object for equal terms.

use std::collections::HashMap;
use std::rc::Rc;

use deepclone::DeepClone;

/// The terms of a package. The supertrait is all it takes to deep-clone `Rc<dyn License>`.
pub(crate) trait License: DeepClone {
    /// The words that it owns, if there are any, without those of its parts.
    fn words(&self) -> Option<&str>;

    /// What to call it.
    fn name(&self) -> &str {
        self.words().unwrap_or("none stated")
    }

    /// The terms that these are put together from.
    fn parts(&self) -> &[Rc<dyn License>] {
        &[]
    }
}

/// One licence: `MIT`, or `Apache-2.0 WITH LLVM-exception`.
#[derive(DeepClone)]
struct Single {
    id: String,
}

impl License for Single {
    fn words(&self) -> Option<&str> {
        Some(&self.id)
    }
}

/// Terms joined by `OR` or `AND`.
#[derive(DeepClone)]
struct Compound {
    word: String,
    parts: Vec<Rc<dyn License>>,
}

impl License for Compound {
    fn words(&self) -> Option<&str> {
        Some(&self.word)
    }

    fn parts(&self) -> &[Rc<dyn License>] {
        &self.parts
    }
}

/// Terms that are in a file, or nowhere.
#[derive(DeepClone)]
struct NoExpression {
    file: Option<String>,
}

impl License for NoExpression {
    fn words(&self) -> Option<&str> {
        self.file.as_deref()
    }
}

/// Hands out one object for equal terms.
#[derive(Default)]
pub(crate) struct Register {
    known: HashMap<String, Rc<dyn License>>,
}

impl Register {
    /// The terms of an SPDX expression; `/` is an old way to write `OR`.
    pub(crate) fn expression(&mut self, expression: &str) -> Rc<dyn License> {
        let spaced = expression
            .replace('/', " OR ")
            .replace('(', " ( ")
            .replace(')', " ) ");
        let words: Vec<&str> = spaced.split_whitespace().collect();
        self.joined(&mut words.as_slice(), &["OR", "AND"])
    }

    /// The terms of a package that states no expression.
    pub(crate) fn without_expression(&mut self, file: Option<&str>) -> Rc<dyn License> {
        self.intern(format!("file {file:?}"), || NoExpression {
            file: file.map(str::to_owned),
        })
    }

    /// Parts joined by the first of `operators`, each of them parts joined by the rest.
    fn joined<'a>(&mut self, words: &mut &'a [&'a str], operators: &[&'a str]) -> Rc<dyn License> {
        let Some((operator, tighter)) = operators.split_first() else {
            return self.atom(words);
        };
        let mut parts = vec![self.joined(words, tighter)];
        while let Some(rest) = words.strip_prefix(&[*operator]) {
            *words = rest;
            parts.push(self.joined(words, tighter));
        }
        if parts.len() == 1 {
            return parts.remove(0);
        }
        let key = parts
            .iter()
            .map(|part| key(&**part))
            .collect::<Vec<_>>()
            .join(operator);
        self.intern(format!("({key})"), || Compound {
            word: (*operator).to_owned(),
            parts,
        })
    }

    /// Terms in parentheses, or all the words up to the next operator.
    fn atom<'a>(&mut self, words: &mut &'a [&'a str]) -> Rc<dyn License> {
        if let Some(rest) = words.strip_prefix(&["("]) {
            *words = rest;
            let inner = self.joined(words, &["OR", "AND"]);
            *words = words.strip_prefix(&[")"]).unwrap_or(words);
            return inner;
        }
        let end = words
            .iter()
            .position(|word| matches!(*word, "OR" | "AND" | "(" | ")"))
            .unwrap_or(words.len());
        let id = words[..end].join(" ");
        *words = &words[end..];
        self.intern(id.clone(), || Single { id })
    }

    fn intern<L: License + 'static>(
        &mut self,
        key: String,
        make: impl FnOnce() -> L,
    ) -> Rc<dyn License> {
        self.known
            .entry(key)
            .or_insert_with(|| Rc::new(make()))
            .clone()
    }
}

/// Terms written out, equal for equal terms.
fn key(licence: &dyn License) -> String {
    let parts: Vec<String> = licence.parts().iter().map(|part| key(&**part)).collect();
    if parts.is_empty() {
        licence.name().to_owned()
    } else {
        format!("({})", parts.join(licence.name()))
    }
}
