struct Account {
    balance: u32,
}

deepclone::impl_deep_clone! { impl for Account = |account, _cloner| Ok(account.balance) }

fn main() {}
