use deepclone::{Cloner, DeepClone};

#[derive(DeepClone)]
#[deepclone(with = Account::copy)]
struct Account {
    balance: u32,
}

impl Account {
    fn copy(&self, _cloner: &mut Cloner<'_>) -> Self {
        Self { balance: self.balance }
    }
}

fn main() {}
