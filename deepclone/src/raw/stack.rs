//! Where the stack stands, and how to continue on a fresh piece of it.

/// How much stack a chain of shared pointers may use before it is put off.
const SOFT: usize = 64 * 1024;
/// How much stack must be left below any call that we make.
#[cfg(feature = "std")]
const RED_ZONE: usize = 96 * 1024;
/// The size of a fresh piece of stack. It is mapped, and costs memory only as far as it is used.
#[cfg(feature = "std")]
const PIECE: usize = 4 * 1024 * 1024;

/// Two addresses that the stack pointer is compared with.
#[derive(Clone, Copy)]
pub(crate) struct Stack {
    soft: usize,
    hard: usize,
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
    pub(crate) fn here() -> Self {
        let pointer = stack_pointer();
        Self {
            soft: pointer.saturating_sub(SOFT),
            // Not known yet: the first value that deep a stack asks the operating system.
            hard: if cfg!(feature = "std") {
                pointer.saturating_sub(SOFT / 8)
            } else {
                0
            },
        }
    }

    /// Whether a shared pointer met here is better put off.
    #[inline(always)]
    pub(crate) fn is_deep(&self) -> bool {
        stack_pointer() < self.soft
    }

    /// Whether `needs_room` has to be asked.
    #[inline(always)]
    pub(crate) fn may_need_room(&self) -> bool {
        stack_pointer() < self.hard
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
        self.hard = pointer.saturating_sub(left).saturating_add(RED_ZONE);
        pointer < self.hard
    }
}

/// Runs `work`, on a fresh piece of stack if little is left of this one.
#[inline(always)]
pub(crate) fn with_room<S: ?Sized, R>(
    state: &mut S,
    stack_of: impl Fn(&mut S) -> &mut Stack,
    work: impl FnOnce(&mut S) -> R,
) -> R {
    #[cfg(feature = "std")]
    if stack_of(state).may_need_room() {
        return ask_for_room(state, stack_of, work);
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
    stack_of: impl Fn(&mut S) -> &mut Stack,
    work: impl FnOnce(&mut S) -> R,
) -> R {
    if !stack_of(state).needs_room() {
        return work(state);
    }
    stacker::grow(PIECE, || {
        let before = core::mem::replace(stack_of(state), Stack::here());
        let result = work(state);
        *stack_of(state) = before;
        result
    })
}
