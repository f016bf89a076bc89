//! Comparing two recordings: of a source and of its copy.

use crate::depth;
use crate::error::{Error, ErrorKind};
use crate::fault::Fault;
use crate::path::{Segment, Trail};
use crate::tape::Recording;
use crate::tape::cursor::{Cursor, Head, Place};
use crate::tape::key::key_text;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Tells whether `copy` records what `source` does; the error has the path of the first difference.
pub(crate) fn compare(
    source: &Recording,
    copy: &Recording,
    codec: &'static str,
) -> Result<(), Error> {
    if are_alike(source, copy) {
        return Ok(());
    }
    let mut comparison = Comparison {
        source: Side::new(source),
        copy: Side::new(copy),
        trail: Trail::default(),
        depth: 0,
    };
    let (mut a, mut b) = (source.root(), copy.root());
    comparison
        .values(&mut a, &mut b)
        .map_err(|fault| Error::new(fault, &comparison.trail, codec))
}

/// Whether both recordings are the same token by token, which needs neither stack nor memory to find out.
fn are_alike(source: &Recording, copy: &Recording) -> bool {
    let (mut a, mut b) = (source.root(), copy.root());
    if a.tokens.len() != b.tokens.len() || a.text != b.text || a.bytes != b.bytes {
        return false;
    }
    while !a.tokens.is_empty() {
        let before = (a.tokens, b.tokens);
        let (Ok(x), Ok(y)) = (a.head(), b.head()) else {
            return false;
        };
        let same = match (labelled(x), labelled(y)) {
            (Some(x), Some(y)) => source.shapes.label_of(x) == copy.shapes.label_of(y),
            _ => match (x, y) {
                (Head::Struct(x), Head::Struct(y)) => {
                    source.shapes.struct_name(x) == copy.shapes.struct_name(y)
                        && source.shapes.fields(x) == copy.shapes.fields(y)
                }
                _ => {
                    let length = before.0.len() - a.tokens.len();
                    before.0[..length] == before.1[..before.1.len() - b.tokens.len()]
                }
            },
        };
        if !same || before.0[0] != before.1[0] {
            return false;
        }
    }
    true
}

fn labelled(head: Head<'_>) -> Option<u32> {
    match head {
        Head::UnitStruct(label)
        | Head::Newtype(label)
        | Head::TupleStruct(label)
        | Head::UnitVariant(label)
        | Head::NewtypeVariant(label)
        | Head::TupleVariant(label)
        | Head::StructVariant(label) => Some(label),
        _ => None,
    }
}

/// Values of at most this many bytes of tokens are worked out again rather than remembered.
const LEAF: usize = 64;

/// What a value comes to, whatever the order of its maps and sequences.
type Digest = u128;

/// One recording, and the digests of values that were looked at.
struct Side<'t> {
    recording: &'t Recording,
    /// By the token offset of the value.
    digests: HashMap<usize, (Digest, Cursor)>,
}

/// Spreads the bits, so that a sum over parts tells parts apart.
fn digest(parts: impl Hash) -> Digest {
    let mut low = DefaultHasher::new();
    parts.hash(&mut low);
    let mut high = low.clone();
    0x5eed_u16.hash(&mut high);
    Digest::from(low.finish()) | Digest::from(high.finish()) << 64
}

impl<'t> Side<'t> {
    fn new(recording: &'t Recording) -> Self {
        Self {
            recording,
            digests: HashMap::new(),
        }
    }

    /// The digest of the value at `place`, which is passed over. Each value of a recording is worked out once.
    fn digest(&mut self, place: &mut Place<'t>, depth: usize) -> Result<Digest, Fault> {
        let start = self.recording.cursor(place).token;
        if let Some((digest, end)) = self.digests.get(&start) {
            *place = self.recording.place(*end);
            return Ok(*digest);
        }
        let digest = if depth::is_due(depth) && depth::is_low() {
            depth::on_fresh_stack(|| self.fresh_digest(place, depth))
        } else {
            self.fresh_digest(place, depth)
        }?;
        let end = self.recording.cursor(place);
        if end.token - start > LEAF {
            self.digests.insert(start, (digest, end));
        }
        Ok(digest)
    }

    fn fresh_digest(&mut self, place: &mut Place<'t>, depth: usize) -> Result<Digest, Fault> {
        let shapes = &self.recording.shapes;
        let mut inner = |place: &mut Place<'t>| self.digest(place, depth + 1);
        let labelled = |tag: u8, id: u32| {
            let label = shapes.label_of(id).map(|l| (l.name, l.index, l.variant));
            digest((tag, label))
        };
        Ok(match place.head()? {
            Head::Unit => digest(0_u8),
            Head::Bool(value) => digest((1_u8, value)),
            Head::I8(value) => digest((2_u8, value)),
            Head::I16(value) => digest((3_u8, value)),
            Head::I32(value) => digest((4_u8, value)),
            Head::I64(value) => digest((5_u8, value)),
            Head::I128(value) => digest((6_u8, value)),
            Head::U8(value) => digest((7_u8, value)),
            Head::U16(value) => digest((8_u8, value)),
            Head::U32(value) => digest((9_u8, value)),
            Head::U64(value) => digest((10_u8, value)),
            Head::U128(value) => digest((11_u8, value)),
            Head::F32(value) => digest((12_u8, value.to_bits())),
            Head::F64(value) => digest((13_u8, value.to_bits())),
            Head::Char(value) => digest((14_u8, value)),
            Head::Str(value) => digest((15_u8, value)),
            Head::Bytes(value) => digest((16_u8, value)),
            Head::None => digest(17_u8),
            Head::Some => digest((18_u8, inner(place)?)),
            Head::UnitStruct(label) => labelled(19, label),
            Head::Newtype(label) => digest((labelled(20, label), inner(place)?)),
            Head::Seq { length, .. } => {
                let mut sum: Digest = 0;
                for _ in 0..length {
                    sum = sum.wrapping_add(inner(place)?);
                }
                digest((21_u8, length, sum))
            }
            Head::Tuple(length) => {
                let mut all = digest((22_u8, length));
                for _ in 0..length {
                    all = digest((all, inner(place)?));
                }
                all
            }
            Head::TupleStruct(label) => digest((labelled(23, label), inner(place)?)),
            Head::Map { length, .. } => {
                let mut sum: Digest = 0;
                for _ in 0..length {
                    sum = sum.wrapping_add(digest((inner(place)?, inner(place)?)));
                }
                digest((24_u8, length, sum))
            }
            Head::Struct(shape) => {
                let mut all = digest((25_u8, shapes.struct_name(shape)));
                for field in shapes.fields(shape) {
                    all = digest((all, field, inner(place)?));
                }
                all
            }
            Head::UnitVariant(label) => labelled(26, label),
            Head::NewtypeVariant(label) => digest((labelled(27, label), inner(place)?)),
            Head::TupleVariant(label) => digest((labelled(28, label), inner(place)?)),
            Head::StructVariant(label) => digest((labelled(29, label), inner(place)?)),
        })
    }
}

struct Comparison<'t> {
    source: Side<'t>,
    copy: Side<'t>,
    trail: Trail,
    depth: usize,
}

#[cold]
fn differs(message: impl Into<String>) -> Fault {
    Fault::new(ErrorKind::Unfaithful, message)
}

type Compared = Result<(), Fault>;

impl<'t> Comparison<'t> {
    /// Compares the values at both places and passes over them.
    fn values(&mut self, a: &mut Place<'t>, b: &mut Place<'t>) -> Compared {
        self.depth += 1;
        let compared = if depth::is_due(self.depth) && depth::is_low() {
            depth::on_fresh_stack(|| self.heads(a, b))
        } else {
            self.heads(a, b)
        };
        self.depth -= 1;
        compared
    }

    fn part(&mut self, a: &mut Place<'t>, b: &mut Place<'t>, segment: Segment) -> Compared {
        let compared = self.values(a, b);
        if compared.is_err() {
            self.trail.note(segment);
        }
        compared
    }

    fn variant(&mut self, a: &mut Place<'t>, b: &mut Place<'t>, ids: (u32, u32)) -> Compared {
        self.labels(ids)?;
        let label = self.source.recording.shapes.label_of(ids.0);
        let name = label.map_or("", |label| label.variant);
        self.part(a, b, Segment::Name(name))
    }

    fn labels(&self, ids: (u32, u32)) -> Compared {
        let a = self.source.recording.shapes.label_of(ids.0);
        let b = self.copy.recording.shapes.label_of(ids.1);
        let (Some(a), Some(b)) = (a, b) else {
            return Err(differs("a name is unknown"));
        };
        if (a.name, a.variant, a.index) == (b.name, b.variant, b.index) {
            return Ok(());
        }
        Err(differs(format!(
            "`{}{}` became `{}{}`",
            a.name, a.variant, b.name, b.variant
        )))
    }

    fn heads(&mut self, a: &mut Place<'t>, b: &mut Place<'t>) -> Compared {
        let (start_a, start_b) = (*a, *b);
        match (a.head()?, b.head()?) {
            (Head::F32(x), Head::F32(y)) if x.to_bits() == y.to_bits() => Ok(()),
            (Head::F64(x), Head::F64(y)) if x.to_bits() == y.to_bits() => Ok(()),
            (Head::Some, Head::Some) => self.values(a, b),
            (Head::UnitStruct(x), Head::UnitStruct(y))
            | (Head::UnitVariant(x), Head::UnitVariant(y)) => self.labels((x, y)),
            (Head::Newtype(x), Head::Newtype(y)) | (Head::TupleStruct(x), Head::TupleStruct(y)) => {
                self.labels((x, y))?;
                self.values(a, b)
            }
            (Head::NewtypeVariant(x), Head::NewtypeVariant(y))
            | (Head::TupleVariant(x), Head::TupleVariant(y))
            | (Head::StructVariant(x), Head::StructVariant(y)) => self.variant(a, b, (x, y)),
            (Head::Tuple(x), Head::Tuple(y)) if x == y => {
                for index in 0..x {
                    self.part(a, b, Segment::Index(index))?;
                }
                Ok(())
            }
            (Head::Seq { length: x, .. }, Head::Seq { length: y, .. }) => {
                self.sequences(a, b, (x, y))
            }
            (Head::Map { length: x, .. }, Head::Map { length: y, .. }) => self.maps(a, b, (x, y)),
            (Head::Struct(x), Head::Struct(y)) => self.structs(a, b, (x, y)),
            (x, y) => {
                let same = self.source.digest(&mut start_a.clone(), self.depth)?
                    == self.copy.digest(&mut start_b.clone(), self.depth)?;
                if same {
                    return Ok(());
                }
                Err(differs(format!("{} became {}", shown(x), shown(y))))
            }
        }
    }

    fn structs(&mut self, a: &mut Place<'t>, b: &mut Place<'t>, shapes: (u32, u32)) -> Compared {
        let x = self.source.recording.shapes.fields(shapes.0);
        let y = self.copy.recording.shapes.fields(shapes.1);
        for (index, name) in x.iter().enumerate() {
            if y.get(index) != Some(name) {
                self.trail.note(Segment::Name(name));
                return Err(differs("the field is not in the copy, or in another place"));
            }
            self.part(a, b, Segment::Name(name))?;
        }
        match y.get(x.len()) {
            None => Ok(()),
            Some(name) => {
                self.trail.note(Segment::Name(name));
                Err(differs("the field is in the copy only"))
            }
        }
    }

    /// Element by element first; where that fails, as bags.
    fn sequences(
        &mut self,
        a: &mut Place<'t>,
        b: &mut Place<'t>,
        lengths: (usize, usize),
    ) -> Compared {
        let (mut x, mut y) = (*a, *b);
        let mut bag: HashMap<Digest, isize> = HashMap::new();
        let mut differing = None;
        for index in 0..lengths.0.max(lengths.1) {
            let before = (x, y);
            let left = (index < lengths.0).then(|| self.source.digest(&mut x, self.depth));
            let right = (index < lengths.1).then(|| self.copy.digest(&mut y, self.depth));
            let (left, right) = (left.transpose()?, right.transpose()?);
            if left != right {
                differing.get_or_insert((index, before));
                for (found, change) in [(left, 1), (right, -1)] {
                    if let Some(found) = found {
                        *bag.entry(found).or_default() += change;
                    }
                }
            }
        }
        (*a, *b) = (x, y);
        let Some((index, (mut x, mut y))) = differing else {
            return Ok(());
        };
        if lengths.0 == lengths.1 && bag.values().all(|count| *count == 0) {
            return Ok(());
        }
        if index < lengths.0 && index < lengths.1 {
            self.part(&mut x, &mut y, Segment::Index(index))?;
        }
        self.trail.note(Segment::Index(index));
        Err(differs(format!(
            "{} elements became {}",
            lengths.0, lengths.1
        )))
    }

    fn maps(&mut self, a: &mut Place<'t>, b: &mut Place<'t>, lengths: (usize, usize)) -> Compared {
        // A key may stand more than once, for a map is what its `Serialize` makes of it.
        let mut values: HashMap<Digest, Vec<Place<'t>>> = HashMap::new();
        for _ in 0..lengths.1 {
            let key = self.copy.digest(b, self.depth)?;
            values.entry(key).or_default().push(*b);
            self.copy.digest(b, self.depth)?;
        }
        for places in values.values_mut() {
            places.reverse();
        }
        for index in 0..lengths.0 {
            let key_at = self.source.recording.cursor(a);
            let key = self.source.digest(a, self.depth)?;
            let segment = Segment::Key(key_text(self.source.recording, key_at, index));
            let Some(mut value) = values.get_mut(&key).and_then(Vec::pop) else {
                self.trail.note(segment);
                return Err(differs("the key is not in the copy"));
            };
            let mut mine = *a;
            let same = self.source.digest(a, self.depth)?
                == self.copy.digest(&mut value.clone(), self.depth)?;
            if !same {
                self.part(&mut mine, &mut value, segment)?;
            }
        }
        if lengths.0 != lengths.1 {
            return Err(differs(format!(
                "{} entries became {}",
                lengths.0, lengths.1
            )));
        }
        Ok(())
    }
}

fn shown(head: Head<'_>) -> String {
    let mut text = match head {
        Head::Str(text) => format!("the text {text:?}"),
        Head::Bytes(bytes) => format!("{} bytes", bytes.len()),
        Head::F32(value) => format!("{value} ({:#x})", value.to_bits()),
        Head::F64(value) => format!("{value} ({:#x})", value.to_bits()),
        head => format!("{head:?}"),
    };
    crate::error::shorten(&mut text, 200);
    text
}
