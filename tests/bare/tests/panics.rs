//! A panic of user code goes on when the operation has ended; and where it can't be caught, it ends the program, before anybody sees what is half done.

#![forbid(unsafe_code)]

use std::process::{Command, Output};

use deepclone_bare::PANICS_END_THE_PROGRAM;

fn run(case: &str) -> Output {
    let program = env!("CARGO_BIN_EXE_panicking");
    Command::new(program)
        .arg(case)
        .output()
        .expect("it was built")
}

#[track_caller]
fn check(case: &str) {
    let output = run(case);
    let (told, errors) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(errors.contains("the fuse"), "{errors}");
    if PANICS_END_THE_PROGRAM {
        assert_eq!(told, "", "it went on");
        #[cfg(unix)]
        {
            use std::os::unix::process::ExitStatusExt;
            let abort = 6;
            assert_eq!(output.status.signal(), Some(abort), "{errors}");
        }
        assert!(!output.status.success());
        // Of the two panics the second tells why.
        let why = "without the feature `std`, code that a deep clone runs must not panic";
        assert_eq!(
            errors.contains(why),
            cfg!(all(not(feature = "std"), panic = "unwind")),
            "{errors}"
        );
    } else {
        assert!(output.status.success(), "{errors}");
        assert_eq!(told, "0 left\n", "{errors}");
    }
}

#[test]
fn a_panic_while_a_field_is_copied() {
    check("copy");
}

#[test]
fn a_panic_while_keys_are_compared() {
    check("order");
}

#[test]
fn a_panic_that_code_written_by_hand_would_catch() {
    check("hand");
}

#[test]
fn a_panic_in_a_session_that_is_used_again() {
    check("session");
}

#[test]
fn a_panic_of_a_drop_after_a_failure() {
    check("drop");
}
