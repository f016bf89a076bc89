#[automatically_derived]
unsafe impl<T> crate::reexports::deepclone::__private::DeepClone for Ring<T>
where
    T: crate::reexports::deepclone::__private::DeepClone,
{
    #[inline]
    unsafe fn __place(
        &self,
        dst: *mut crate::reexports::deepclone::__private::core::primitive::u8,
        engine: &mut crate::reexports::deepclone::__private::Engine<'_>,
    ) -> crate::reexports::deepclone::__private::Placed {
        unsafe {
            crate::reexports::deepclone::__private::place_by_hand(
                self,
                dst,
                engine,
                Self::__deepclone_by_hand,
            )
        }
    }
    fn __sweeper(&self) -> crate::reexports::deepclone::__private::Sweeper {
        crate::reexports::deepclone::__private::finished_sweeper::<Self>()
    }
    fn __by_hand(
        &self,
    ) -> crate::reexports::deepclone::__private::Option<
        crate::reexports::deepclone::__private::ByHand,
    > {
        crate::reexports::deepclone::__private::Some(
            crate::reexports::deepclone::__private::ByHand::of::<Self>(),
        )
    }
}
#[automatically_derived]
impl<T> Ring<T>
where
    T: crate::reexports::deepclone::__private::DeepClone,
{
    #[doc(hidden)]
    fn __deepclone_by_hand(
        source: &Self,
        cloner: &mut crate::reexports::deepclone::__private::Cloner<'_>,
    ) -> crate::reexports::deepclone::__private::Result<
        Self,
        crate::reexports::deepclone::__private::Error,
    > {
        crate::reexports::deepclone::__private::call_by_hand(Self::copy, source, cloner)
    }
}
