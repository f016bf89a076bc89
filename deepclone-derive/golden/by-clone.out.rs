#[automatically_derived]
unsafe impl<T> ::deepclone::__private::DeepClone for Wrapper<T>
where
    Wrapper<T>: ::deepclone::__private::core::clone::Clone,
{
    #[inline]
    unsafe fn __place(
        &self,
        dst: *mut ::deepclone::__private::core::primitive::u8,
        engine: &mut ::deepclone::__private::Engine<'_>,
    ) -> ::deepclone::__private::Placed {
        unsafe { ::deepclone::__private::place_clone::<Self>(self, dst, engine) }
    }
    fn __sweeper(&self) -> ::deepclone::__private::Sweeper {
        ::deepclone::__private::finished_sweeper::<Self>()
    }
}
