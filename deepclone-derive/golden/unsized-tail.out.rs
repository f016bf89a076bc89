#[automatically_derived]
unsafe impl<T: ?Sized> ::deepclone::__private::DeepClone for Packet<T>
where
    T: ::deepclone::__private::DeepClone,
{
    #[inline]
    unsafe fn __place(
        &self,
        dst: *mut ::deepclone::__private::core::primitive::u8,
        engine: &mut ::deepclone::__private::Engine<'_>,
    ) -> ::deepclone::__private::Placed {
        let Self { head: _, body: _ } = self;
        let at = unsafe { ::deepclone::__private::with_address(self, dst) };
        let failed = 'failed: {
            if let ::deepclone::__private::Err(_) = unsafe {
                <u32 as ::deepclone::__private::DeepClone>::__place(
                    &self.head,
                    &raw mut (*at).head as *mut ::deepclone::__private::core::primitive::u8,
                    engine,
                )
            } {
                break 'failed 0;
            }
            if let ::deepclone::__private::Err(_) = unsafe {
                <T as ::deepclone::__private::DeepClone>::__place(
                    &self.body,
                    &raw mut (*at).body as *mut ::deepclone::__private::core::primitive::u8,
                    engine,
                )
            } {
                break 'failed 1;
            }
            return ::deepclone::__private::Ok(());
        };
        let fields = [
            {
                let _ = <u32 as ::deepclone::__private::DeepClone>::__sweeper;
                ::deepclone::__private::deep_field::<u32>(
                    ::deepclone::__private::offset_of_ref(self, &self.head),
                    "head",
                )
            },
            ::deepclone::__private::finished_field::<()>(0, "body"),
        ];
        unsafe {
            ::deepclone::__private::undo(engine, dst, &fields, failed, ::deepclone::__private::None)
        }
    }
    fn __sweeper(&self) -> ::deepclone::__private::Sweeper {
        Self::__deepclone_sweep
    }
}
#[automatically_derived]
impl<T: ?Sized> Packet<T>
where
    T: ::deepclone::__private::DeepClone,
{
    #[doc(hidden)]
    unsafe fn __deepclone_sweep(
        at: *mut ::deepclone::__private::core::primitive::u8,
        meta: ::deepclone::__private::Meta,
        sweep: &mut ::deepclone::__private::Sweep<'_, '_>,
    ) {
        let _ = meta;
        let whole = unsafe { ::deepclone::__private::from_parts::<Self>(at, meta) };
        let fields = [{
            let _ = <u32 as ::deepclone::__private::DeepClone>::__sweeper;
            ::deepclone::__private::deep_field::<u32>(
                unsafe {
                    &raw const (*whole).head as *const ::deepclone::__private::core::primitive::u8
                }
                .addr()
                    - at.addr(),
                "head",
            )
        }];
        unsafe { sweep.fields(at, &fields) };
        let _ = <T as ::deepclone::__private::DeepClone>::__sweeper;
        unsafe { sweep.tail::<T>(&raw mut (*whole).body) }
    }
}
