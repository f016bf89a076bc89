use deepclone::{Cloner, Error};

struct Holder<'a, 'op> {
    cloner: &'a mut Cloner<'op>,
}

fn exchange<'a>(holder: &mut Holder<'a, '_>, cloner: &'a mut Cloner<'_>) -> Result<(), Error> {
    holder.cloner = cloner;
    Ok(())
}

fn main() {}
