#[automatically_derived]
unsafe impl<T> ::deepclone::__private::DeepClone for Shape<T>
where
    T: ::deepclone::__private::DeepClone,
{
    #[inline]
    unsafe fn __place(
        &self,
        dst: *mut ::deepclone::__private::core::primitive::u8,
        engine: &mut ::deepclone::__private::Engine<'_>,
    ) -> ::deepclone::__private::Placed {
        match self {
            Shape::Point {} => {
                unsafe { ::deepclone::__private::start_variant(self, dst, true, []) };
                ::deepclone::__private::Ok(())
            }
            Shape::Circle {
                0: field_0,
                1: field_1,
            } => {
                unsafe {
                    ::deepclone::__private::start_variant(
                        self,
                        dst,
                        true,
                        [
                            ::deepclone::__private::span(self, field_0),
                            ::deepclone::__private::span(self, field_1),
                        ],
                    )
                };
                let failed = 'failed: {
                    if let ::deepclone::__private::Err(_) = unsafe {
                        <T as ::deepclone::__private::DeepClone>::__place(
                            field_0,
                            dst.add(::deepclone::__private::offset_of_ref(self, field_0)),
                            engine,
                        )
                    } {
                        break 'failed 0;
                    }
                    if let ::deepclone::__private::Err(_) = unsafe {
                        <u32 as ::deepclone::__private::DeepClone>::__place(
                            field_1,
                            dst.add(::deepclone::__private::offset_of_ref(self, field_1)),
                            engine,
                        )
                    } {
                        break 'failed 1;
                    }
                    return ::deepclone::__private::Ok(());
                };
                let fields = [
                    {
                        let _ = <T as ::deepclone::__private::DeepClone>::__sweeper;
                        ::deepclone::__private::deep_field::<T>(
                            ::deepclone::__private::offset_of_ref(self, field_0),
                            "0",
                        )
                    },
                    {
                        let _ = <u32 as ::deepclone::__private::DeepClone>::__sweeper;
                        ::deepclone::__private::deep_field::<u32>(
                            ::deepclone::__private::offset_of_ref(self, field_1),
                            "1",
                        )
                    },
                ];
                unsafe {
                    ::deepclone::__private::undo(
                        engine,
                        dst,
                        &fields,
                        failed,
                        ::deepclone::__private::Some("Circle"),
                    )
                }
            }
            Shape::Named {
                name: field_2,
                area: field_3,
            } => {
                unsafe {
                    ::deepclone::__private::start_variant(
                        self,
                        dst,
                        true,
                        [
                            ::deepclone::__private::span(self, field_2),
                            ::deepclone::__private::span(self, field_3),
                        ],
                    )
                };
                let failed = 'failed: {
                    if let ::deepclone::__private::Err(_) = unsafe {
                        <String as ::deepclone::__private::DeepClone>::__place(
                            field_2,
                            dst.add(::deepclone::__private::offset_of_ref(self, field_2)),
                            engine,
                        )
                    } {
                        break 'failed 0;
                    }
                    if let ::deepclone::__private::Err(_) = unsafe {
                        :: deepclone :: __private :: place_default :: < Option < u32 > > (dst . add (:: deepclone :: __private :: offset_of_ref (self , field_3)) , engine , < Option < u32 > as :: deepclone :: __private :: core :: default :: Default > :: default)
                    } {
                        break 'failed 1;
                    }
                    return ::deepclone::__private::Ok(());
                };
                let fields = [
                    {
                        let _ = <String as ::deepclone::__private::DeepClone>::__sweeper;
                        ::deepclone::__private::deep_field::<String>(
                            ::deepclone::__private::offset_of_ref(self, field_2),
                            "name",
                        )
                    },
                    ::deepclone::__private::finished_field::<Option<u32>>(
                        ::deepclone::__private::offset_of_ref(self, field_3),
                        "area",
                    ),
                ];
                unsafe {
                    ::deepclone::__private::undo(
                        engine,
                        dst,
                        &fields,
                        failed,
                        ::deepclone::__private::Some("Named"),
                    )
                }
            }
        }
    }
    fn __sweeper(&self) -> ::deepclone::__private::Sweeper {
        Self::__deepclone_sweep
    }
}
#[automatically_derived]
impl<T> Shape<T>
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
        let value = unsafe { &*(at as *const Self) };
        match value {
            Shape::Point {} => {}
            Shape::Circle {
                0: field_0,
                1: field_1,
            } => {
                let fields = [
                    {
                        let _ = <T as ::deepclone::__private::DeepClone>::__sweeper;
                        ::deepclone::__private::deep_field::<T>(
                            ::deepclone::__private::offset_of_ref(value, field_0),
                            "0",
                        )
                    },
                    {
                        let _ = <u32 as ::deepclone::__private::DeepClone>::__sweeper;
                        ::deepclone::__private::deep_field::<u32>(
                            ::deepclone::__private::offset_of_ref(value, field_1),
                            "1",
                        )
                    },
                ];
                unsafe { sweep.fields(at, &fields) }
            }
            Shape::Named {
                name: field_2,
                area: field_3,
            } => {
                let fields = [
                    {
                        let _ = <String as ::deepclone::__private::DeepClone>::__sweeper;
                        ::deepclone::__private::deep_field::<String>(
                            ::deepclone::__private::offset_of_ref(value, field_2),
                            "name",
                        )
                    },
                    ::deepclone::__private::finished_field::<Option<u32>>(
                        ::deepclone::__private::offset_of_ref(value, field_3),
                        "area",
                    ),
                ];
                unsafe { sweep.fields(at, &fields) }
            }
        }
    }
}
