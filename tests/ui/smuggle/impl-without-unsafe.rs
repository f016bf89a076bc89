use deepclone::DeepClone;

struct Account;

impl DeepClone for Account {}

fn main() {}
