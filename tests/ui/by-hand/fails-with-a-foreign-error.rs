struct Account;

struct NoMoney;

impl Account {
    fn copy(&self, _cloner: &mut deepclone::Cloner<'_>) -> Result<Account, NoMoney> {
        Err(NoMoney)
    }
}

deepclone::impl_deep_clone! { impl for Account = Account::copy }

fn main() {}
