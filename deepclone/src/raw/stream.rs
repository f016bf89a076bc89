//! Plain bytes in bulk: a row that no cache holds is written past the caches.
//!
//! An ordinary store first reads the line that it writes to. For a row that is larger than the caches that is a third of all traffic, and drives out what
//! others keep there.

use core::ptr;

/// From how many bytes on a row is written past the caches. Smaller ones may be read again before they are driven out.
const FAR: usize = 16 << 20;

/// Copies a row of plain values.
///
/// # Safety
///
/// As [`ptr::copy_nonoverlapping`].
#[inline(always)]
pub(crate) unsafe fn copy_row<T>(from: *const T, to: *mut T, count: usize) {
    if size_of::<T>() > 0 && count >= FAR / size_of::<T>() {
        // SAFETY: passed on; as many bytes as values of that size have.
        unsafe { copy_far(from.cast(), to.cast(), count * size_of::<T>()) };
    } else {
        // SAFETY: passed on.
        unsafe { ptr::copy_nonoverlapping(from, to, count) };
    }
}

/// # Safety
///
/// As [`ptr::copy_nonoverlapping`].
#[cold]
#[inline(never)]
#[cfg(all(target_arch = "x86_64", target_feature = "sse2", not(miri)))]
unsafe fn copy_far(from: *const u8, to: *mut u8, bytes: usize) {
    /// What a round of the loop copies.
    const ROUND: usize = 64;
    let head = to.align_offset(16).min(bytes);
    let rounds = (bytes - head) / ROUND;
    let done = head + rounds * ROUND;
    // SAFETY: within the row.
    unsafe {
        ptr::copy_nonoverlapping(from, to, head);
        ptr::copy_nonoverlapping(from.add(done), to.add(done), bytes - done);
    }
    if rounds == 0 {
        return;
    }
    // In assembly, since a typed load must not meet the uninitialised bytes between fields.
    // SAFETY: reads and writes `rounds` times 64 bytes from behind the head on, within the row; `to` is aligned there. The fence orders
    // these stores before all that follow.
    unsafe {
        core::arch::asm!(
            "2:",
            "movdqu xmm0, [{from}]",
            "movdqu xmm1, [{from} + 16]",
            "movdqu xmm2, [{from} + 32]",
            "movdqu xmm3, [{from} + 48]",
            "movntdq [{to}], xmm0",
            "movntdq [{to} + 16], xmm1",
            "movntdq [{to} + 32], xmm2",
            "movntdq [{to} + 48], xmm3",
            "add {from}, 64",
            "add {to}, 64",
            "dec {rounds}",
            "jnz 2b",
            "sfence",
            from = inout(reg) from.add(head) => _,
            to = inout(reg) to.add(head) => _,
            rounds = inout(reg) rounds => _,
            out("xmm0") _,
            out("xmm1") _,
            out("xmm2") _,
            out("xmm3") _,
            options(nostack),
        );
    }
}

/// # Safety
///
/// As [`ptr::copy_nonoverlapping`].
#[cold]
#[inline(never)]
#[cfg(not(all(target_arch = "x86_64", target_feature = "sse2", not(miri))))]
unsafe fn copy_far(from: *const u8, to: *mut u8, bytes: usize) {
    // SAFETY: passed on.
    unsafe { ptr::copy_nonoverlapping(from, to, bytes) }
}

#[cfg(test)]
mod tests {
    use super::copy_far;
    use alloc::vec;
    use alloc::vec::Vec;

    #[test]
    fn rows_of_any_length_and_place_are_copied_whole_and_nothing_beside_them() {
        let source: Vec<u8> = (0..1024_u32).map(|at| (at * 7 % 251 + 1) as u8).collect();
        for from in 0..20 {
            for to in 0..20 {
                for bytes in [0, 1, 15, 16, 17, 63, 64, 65, 127, 128, 129, 300, 900] {
                    let mut copy = vec![0_u8; 1024];
                    // SAFETY: all lies within the two.
                    unsafe {
                        copy_far(source.as_ptr().add(from), copy.as_mut_ptr().add(to), bytes)
                    };
                    assert_eq!(copy[to..to + bytes], source[from..from + bytes]);
                    assert!(
                        copy[..to]
                            .iter()
                            .chain(&copy[to + bytes..])
                            .all(|byte| *byte == 0)
                    );
                }
            }
        }
    }
}
