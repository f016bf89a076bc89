//! Pools of threads, and work for them.

/// Runs a body on a pool of as many threads as each of these says.
///
/// # Panics
///
/// If there are no threads to be had, or if the body panics.
pub fn on_pools<const N: usize>(sizes: [usize; N], body: impl Fn() + Sync + Send) {
    for threads in sizes {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.expect("there are threads").install(&body);
    }
}

/// Written by hand, so that the thread that comes to it leaves the work before it.
pub struct ByHand(pub usize);

deepclone::impl_deep_clone! { impl for ByHand = |hand, _cloner| Ok(ByHand(hand.0)) }

/// Enough work to be worth another thread.
pub fn work(_: &u64) -> u64 {
    (0..20_000).fold(1, |sum: u64, at| sum.wrapping_mul(at | 3).rotate_left(3))
}
