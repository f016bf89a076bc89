//! What the path of an error shows of a map key.

use crate::tape::cursor::{Cursor, Head};
use crate::tape::writer::Recording;

/// The text of a map key that was recorded at `key`, for an error.
pub(crate) fn key_text(recording: &Recording, key: Cursor, index: usize) -> String {
    let mut place = recording.place(key);
    loop {
        let text = match place.head() {
            Ok(Head::Some | Head::Newtype(_)) => continue,
            Ok(Head::Str(text)) => text.to_owned(),
            Ok(Head::Char(c)) => c.to_string(),
            Ok(Head::Bool(value)) => value.to_string(),
            Ok(Head::I8(n)) => n.to_string(),
            Ok(Head::I16(n)) => n.to_string(),
            Ok(Head::I32(n)) => n.to_string(),
            Ok(Head::I64(n)) => n.to_string(),
            Ok(Head::I128(n)) => n.to_string(),
            Ok(Head::U8(n)) => n.to_string(),
            Ok(Head::U16(n)) => n.to_string(),
            Ok(Head::U32(n)) => n.to_string(),
            Ok(Head::U64(n)) => n.to_string(),
            Ok(Head::U128(n)) => n.to_string(),
            Ok(Head::UnitVariant(label)) if recording.shapes.label_of(label).is_some() => {
                return recording
                    .shapes
                    .label_of(label)
                    .map_or_else(String::new, |label| label.variant.to_owned());
            }
            _ => format!("{{key {index}}}"),
        };
        return text;
    }
}
