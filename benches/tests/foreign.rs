//! What the report says of a script in another language that doesn't do what it should.

use std::process::Command;

use deepclone_benches::foreign::{Foreign, run};

fn rows(script: &str) -> Vec<Foreign> {
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    run("a script", command)
}

fn reason(row: &Foreign) -> &str {
    row.outcome.as_ref().unwrap_err()
}

#[test]
fn a_script_that_works_has_a_row_for_each_value() {
    let rows =
        rows(r#"for of in W2 W5 W9; do echo "{\"workload\": \"$of\", \"nanoseconds\": 7}"; done"#);
    let times: Vec<_> = rows
        .iter()
        .map(|row| (&*row.workload, row.outcome.clone()))
        .collect();
    assert_eq!(times, [("W2", Ok(7.0)), ("W5", Ok(7.0)), ("W9", Ok(7.0))]);
}

#[test]
fn a_script_that_crashes_leaves_its_status_and_its_error() {
    let rows = rows("echo Traceback >&2; echo 'NameError: no such name' >&2; exit 3");
    assert_eq!(rows.len(), 1);
    assert_eq!(reason(&rows[0]), "exit status: 3: NameError: no such name");
}

#[test]
fn a_script_that_is_killed_leaves_the_signal() {
    let rows = rows("kill -KILL $$");
    assert_eq!(reason(&rows[0]), "signal: 9 (SIGKILL), without a word");
}

#[test]
fn values_that_a_script_has_not_come_to_are_rows_with_the_reason() {
    let rows = rows(
        r#"echo '{"workload": "W2", "nanoseconds": 7}'; echo out of memory >&2; echo 'not JSON'; exit 1"#,
    );
    assert_eq!(rows[0].outcome, Ok(7.0));
    for (row, workload) in rows[1..].iter().zip(["W5", "W9"]) {
        assert_eq!(row.workload, workload);
        assert_eq!(reason(row), "exit status: 1: out of memory");
    }
    assert_eq!(rows.len(), 3);
}

#[test]
fn a_script_s_own_reason_is_shown() {
    let rows = rows(r#"echo '{"workload": "W9", "error": "too deep"}'"#);
    assert_eq!(reason(&rows[0]), "too deep");
    assert_eq!(reason(&rows[1]), "exit status: 0, without a word");
}

#[test]
fn a_program_that_is_not_there_is_named() {
    let rows = run("a script", Command::new("no-such-interpreter"));
    assert_eq!(reason(&rows[0]), "no-such-interpreter is not on the PATH");
}
