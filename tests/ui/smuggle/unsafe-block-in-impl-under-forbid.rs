#![forbid(unsafe_code)]

struct Account {
    balance: u32,
}

deepclone::impl_deep_clone! { impl for Account = { let _: u32 = unsafe { std::mem::zeroed() }; Account::copy } }

impl Account {
    fn copy(&self, _cloner: &mut deepclone::Cloner<'_>) -> Result<Self, deepclone::Error> {
        Ok(Self { balance: self.balance })
    }
}

fn main() {}
