struct Account {
    balance: u32,
}

deepclone::impl_deep_clone! { impl for Account = { break; Account::copy } }

impl Account {
    fn copy(&self, _cloner: &mut deepclone::Cloner<'_>) -> Result<Self, deepclone::Error> {
        Ok(Self { balance: self.balance })
    }
}

fn main() {}
