//! The stack a nested value needs. Serde recurses; here is where a recursion moves to a fresh stack segment.

/// What must be left of a stack before anything of a caller's is called without a check.
const RED_ZONE: usize = 192 * 1024;
/// The size of a fresh segment.
const SEGMENT: usize = 4 * 1024 * 1024;
/// Stack that taking one level of a value apart may need: drop glue and the unwinding of a failed read.
const DROP_PER_LEVEL: usize = 1024;
/// How many levels share one look at the stack.
const STRIDE: usize = 8;

/// Whether the stack is too short for a few more levels.
#[inline]
pub(crate) fn is_low() -> bool {
    stacker::remaining_stack().is_none_or(|left| left < RED_ZONE)
}

/// Whether `depth` is one of the levels that look at the stack.
#[inline]
pub(crate) fn is_due(depth: usize) -> bool {
    depth % STRIDE == 0
}

/// Runs `work` on a fresh segment.
#[cold]
#[inline(never)]
pub(crate) fn on_fresh_stack<R>(work: impl FnOnce() -> R) -> R {
    stacker::grow(SEGMENT, work)
}

/// Runs `work`, which makes a `V` on the stack, with room for a few of them.
#[inline(always)]
pub(crate) fn with_room_for<V, R>(depth: usize, work: impl FnOnce() -> R) -> R {
    let large = size_of::<V>() > 1024;
    if large || is_due(depth) {
        let zone = RED_ZONE + 32 * size_of::<V>();
        if stacker::remaining_stack().is_none_or(|left| left < zone) {
            return grown(zone, work);
        }
    }
    work()
}

#[cold]
#[inline(never)]
fn grown<R>(zone: usize, work: impl FnOnce() -> R) -> R {
    stacker::grow(SEGMENT.max(2 * zone), work)
}

/// How many levels serde's buffers may hold on any stack.
pub(crate) const SHALLOW: usize = 32;
/// How many levels one of serde's buffers may hold. It is read by code that knows of no stack segments, and an untagged enum
/// inside an untagged enum copies it once per level.
pub(crate) const BUFFERED_LEVELS: usize = 8_192;
/// Stack that reading one level from a buffer may need.
const BUFFERED_PER_LEVEL: usize = 32 * 1024;

/// Runs `work`, which reads up to `levels` levels from a buffer of serde's, with a stack that this fits on.
pub(crate) fn with_room_to_buffer<R>(levels: usize, work: impl FnOnce() -> R) -> R {
    if levels < SHALLOW {
        return work();
    }
    let need = levels * BUFFERED_PER_LEVEL;
    stacker::maybe_grow(need, need + SEGMENT, work)
}

/// Runs `work`, which may have to drop a value of `levels` levels at once, with a stack that this fits on.
pub(crate) fn with_room_to_drop<R>(levels: usize, work: impl FnOnce() -> R) -> R {
    if levels < 256 {
        return work();
    }
    let need = levels * DROP_PER_LEVEL + RED_ZONE;
    stacker::maybe_grow(need, need + SEGMENT, work)
}
