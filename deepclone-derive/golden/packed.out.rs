#[automatically_derived]
unsafe impl ::deepclone::__private::DeepClone for Header {
    #[inline]
    unsafe fn __place(
        &self,
        dst: *mut ::deepclone::__private::core::primitive::u8,
        engine: &mut ::deepclone::__private::Engine<'_>,
    ) -> ::deepclone::__private::Placed {
        #[diagnostic::on_unimplemented(
            message = "`{Self}` in a packed struct is not `Copy`",
            label = "this field is not `Copy`",
            note = "a packed struct is copied as bytes: take `packed` off, or copy the struct whole, \
                    with `#[deepclone(with = path)]` on the type"
        )]
        trait FieldOfPacked {}
        #[diagnostic::do_not_recommend]
        impl<F: ::deepclone::__private::core::marker::Copy> FieldOfPacked for F {}
        fn field_of_packed<F: FieldOfPacked>() {}
        let Self { kind: _, length: _ } = self;
        let _ = <u8 as ::deepclone::__private::DeepClone>::__sweeper;
        field_of_packed::<u8>();
        let _ = <u32 as ::deepclone::__private::DeepClone>::__sweeper;
        field_of_packed::<u32>();
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
