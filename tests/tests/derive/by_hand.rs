//! Types whose impl is written by hand, next to derived ones.

use std::rc::Rc;

use deepclone::{Cloner, DeepClone, ErrorKind, impl_deep_clone};

use super::words::TooHigh;

struct Ring<T> {
    slot: Rc<T>,
}

impl_deep_clone! { impl<T: DeepClone> for Ring<T> = |ring, cloner| Ok(Ring { slot: cloner.deep_clone(&ring.slot)? }) }

struct Matrix<'a, const N: usize>([u8; N], &'a str)
where
    [u8; N]: Default;

impl_deep_clone! { impl<'a, const N: usize> for Matrix<'a, N> where [u8; N]: Default = Matrix::copy }

impl<const N: usize> Matrix<'_, N>
where
    [u8; N]: Default,
{
    fn copy(&self, _cloner: &mut Cloner<'_>) -> Result<Self, TooHigh> {
        if N > 3 {
            Err(TooHigh(4))
        } else {
            Ok(Matrix(self.0, self.1))
        }
    }
}

#[test]
fn types_written_by_hand() {
    let shared = Rc::new(1);
    let rings = vec![
        Ring {
            slot: Rc::clone(&shared),
        },
        Ring { slot: shared },
    ];
    let copies = rings.deep_clone();
    assert!(Rc::ptr_eq(&copies[0].slot, &copies[1].slot));
    assert!(!Rc::ptr_eq(&copies[0].slot, &rings[0].slot));
    assert_eq!(Matrix([1, 2], "m").deep_clone().0, [1, 2]);
    assert_eq!(
        Matrix([1, 2, 3, 4], "m")
            .try_deep_clone()
            .err()
            .expect("4 is too high")
            .kind(),
        ErrorKind::Custom
    );
}
