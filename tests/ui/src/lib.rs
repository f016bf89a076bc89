//! Nothing but a home for the mistakes beside this directory, which `tests/ui.rs` gives to the compiler.
