struct Account<const N: usize>;

deepclone::impl_deep_clone! { impl for Account<{ forge() }> = |_account, _cloner| Ok(Account) }

const unsafe fn forge() -> usize {
    1
}

fn main() {}
