//! Shapes that the macros must accept, one a file, which the mistakes in `tests/ui` are beside. No file has unsafe code or a
//! warning.

#![forbid(unsafe_code)]
#![deny(warnings)]

mod associated_types;
mod by_hand;
mod cell_of_a_copy_type;
mod const_calls_in_bounds_and_arguments;
mod enum_with_discriminants;
mod enum_without_variants;
mod enums;
mod field_words;
mod generic_cow;
mod generics;
mod named_struct;
mod packed;
mod recursive_generics;
mod return_and_question_mark_beside_the_function;
mod return_and_question_mark_in_the_closure;
mod trait_object;
mod tuple_struct;
mod type_words;
mod union_copied_whole;
mod unit_struct;
mod unsized_parameter;
mod unsized_tail;
mod user_tokens_that_stay_where_they_are;
