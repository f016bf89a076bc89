use deepclone::{Cloner, DeepClone, Error, impl_deep_clone};

struct Account;

impl Account {
    fn copy(&self, _cloner: &mut Cloner<'_>) -> Result<Self, Error> {
        Ok(Self)
    }
}

impl_deep_clone! { impl Account = Account::copy }

fn main() {
    let _copy = Account.deep_clone();
}
