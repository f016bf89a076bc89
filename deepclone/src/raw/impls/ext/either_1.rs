//! `either` 1: a sum of two.

use either::Either;

use super::super::sum::sum;
use crate::cloner::Engine;
use crate::raw::erased::Meta;
use crate::raw::place::{place_bytes, span, start_variant};
use crate::raw::sweep::Sweep;
use crate::raw::trail::Step;
use crate::raw::traits::{DeepClone, Placed, Sweeper};

sum! {
    [L, R] Either<L, R> {
        Left(left: L) crate::path::Segment::Variant("Left");
        Right(right: R) crate::path::Segment::Variant("Right");
    }
}
