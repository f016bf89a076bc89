struct Account<'a, T, const N: usize = 4>
where
    T: PartialEq,
{
    owner: &'a str,
    r#type: Vec<[T; N]>,
    #[deepclone(clone)]
    bank: Rc<T>,
    #[deepclone(default = Self::START)]
    start: u32,
    #[deepclone(with = half)]
    balance: u32,
    #[deepclone(try_with = checked)]
    limit: u32,
}
