::core::compile_error! { "`deepclone` does not know the word `skip`\n\nhelp: to give the copy a fresh value, write `default` or `default = expression`\nhelp: on a field: `clone`, `default`, `default = expression`, `with = path`, `try_with = path`, `serde`, `bound = \"…\"`" }
#[automatically_derived]
unsafe impl<T> ::deepclone::__private::DeepClone for Account<T> {
    #[inline]
    unsafe fn __place(
        &self,
        dst: *mut ::deepclone::__private::core::primitive::u8,
        engine: &mut ::deepclone::__private::Engine<'_>,
    ) -> ::deepclone::__private::Placed {
        loop {}
    }
    fn __sweeper(&self) -> ::deepclone::__private::Sweeper {
        loop {}
    }
}
