# tests/fifo.bash -- what the tests of fifo/ share.
# shellcheck shell=bash

# nothing_left: no FIFO is in the test's folder any more.
nothing_left() {
    [ -z "$(find . -type p)" ]
}

# is_refused PATH PROGRAM ARG...: the passive end says in one line that it does
# not take PATH for its FIFO.
is_refused() {
    local path=$1
    shift
    run -1 limited "$@"
    [ "$output" = "${1##*/}: mkfifo $path: File exists" ]
}

# refuses_what_is_there PROGRAM ARG...: what is at the path `taken` and is not a
# FIFO of ours is left alone by this passive end.
refuses_what_is_there() {
    cp README.md taken
    is_refused taken "$@"
    cmp README.md taken

    rm taken && mkdir taken
    is_refused taken "$@"

    rmdir taken && ln -s README.md taken
    is_refused taken "$@"

    mkfifo target && ln -sfn target taken
    is_refused taken "$@"
    rm target taken

    if [ "$(id -u)" -eq 0 ]; then
        mkfifo taken && chown 65534 taken
        is_refused taken "$@"
        [ -p taken ]
        rm taken
    fi
}

# leaves_nothing PROGRAM ARG...: the passive end leaves no FIFO behind, neither
# when a signal ends it nor when it is started again after a kill -9.
leaves_nothing() {
    for signal in INT TERM HUP; do
        start "$@"
        signal "$signal"
        run finish
        nothing_left
    done

    start "$@"
    signal KILL
    run finish
    run ! nothing_left
    start "$@"
    signal TERM
    run finish
    nothing_left
}

# without_reader PROGRAM ARG...: run it as if the other end had closed the FIFO
# between the open and the first write.
without_reader() {
    need_right strace -o strace
    run -1 limited env ASAN_OPTIONS=detect_leaks=0 strace -qq -o strace \
        -e inject=write:error=EPIPE:signal=PIPE:when=1 "$@"
}
