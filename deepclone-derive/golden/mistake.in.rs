struct Account<T> {
    #[deepclone(skip)]
    balance: T,
}
