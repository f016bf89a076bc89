#[automatically_derived]
unsafe impl<T: DeepClone> ::deepclone::__private::DeepClone for Ring<T>
where
    T: Copy,
{
    #[inline]
    unsafe fn __place(
        &self,
        dst: *mut ::deepclone::__private::core::primitive::u8,
        engine: &mut ::deepclone::__private::Engine<'_>,
    ) -> ::deepclone::__private::Placed {
        unsafe {
            ::deepclone::__private::place_by_hand(self, dst, engine, Self::__deepclone_by_hand)
        }
    }
    fn __sweeper(&self) -> ::deepclone::__private::Sweeper {
        ::deepclone::__private::finished_sweeper::<Self>()
    }
    fn __by_hand(&self) -> ::deepclone::__private::Option<::deepclone::__private::ByHand> {
        ::deepclone::__private::Some(::deepclone::__private::ByHand::of::<Self>())
    }
}
#[automatically_derived]
impl<T: DeepClone> Ring<T>
where
    T: Copy,
{
    #[doc(hidden)]
    fn __deepclone_by_hand(
        source: &Self,
        cloner: &mut ::deepclone::__private::Cloner<'_>,
    ) -> ::deepclone::__private::Result<Self, ::deepclone::__private::Error> {
        let copy: fn(
            &Self,
            &mut ::deepclone::__private::Cloner<'_>,
        )
            -> ::deepclone::__private::Result<Self, ::deepclone::__private::Error> =
            |ring, cloner| {
                let slot = cloner.deep_clone(&ring.slot)?;
                Ok(Ring { slot })
            };
        copy(source, cloner)
    }
}
