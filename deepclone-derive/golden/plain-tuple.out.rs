#[automatically_derived]
unsafe impl ::deepclone::__private::DeepClone for Pixel {
    #[inline]
    unsafe fn __place(
        &self,
        dst: *mut ::deepclone::__private::core::primitive::u8,
        engine: &mut ::deepclone::__private::Engine<'_>,
    ) -> ::deepclone::__private::Placed {
        if <Self as ::deepclone::__private::DeepClone>::__plain() {
            unsafe { ::deepclone::__private::place_bytes(self, dst) };
            return ::deepclone::__private::Ok(());
        }
        let Self { 0: _, 1: _, 2: _ } = self;
        let at = dst as *mut Self;
        let failed = 'failed: {
            if let ::deepclone::__private::Err(_) = unsafe {
                <u8 as ::deepclone::__private::DeepClone>::__place(
                    &self.0,
                    &raw mut (*at).0 as *mut ::deepclone::__private::core::primitive::u8,
                    engine,
                )
            } {
                break 'failed 0;
            }
            if let ::deepclone::__private::Err(_) = unsafe {
                <u16 as ::deepclone::__private::DeepClone>::__place(
                    &self.1,
                    &raw mut (*at).1 as *mut ::deepclone::__private::core::primitive::u8,
                    engine,
                )
            } {
                break 'failed 1;
            }
            if let ::deepclone::__private::Err(_) = unsafe {
                <u8 as ::deepclone::__private::DeepClone>::__place(
                    &self.2,
                    &raw mut (*at).2 as *mut ::deepclone::__private::core::primitive::u8,
                    engine,
                )
            } {
                break 'failed 2;
            }
            return ::deepclone::__private::Ok(());
        };
        unsafe {
            ::deepclone::__private::undo(
                engine,
                dst,
                const {
                    &[
                        {
                            let _ = <u8 as ::deepclone::__private::DeepClone>::__sweeper;
                            ::deepclone::__private::deep_field::<u8>(
                                ::deepclone::__private::core::mem::offset_of!(Self, 0),
                                "0",
                            )
                        },
                        {
                            let _ = <u16 as ::deepclone::__private::DeepClone>::__sweeper;
                            ::deepclone::__private::deep_field::<u16>(
                                ::deepclone::__private::core::mem::offset_of!(Self, 1),
                                "1",
                            )
                        },
                        {
                            let _ = <u8 as ::deepclone::__private::DeepClone>::__sweeper;
                            ::deepclone::__private::deep_field::<u8>(
                                ::deepclone::__private::core::mem::offset_of!(Self, 2),
                                "2",
                            )
                        },
                    ]
                },
                failed,
                ::deepclone::__private::None,
            )
        }
    }
    fn __sweeper(&self) -> ::deepclone::__private::Sweeper {
        Self::__deepclone_sweep
    }
    #[inline]
    fn __plain() -> ::deepclone::__private::core::primitive::bool {
        <u8 as ::deepclone::__private::DeepClone>::__plain()
            && <u16 as ::deepclone::__private::DeepClone>::__plain()
    }
    #[inline]
    fn __as_clone<C: ::deepclone::__private::CloneVisitor<Self>>(
        visitor: C,
    ) -> ::deepclone::__private::core::primitive::bool {
        use ::deepclone::__private::NotCopy as _;
        if <Self as ::deepclone::__private::DeepClone>::__plain() {
            ::deepclone::__private::AsCopy::<Self, C>(
                visitor,
                ::deepclone::__private::core::marker::PhantomData,
            )
            .visit_if_copy()
        } else {
            false
        }
    }
    #[inline]
    fn __racy() -> ::deepclone::__private::core::primitive::bool {
        <u8 as ::deepclone::__private::DeepClone>::__racy()
            || <u16 as ::deepclone::__private::DeepClone>::__racy()
    }
}
#[automatically_derived]
impl Pixel {
    #[doc(hidden)]
    unsafe fn __deepclone_sweep(
        at: *mut ::deepclone::__private::core::primitive::u8,
        meta: ::deepclone::__private::Meta,
        sweep: &mut ::deepclone::__private::Sweep<'_, '_>,
    ) {
        let _ = meta;
        let fields = const {
            &[
                {
                    let _ = <u8 as ::deepclone::__private::DeepClone>::__sweeper;
                    ::deepclone::__private::deep_field::<u8>(
                        ::deepclone::__private::core::mem::offset_of!(Self, 0),
                        "0",
                    )
                },
                {
                    let _ = <u16 as ::deepclone::__private::DeepClone>::__sweeper;
                    ::deepclone::__private::deep_field::<u16>(
                        ::deepclone::__private::core::mem::offset_of!(Self, 1),
                        "1",
                    )
                },
                {
                    let _ = <u8 as ::deepclone::__private::DeepClone>::__sweeper;
                    ::deepclone::__private::deep_field::<u8>(
                        ::deepclone::__private::core::mem::offset_of!(Self, 2),
                        "2",
                    )
                },
            ]
        };
        unsafe { sweep.fields(at, fields) }
    }
}
#[automatically_derived]
unsafe impl ::deepclone::__private::CellContent for Pixel where
    for<'a> ::deepclone::__private::CopyProbe<'a, Pixel>: ::deepclone::__private::IsCopy
{
}
