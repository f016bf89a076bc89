//! AddressSanitizer is told of the pieces of stack: `--cfg asan`.
//!
//! Where a panic passes by, it forgets what it knows of the frames that are left, but only on the stack that it takes for the thread's. What it did not forget it
//! reports when the same addresses are used again.

use core::ffi::c_void;
use core::ptr;

// LLVM's `sanitizer/common_interface_defs.h`. Each is called with what its documentation there asks for.
unsafe extern "C" {
    fn __sanitizer_start_switch_fiber(save: *mut *mut c_void, bottom: *const c_void, size: usize);
    fn __sanitizer_finish_switch_fiber(
        saved: *mut c_void,
        bottom: *mut *const c_void,
        size: *mut usize,
    );
}

/// No page is smaller, so nothing but the piece lies up to the next multiple.
const PAGE: usize = 4096;

/// The stack that was left, and is gone back to at the end.
struct Left {
    frames: *mut c_void,
    bottom: *const c_void,
    size: usize,
}

impl Drop for Left {
    fn drop(&mut self) {
        // SAFETY: the stack that was left is whole, and no frame of the piece is used from here on that keeps its locals elsewhere.
        unsafe {
            __sanitizer_start_switch_fiber(ptr::null_mut(), self.bottom, self.size);
            __sanitizer_finish_switch_fiber(self.frames, ptr::null_mut(), ptr::null_mut());
        }
    }
}

/// Runs `work` at the beginning of a piece of stack of which so much is left.
#[inline(never)]
pub(super) fn on_this_piece(left: usize, work: &mut dyn FnMut()) {
    let pointer = super::stack_pointer();
    let bottom = pointer.saturating_sub(left);
    let top = pointer.next_multiple_of(PAGE);
    let mut before = Left {
        frames: ptr::null_mut(),
        bottom: ptr::null(),
        size: 0,
    };
    // SAFETY: the piece is that on which this runs, and stays until `before` is dropped. The frame of this function was made before, so it stays with the stack
    // that is left.
    unsafe {
        __sanitizer_start_switch_fiber(
            &raw mut before.frames,
            ptr::without_provenance(bottom),
            top - bottom,
        );
        __sanitizer_finish_switch_fiber(
            ptr::null_mut(),
            &raw mut before.bottom,
            &raw mut before.size,
        );
    }
    work();
}
