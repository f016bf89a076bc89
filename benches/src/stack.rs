//! Stacks: a huge one for contenders that recurse a million deep, an ordinary one for those that must not.

/// Deep enough for a recursion of a million frames, and for the drop of what it made.
const HUGE: usize = 2 << 30;

/// What a thread gets by default.
const ORDINARY: usize = 2 << 20;

/// Runs `work` on this thread, on a stack of 2 GiB. The heap is that of this thread, as it is for everyone else.
pub fn on_huge_stack<R>(work: impl FnOnce() -> R) -> R {
    stacker::grow(HUGE, work)
}

/// Runs `work` on this thread, on a stack of 2 MiB, so that a contender has to earn its depth.
pub(crate) fn on_ordinary_stack<R>(work: impl FnOnce() -> R) -> R {
    stacker::grow(ORDINARY, work)
}
