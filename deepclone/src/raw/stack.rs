//! Where the stack stands, and how to continue on a fresh piece of it.

#[cfg(all(asan, feature = "std"))]
mod sanitized;

/// How much stack a chain of shared pointers may use before it is put off. Without optimisation a frame takes a multiple.
const SOFT: usize = if cfg!(debug_assertions) { 512 } else { 64 } * 1024;
/// The same where edges are counted: what is put off is not known to close a cycle.
const SOFT_IF_COUNTED: usize = 1024 * 1024;
/// After how much stack it is first asked how much there is.
#[cfg(feature = "std")]
const UNASKED: usize = 8 * 1024;
/// How much stack must be left below any call that we make.
#[cfg(feature = "std")]
const RED_ZONE: usize = 96 * 1024;
/// The size of a fresh piece of stack. It is mapped, and costs memory only as far as it is used.
#[cfg(feature = "std")]
const PIECE: usize = 4 * 1024 * 1024;

/// Addresses that the stack pointer is compared with.
#[derive(Clone, Copy)]
pub(crate) struct Stack {
    /// Below this, shared pointers are put off.
    soft: usize,
    /// Below this, fresh stack is needed; or nobody has asked yet.
    #[cfg(feature = "std")]
    hard: usize,
    /// The higher of the two.
    either: usize,
    /// Below this, a box or a vector is placed with care: `hard`, or everywhere if something is counted.
    care: usize,
}

/// The stack pointer. The address of a local would not do: a sanitizer may keep locals on the heap.
#[inline(always)]
fn stack_pointer() -> usize {
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    {
        let pointer: usize;
        // SAFETY: reads a register and nothing else.
        unsafe {
            core::arch::asm!("mov {}, rsp", out(reg) pointer, options(nomem, nostack, preserves_flags));
        }
        pointer
    }
    #[cfg(all(target_arch = "aarch64", not(miri)))]
    {
        let pointer: usize;
        // SAFETY: reads a register and nothing else.
        unsafe {
            core::arch::asm!("mov {}, sp", out(reg) pointer, options(nomem, nostack, preserves_flags));
        }
        pointer
    }
    #[cfg(any(miri, not(any(target_arch = "x86_64", target_arch = "aarch64"))))]
    {
        let local = 0_u8;
        (&raw const local).addr()
    }
}

impl Stack {
    /// The limits for work that starts here.
    #[inline(always)]
    pub(crate) fn here(counted: bool) -> Self {
        // Where the subtraction wraps, every place counts as deep: slow, and right.
        let pointer = stack_pointer();
        let soft = pointer.wrapping_sub(if counted { SOFT_IF_COUNTED } else { SOFT });
        #[cfg(feature = "std")]
        let hard = pointer.wrapping_sub(UNASKED);
        #[cfg(feature = "std")]
        const {
            assert!(UNASKED < SOFT && UNASKED < SOFT_IF_COUNTED)
        };
        #[cfg(not(feature = "std"))]
        let hard = 0;
        Self {
            soft,
            #[cfg(feature = "std")]
            hard,
            #[cfg(feature = "std")]
            either: hard,
            #[cfg(not(feature = "std"))]
            either: soft,
            care: if counted { usize::MAX } else { hard },
        }
    }

    /// The limits for work that goes on here, on another stack.
    #[cfg(feature = "std")]
    fn fresh(before: Self) -> Self {
        let fresh = Self::here(false);
        let care = if before.care == usize::MAX {
            before.care
        } else {
            fresh.care
        };
        Self { care, ..fresh }
    }

    /// Lets shared pointers go on from here as from the start, within what stack there is. Returns the limits as they were.
    pub(crate) fn go_deeper(&mut self) -> Self {
        let before = *self;
        #[cfg(feature = "std")]
        {
            self.soft = stack_pointer().saturating_sub(SOFT).min(self.soft);
            self.set_hard(self.hard);
        }
        before
    }

    /// Whether a box or a vector met here needs more than to be placed.
    #[inline(always)]
    pub(crate) fn needs_care(&self) -> bool {
        stack_pointer() < self.care
    }

    /// Sets the limit below which fresh stack is needed.
    #[cfg(feature = "std")]
    fn set_hard(&mut self, hard: usize) {
        self.hard = hard;
        self.either = hard.max(self.soft);
        if self.care != usize::MAX {
            self.care = hard;
        }
    }

    /// Whether a shared pointer met here is better put off.
    #[inline(always)]
    pub(crate) fn is_deep(&mut self) -> bool {
        let pointer = stack_pointer();
        pointer < self.either && self.is_deeper(pointer)
    }

    #[cold]
    #[inline(never)]
    fn is_deeper(&mut self, pointer: usize) -> bool {
        #[cfg(feature = "std")]
        if pointer >= self.soft {
            return self.needs_room();
        }
        pointer < self.soft
    }

    /// Whether `needs_room` has to be asked.
    #[cfg(feature = "std")]
    #[inline(always)]
    pub(crate) fn may_need_room(&self) -> bool {
        stack_pointer() < self.hard
    }

    #[cfg(not(feature = "std"))]
    #[inline(always)]
    pub(crate) fn may_need_room(&self) -> bool {
        false
    }

    /// Whether a box met here is better put off: past the soft limit, or where fresh stack would be needed.
    #[cfg(feature = "std")]
    #[cold]
    pub(crate) fn is_deep_for_box(&mut self) -> bool {
        let pointer = stack_pointer();
        if pointer < self.soft {
            return true;
        }
        let Some(left) = stacker::remaining_stack() else {
            return true;
        };
        let end = pointer.saturating_sub(left).saturating_add(RED_ZONE);
        // Boxes that can't be put off ask for the end alone, in `needs_room`.
        self.set_hard(end.max(self.soft));
        pointer < self.hard
    }

    #[cfg(not(feature = "std"))]
    pub(crate) fn is_deep_for_box(&mut self) -> bool {
        false
    }

    /// Whether what follows has to run on a fresh piece of stack.
    #[cfg(feature = "std")]
    #[cold]
    pub(crate) fn needs_room(&mut self) -> bool {
        let pointer = stack_pointer();
        // Where the platform does not tell, a fresh piece is always safe, and its own end is known.
        let Some(left) = stacker::remaining_stack() else {
            return true;
        };
        self.set_hard(pointer.saturating_sub(left).saturating_add(RED_ZONE));
        pointer < self.hard
    }
}

/// Where a call of user code was made from.
#[derive(Clone, Copy)]
pub(crate) struct Mark {
    #[cfg(feature = "std")]
    pointer: usize,
}

impl Mark {
    #[inline(always)]
    pub(crate) fn here() -> Self {
        Self {
            #[cfg(feature = "std")]
            pointer: stack_pointer(),
        }
    }

    /// Runs `work` below user code. That may have gone on on another stack. One that lies below this one looks like one that is full, and is asked how much is left of it; about one that
    /// lies above the limits known so far say nothing. And what is found out there says nothing about this one.
    #[inline(always)]
    pub(crate) fn below<S: ?Sized, R>(
        self,
        state: &mut S,
        stack_of: fn(&mut S) -> &mut Stack,
        work: impl FnOnce(&mut S) -> R,
    ) -> R {
        let before = *stack_of(state);
        #[cfg(feature = "std")]
        let result = if stack_pointer() > self.pointer {
            on_other_stack(state, stack_of, work)
        } else {
            work(state)
        };
        #[cfg(not(feature = "std"))]
        let result = work(state);
        *stack_of(state) = before;
        result
    }
}

/// How much is left of it is not known either, if it is none of `stacker`'s.
#[cfg(feature = "std")]
#[cold]
#[inline(never)]
fn on_other_stack<S: ?Sized, R>(
    state: &mut S,
    stack_of: fn(&mut S) -> &mut Stack,
    work: impl FnOnce(&mut S) -> R,
) -> R {
    let mut work = Some(work);
    with_fresh_piece(state, stack_of, &mut |state| {
        work.take().map(|work| work(state))
    })
    .expect("the work is done once")
}

/// Runs `work`, on a fresh piece of stack if little is left of this one.
#[inline(always)]
pub(crate) fn with_room<S: ?Sized, R>(
    state: &mut S,
    stack_of: fn(&mut S) -> &mut Stack,
    mut work: impl FnMut(&mut S) -> R,
) -> R {
    #[cfg(feature = "std")]
    if stack_of(state).may_need_room() {
        return ask_for_room(state, stack_of, &mut work);
    }
    #[cfg(not(feature = "std"))]
    let _ = stack_of;
    work(state)
}

#[cfg(feature = "std")]
#[cold]
#[inline(never)]
fn ask_for_room<S: ?Sized, R>(
    state: &mut S,
    stack_of: fn(&mut S) -> &mut Stack,
    work: &mut dyn FnMut(&mut S) -> R,
) -> R {
    if !stack_of(state).needs_room() {
        return work(state);
    }
    with_fresh_piece(state, stack_of, work)
}

#[cfg(feature = "std")]
fn with_fresh_piece<S: ?Sized, R>(
    state: &mut S,
    stack_of: fn(&mut S) -> &mut Stack,
    work: &mut dyn FnMut(&mut S) -> R,
) -> R {
    let mut result = None;
    let before = *stack_of(state);
    on_fresh_piece(&mut || {
        *stack_of(state) = Stack::fresh(before);
        result = Some(work(state));
    });
    *stack_of(state) = before;
    result.expect("a fresh piece of stack runs the work")
}

/// Not generic, since little of a program's code should be about a full stack.
#[cfg(feature = "std")]
#[cold]
#[inline(never)]
fn on_fresh_piece(work: &mut dyn FnMut()) {
    #[cfg(not(asan))]
    stacker::grow(PIECE, work);
    #[cfg(asan)]
    stacker::grow(PIECE, || {
        sanitized::on_this_piece(stacker::remaining_stack().unwrap_or(0), work);
    });
}
