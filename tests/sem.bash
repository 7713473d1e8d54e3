# tests/sem.bash -- what the tests of sem/ share; for `load sem`.
# shellcheck shell=bash

# forked [NAME]: whether it has any; then they are in the file of that name.
forked() {
    children "${1-receiver}" >forked
}

# waits PID SEMAPHORE zero|more: whether it sleeps in a semop, and for what.
waits() {
    build/sem/watch README.md | awk -v pid="$1" -v semaphore="$2" \
        -v what="for $3: " '
        $1 == semaphore && index($0, what) && index($0, " " pid " ") { ok = 1 }
        END { exit !ok }'
}

# background_pid NAME PROGRAM...: as background; then $pid is the program's.
background_pid() {
    background "$@"
    await pid "$1" >/dev/null
    # shellcheck disable=SC2034 # it is the caller's
    pid=$(pid "$1")
}

teardown() {
    helpers_teardown
    ipcrm -S "0x$(key)" 2>/dev/null || true
}
