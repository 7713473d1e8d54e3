#!/usr/bin/env bats

load helpers

# put PERL: what a stranger does to the queue of README.md, in $queue.
put() {
    perl -MIPC::SysV=:all -e '
        sub put { # TYPE, BYTES...
            my $type = shift;
            msgsnd($queue, pack("l! a*", $type, $_), 0) or die $! for @_;
        }
        sub reading { pack("C N n a10", @_) } # KIND, SEQ, TENTHS, STATION
        $queue = msgget(ftok("README.md", ord "I"), 0) // die $!;
        '"$1"
}

# stop [NAME]: as ^Z does; returns when the program has noticed.
stop() {
    signal STOP "$@"
    await grep -q '^State:.T' "/proc/$(pid "$@")/status"
}

# traced OPTION... PROGRAM ARG...: start it under strace(1), which writes `log`.
traced() {
    start env ASAN_OPTIONS=detect_leaks=0 strace -qqo log "$@"
}

# Lines that a program printed beside `ready`.
story() {
    printed "${1-receiver}" | grep -v '^ready'
}

@test "msg/basic: its card holds" {
    card msg/basic_recv.c
}

@test "msg/basic: the receiver skips messages that are no readings" {
    start build/msg/basic_recv README.md
    put 'put 7, "short", "x" x 100, "", reading(1, 9, 9, "bergen") . "x"'
    limited build/msg/basic_send README.md 1
    finish

    printed | grep 'skipped 5 bytes: not a reading'
    printed | grep 'skipped 0 bytes: not a reading'
    printed | grep '1 of 1 readings arrived'
    [ "$(story | grep -c 'not a reading')" -eq 4 ]
    run ! grep bergen logs/receiver
}

@test "msg/basic: messages wait for the receiver, not the other way about" {
    start build/msg/basic_recv README.md
    stop
    limited build/msg/basic_send README.md 900
    signal CONT
    finish
    printed | grep '900 of 900 readings arrived'
}

@test "msg/basic: a receiver that is stopped takes its queue along" {
    for signal in INT TERM HUP; do
        start build/msg/basic_recv README.md
        in_kernel q
        signal "$signal"
        run finish
        run ! in_kernel q
    done
}

@test "msg/basic: a sender that waits for room ends with the queue" {
    start build/msg/basic_recv README.md
    stop
    background sender build/msg/basic_send README.md 100000
    await asleep sender
    signal TERM
    signal CONT
    run finish
    run -1 finish sender
    [ "$(printed sender)" = "basic_send: msgsnd: Identifier removed" ]
}

@test "msg/basic: what a killed receiver left behind, the next one takes over" {
    start build/msg/basic_recv README.md
    signal KILL
    run finish
    in_kernel q

    start build/msg/basic_recv README.md
    limited build/msg/basic_send README.md 1
    finish
    run ! in_kernel q
}

@test "msg/basic: a sender without a receiver says so" {
    run -1 limited build/msg/basic_send README.md 3
    [[ $output == *"is the receiver running?: No such file or directory"* ]]
}

@test "msg/basic: wrong arguments get the usage line and status 2" {
    run -2 limited build/msg/basic_recv
    [ "$output" = "usage: basic_recv FILE" ]

    run -2 limited build/msg/basic_send README.md three
    [ "$output" = "usage: basic_send FILE COUNT" ]
}
