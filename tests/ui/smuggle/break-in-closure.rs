struct Account {
    balance: u32,
}

deepclone::impl_deep_clone! { impl for Account = |_account, _cloner| break 'failed }

fn main() {}
