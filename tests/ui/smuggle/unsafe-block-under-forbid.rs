#![forbid(unsafe_code)]

use deepclone::{DeepClone, impl_deep_clone};

#[derive(DeepClone)]
struct Account {
    #[deepclone(default = unsafe { std::mem::zeroed() })]
    balance: u32,
}

struct Ledger(u32);

impl_deep_clone! { impl for Ledger = |_ledger, _cloner| Ok(Ledger(unsafe { std::mem::zeroed() })) }

fn main() {}
