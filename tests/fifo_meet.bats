#!/usr/bin/env bats

load helpers
load fifo

@test "fifo/meet: its card holds" {
    card fifo/meet_recv.c
}

# waits LOG FIFO: how long open waited there, in ms.
waits() {
    sed -n "s/^met on $2 after \([0-9]*\) ms\$/\1/p" "$1"
}

@test "fifo/meet: open waits in the first process, not in the second" {
    start build/fifo/meet_recv there back
    limited build/fifo/meet_send there back >sender
    finish

    # The pause is 300 ms; what one of them starts late, it waits less.
    for path in there back; do
        first=$(waits logs/receiver $path)
        [ "$first" -ge 150 ]
        [ "$(waits sender $path)" -lt "$first" ]
    done
}

@test "fifo/meet --swapped: both wait for each other, and say so" {
    mkfifo there back # so that the two may start at the same time
    background sender build/fifo/meet_send there back
    run -1 limited build/fifo/meet_recv --swapped there back
    [[ $output == *"meet_recv: waited 2 s for back to be opened to read" ]]
    run -1 finish sender
    [ "$(printed sender | tail -n 1)" = \
        "meet_send: waited 1 s for there to be opened to read" ]
    nothing_left
}

@test "fifo/meet: when the sender does not come again, the receiver ends" {
    start build/fifo/meet_recv there back
    exec 7>there # as a sender does, but this one goes no further
    run -1 finish
    printed | grep '^meet_recv: waited 2 s for back to be opened to read$'
    nothing_left
}

@test "fifo/meet: when the receiver does not come again, the sender ends" {
    mkfifo there
    exec 7<>there # as a receiver does, but this one goes no further
    run -1 limited build/fifo/meet_send there back
    [[ $output == *"meet_send: open back: is the receiver running?: \
No such file or directory" ]]

    mkfifo back
    run -1 limited build/fifo/meet_send there back
    [[ $output == *"meet_send: waited 1 s for back to be opened to write" ]]
}

@test "fifo/meet: a receiver that is stopped takes its FIFOs along" {
    leaves_nothing build/fifo/meet_recv there back
}

@test "fifo/meet: a path that is no FIFO of ours is refused" {
    refuses_what_is_there build/fifo/meet_recv taken back
    refuses_what_is_there build/fifo/meet_recv there taken
    nothing_left
}

@test "fifo/meet: a sender without a receiver says so" {
    run -1 limited build/fifo/meet_send there back
    [[ $output == *"meet_send: open there: is the receiver running?: \
No such file or directory" ]]
}

@test "fifo/meet: wrong arguments get the usage line and status 2" {
    run -2 limited build/fifo/meet_recv there
    [ "$output" = "usage: meet_recv [--swapped] THERE BACK" ]

    run -2 limited build/fifo/meet_send --swapped there
    [ "$output" = "usage: meet_send THERE BACK" ]
    nothing_left
}
