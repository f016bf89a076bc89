//! [`impl_deep_clone!`](crate::impl_deep_clone), which hands the path of this crate on to the procedural macro.

/// Says how a type is copied, by hand.
///
/// `impl_deep_clone! { impl<generics> for Type where predicates = copy }`, one impl a call. `copy` is the path of a function
/// `fn(&Type, &mut Cloner<'_>) -> Result<Type, E>` with `E: Into<Error>`, or a closure `|value, cloner|` that returns `Result<Type, Error>`.
///
/// The copy clones the parts it wants cloned by [`Cloner::deep_clone`](crate::Cloner::deep_clone), which returns finished values: whatever can be reached
/// from them is whole. So it can't be part of a strong cycle; then it gets [`ErrorKind::Incomplete`](crate::ErrorKind::Incomplete).
///
/// # Examples
///
/// ```
/// use deepclone::{Cloner, DeepClone, Error, impl_deep_clone};
///
/// #[derive(Debug, PartialEq)]
/// struct Matrix { cells: Vec<f64>, generation: u32 }
///
/// impl Matrix {
///     fn copy(&self, cloner: &mut Cloner<'_>) -> Result<Matrix, Error> {
///         Ok(Matrix { cells: cloner.deep_clone(&self.cells)?, generation: self.generation + 1 })
///     }
/// }
///
/// impl_deep_clone! { impl for Matrix = Matrix::copy }
///
/// let matrix = Matrix { cells: vec![1.0], generation: 0 };
/// assert_eq!(matrix.deep_clone(), Matrix { cells: vec![1.0], generation: 1 });
/// ```
///
/// With parameters, and a closure:
///
/// ```
/// use deepclone::{DeepClone, impl_deep_clone};
///
/// struct Ring<T> { slots: Vec<T>, at: usize }
///
/// impl_deep_clone! {
///     impl<T: DeepClone> for Ring<T> = |ring, cloner| {
///         Ok(Ring { slots: cloner.deep_clone(&ring.slots)?, at: ring.at })
///     }
/// }
///
/// assert_eq!(Ring { slots: vec!['x'], at: 0 }.deep_clone().slots, ['x']);
/// ```
#[macro_export]
macro_rules! impl_deep_clone {
    ($($tokens:tt)*) => {
        $crate::__private::impl_deep_clone_in! { ($crate) $($tokens)* }
    };
}
