#!/bin/sh
# Counts the instructions of a copy of W1, W5, W8 and W9 under callgrind and compares them with instructions.txt: fails above +5 %.
# With --store it writes that file instead, to be committed with the reason for the change.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
stored="$here/instructions.txt"
target=${CARGO_TARGET_DIR:-$here/../target}
command -v valgrind >/dev/null || { echo "valgrind is not installed" >&2; exit 2; }
cargo build --quiet --release --manifest-path "$here/Cargo.toml" --no-default-features --bin instructions
counts=$(mktemp)
trap 'rm -f "$counts" "$counts.log"' EXIT
for workload in W1 W5 W8 W9; do
    # The huge stack that the program switches to is no mistake of its.
    valgrind --tool=callgrind --callgrind-out-file=/dev/null --toggle-collect='*make_copies*' --max-stackframe=4294967296 \
        "$target/release/instructions" "$workload" >"$counts.log" 2>&1 || { cat "$counts.log" >&2; exit 2; }
    count=$(sed -n 's/.*Collected : \([0-9]*\).*/\1/p' "$counts.log")
    [ -n "$count" ] && [ "$count" -gt 0 ] || { echo "callgrind counted nothing in $workload" >&2; cat "$counts.log" >&2; exit 2; }
    echo "$workload $count" >>"$counts"
done
if [ "${1:-}" = --store ]; then
    cp "$counts" "$stored"
    cat "$stored"
    exit
fi
awk '
    NR == FNR { stored[$1] = $2; next }
    !($1 in stored) { print $1 ": nothing is stored"; bad = 1; next }
    {
        change = ($2 / stored[$1] - 1) * 100
        printf "%s %d instructions, %+.2f %% of the stored %d\n", $1, $2, change, stored[$1]
        if (change > 5) { print $1 ": more than 5 % above what is stored"; bad = 1 }
    }
    END { exit bad }
' "$stored" "$counts"
