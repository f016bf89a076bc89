#[automatically_derived]
unsafe impl<'a, T, const N: usize> ::deepclone::__private::DeepClone for Account<'a, T, N>
where
    T: PartialEq,
    T: ::deepclone::__private::DeepClone,
    Rc<T>: ::deepclone::__private::core::clone::Clone,
{
    #[inline]
    unsafe fn __place(
        &self,
        dst: *mut ::deepclone::__private::core::primitive::u8,
        engine: &mut ::deepclone::__private::Engine<'_>,
    ) -> ::deepclone::__private::Placed {
        let Self {
            owner: _,
            r#type: _,
            bank: _,
            start: _,
            balance: _,
            limit: _,
        } = self;
        let at = dst as *mut Self;
        let failed = 'failed: {
            if let ::deepclone::__private::Err(_) = unsafe {
                <&'a str as ::deepclone::__private::DeepClone>::__place(
                    &self.owner,
                    &raw mut (*at).owner as *mut ::deepclone::__private::core::primitive::u8,
                    engine,
                )
            } {
                break 'failed 0;
            }
            if let ::deepclone::__private::Err(_) = unsafe {
                <Vec<[T; N]> as ::deepclone::__private::DeepClone>::__place(
                    &self.r#type,
                    &raw mut (*at).r#type as *mut ::deepclone::__private::core::primitive::u8,
                    engine,
                )
            } {
                break 'failed 1;
            }
            if let ::deepclone::__private::Err(_) = unsafe {
                ::deepclone::__private::place_clone::<Rc<T>>(
                    &self.bank,
                    &raw mut (*at).bank as *mut ::deepclone::__private::core::primitive::u8,
                    engine,
                )
            } {
                break 'failed 2;
            }
            if let ::deepclone::__private::Err(_) = unsafe {
                ::deepclone::__private::place_default::<u32>(
                    &raw mut (*at).start as *mut ::deepclone::__private::core::primitive::u8,
                    engine,
                    Self::__deepclone_field_3(),
                )
            } {
                break 'failed 3;
            }
            if let ::deepclone::__private::Err(_) = unsafe {
                ::deepclone::__private::place_with::<u32>(
                    &self.balance,
                    &raw mut (*at).balance as *mut ::deepclone::__private::core::primitive::u8,
                    engine,
                    Self::__deepclone_field_4(),
                )
            } {
                break 'failed 4;
            }
            if let ::deepclone::__private::Err(_) = unsafe {
                ::deepclone::__private::place_try_with::<u32>(
                    &self.limit,
                    &raw mut (*at).limit as *mut ::deepclone::__private::core::primitive::u8,
                    engine,
                    Self::__deepclone_field_5(),
                )
            } {
                break 'failed 5;
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
                            let _ = <&'a str as ::deepclone::__private::DeepClone>::__sweeper;
                            ::deepclone::__private::deep_field::<&'a str>(
                                ::deepclone::__private::core::mem::offset_of!(Self, owner),
                                "owner",
                            )
                        },
                        {
                            let _ = <Vec<[T; N]> as ::deepclone::__private::DeepClone>::__sweeper;
                            ::deepclone::__private::deep_field::<Vec<[T; N]>>(
                                ::deepclone::__private::core::mem::offset_of!(Self, r#type),
                                "type",
                            )
                        },
                        ::deepclone::__private::finished_field::<Rc<T>>(
                            ::deepclone::__private::core::mem::offset_of!(Self, bank),
                            "bank",
                        ),
                        ::deepclone::__private::finished_field::<u32>(
                            ::deepclone::__private::core::mem::offset_of!(Self, start),
                            "start",
                        ),
                        ::deepclone::__private::finished_field::<u32>(
                            ::deepclone::__private::core::mem::offset_of!(Self, balance),
                            "balance",
                        ),
                        ::deepclone::__private::finished_field::<u32>(
                            ::deepclone::__private::core::mem::offset_of!(Self, limit),
                            "limit",
                        ),
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
}
#[automatically_derived]
impl<'a, T, const N: usize> Account<'a, T, N>
where
    T: PartialEq,
    T: ::deepclone::__private::DeepClone,
    Rc<T>: ::deepclone::__private::core::clone::Clone,
{
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
                    let _ = <&'a str as ::deepclone::__private::DeepClone>::__sweeper;
                    ::deepclone::__private::deep_field::<&'a str>(
                        ::deepclone::__private::core::mem::offset_of!(Self, owner),
                        "owner",
                    )
                },
                {
                    let _ = <Vec<[T; N]> as ::deepclone::__private::DeepClone>::__sweeper;
                    ::deepclone::__private::deep_field::<Vec<[T; N]>>(
                        ::deepclone::__private::core::mem::offset_of!(Self, r#type),
                        "type",
                    )
                },
                ::deepclone::__private::finished_field::<Rc<T>>(
                    ::deepclone::__private::core::mem::offset_of!(Self, bank),
                    "bank",
                ),
                ::deepclone::__private::finished_field::<u32>(
                    ::deepclone::__private::core::mem::offset_of!(Self, start),
                    "start",
                ),
                ::deepclone::__private::finished_field::<u32>(
                    ::deepclone::__private::core::mem::offset_of!(Self, balance),
                    "balance",
                ),
                ::deepclone::__private::finished_field::<u32>(
                    ::deepclone::__private::core::mem::offset_of!(Self, limit),
                    "limit",
                ),
            ]
        };
        unsafe { sweep.fields(at, fields) }
    }
    #[doc(hidden)]
    fn __deepclone_field_3() -> fn() -> u32 {
        || (Self::START)
    }
    #[doc(hidden)]
    fn __deepclone_field_4() -> fn(&u32) -> u32 {
        |source| half(source)
    }
    #[doc(hidden)]
    fn __deepclone_field_5() -> fn(
        &u32,
        &mut ::deepclone::__private::Cloner<'_>,
    ) -> ::deepclone::__private::Result<
        u32,
        ::deepclone::__private::Error,
    > {
        |source, cloner| ::deepclone::__private::call_by_hand(checked, source, cloner)
    }
}
