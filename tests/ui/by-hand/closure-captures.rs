fn main() {
    struct Account(u32);
    let balance = 3;
    deepclone::impl_deep_clone! { impl for Account = |_account, _cloner| Ok(Account(balance)) }
}
