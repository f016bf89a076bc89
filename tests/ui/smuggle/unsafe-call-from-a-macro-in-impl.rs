struct Account {
    balance: u32,
}

macro_rules! forge {
    () => {
        std::mem::zeroed()
    };
}

deepclone::impl_deep_clone! { impl for Account = |_account, _cloner| Ok(Account { balance: forge!() }) }

fn main() {}
