//! `impl_deep_clone!` with parameters, bounds and a where-clause, with a closure and with a function.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![allow(dead_code)]

use deepclone::{Cloner, DeepClone, Error, impl_deep_clone};

struct Ring<T> {
    slot: T,
}

impl_deep_clone! { impl<T: DeepClone> for Ring<T> = |ring, cloner| Ok(Ring { slot: cloner.deep_clone(&ring.slot)? }) }

struct Matrix<'a, const N: usize>
where
    [u8; N]: Sized,
{
    cells: [u8; N],
    name: &'a str,
}

impl_deep_clone! { impl<'a, const N: usize> for Matrix<'a, N> where [u8; N]: Sized = Matrix::copy; }

impl<const N: usize> Matrix<'_, N> {
    fn copy(&self, _cloner: &mut Cloner<'_>) -> Result<Self, Odd> {
        if N % 2 == 1 {
            Err(Odd)
        } else {
            Ok(Self {
                cells: self.cells,
                name: self.name,
            })
        }
    }
}

struct Odd;

impl From<Odd> for Error {
    fn from(Odd: Odd) -> Self {
        Error::custom("odd")
    }
}

#[test]
fn an_impl_by_hand_with_parameters_and_a_where_clause() {
    assert_eq!(Ring { slot: 3 }.deep_clone().slot, 3);
    let copy = Matrix {
        cells: [1, 2],
        name: "m",
    }
    .deep_clone();
    assert_eq!((copy.cells, copy.name), ([1, 2], "m"));
    assert!(
        Matrix {
            cells: [1],
            name: "m"
        }
        .try_deep_clone()
        .is_err()
    );
}
