#[automatically_derived]
unsafe impl ::deepclone::__private::DeepClone for Header {
    #[inline]
    unsafe fn __place(
        &self,
        dst: *mut ::deepclone::__private::core::primitive::u8,
        engine: &mut ::deepclone::__private::Engine<'_>,
    ) -> ::deepclone::__private::Placed {
        fn fields_of_packed_structs_are_copied_as_bytes_and_must_be_copy<
            F: ::deepclone::__private::core::marker::Copy,
        >() {
        }
        let Self { kind: _, length: _ } = self;
        let _ = <u8 as ::deepclone::__private::DeepClone>::__sweeper;
        fields_of_packed_structs_are_copied_as_bytes_and_must_be_copy::<u8>();
        let _ = <u32 as ::deepclone::__private::DeepClone>::__sweeper;
        fields_of_packed_structs_are_copied_as_bytes_and_must_be_copy::<u32>();
        unsafe { ::deepclone::__private::place_bytes(self, dst) };
        ::deepclone::__private::Ok(())
    }
    fn __sweeper(&self) -> ::deepclone::__private::Sweeper {
        |_, _, _| {}
    }
}
#[automatically_derived]
unsafe impl ::deepclone::__private::CellContent for Header where
    for<'a> ::deepclone::__private::CopyProbe<'a, Header>: ::deepclone::__private::IsCopy
{
}
