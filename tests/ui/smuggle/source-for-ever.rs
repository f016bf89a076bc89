use deepclone::{Cloner, DeepClone, Error, impl_deep_clone};

#[derive(DeepClone)]
struct Account {
    #[deepclone(with = leak)]
    name: String,
}

fn leak(name: &'static String) -> String {
    name.clone()
}

struct Ledger;

fn copy(_: &'static Ledger, _: &mut Cloner<'_>) -> Result<Ledger, Error> {
    Ok(Ledger)
}

impl_deep_clone! { impl for Ledger = copy }

fn main() {}
