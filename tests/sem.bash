# tests/sem.bash -- what the tests of sem/ share; for `load sem`.
# shellcheck shell=bash

# children [NAME]: the processes that it has forked.
children() {
    pgrep -P "$(pid "${1-receiver}")"
}

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

# state LETTER PID: whether the process is in that state: T is stopped.
state() {
    grep -q "^State:.$1" "/proc/$2/status"
}

# background_pid NAME PROGRAM...: as background; then $pid is the program's.
background_pid() {
    background "$@"
    await pid "$1" >/dev/null
    # shellcheck disable=SC2034 # it is the caller's
    pid=$(pid "$1")
}

# key: README.md's, in hexadecimal digits.
key() {
    printf '49%02x%04x' $(($(stat -c %d README.md) & 0xff)) \
        $(($(stat -c %i README.md) & 0xffff))
}

teardown() {
    helpers_teardown
    perl -MIPC::SysV=ftok,IPC_RMID -e '
        $set = semget(ftok("README.md", ord "I"), 0, 0);
        semctl $set, 0, IPC_RMID, 0 if defined $set;
    '
}
