#![forbid(unsafe_code)]

use deepclone::{DeepClone, impl_deep_clone};

#[derive(DeepClone)]
struct Account {
    #[deepclone(default = {
        #[unsafe(no_mangle)]
        fn forged() {}
        0
    })]
    balance: u32,
}

struct Ledger(*const u32);

impl_deep_clone! {
    impl for Ledger = {
        struct Page(*const u32);
        unsafe impl Send for Page {}
        Ledger::copy
    }
}

impl Ledger {
    fn copy(&self, _cloner: &mut deepclone::Cloner<'_>) -> Result<Self, deepclone::Error> {
        Ok(Self(self.0))
    }
}

fn main() {}
