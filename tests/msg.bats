#!/usr/bin/env bats

load helpers

@test "msg/basic: its card holds" {
    card msg/basic_recv.c
}

@test "msg/basic: the receiver skips messages that are no readings" {
    start build/msg/basic_recv README.md
    perl -MIPC::SysV=ftok -e '
        $queue = msgget(ftok("README.md", ord "I"), 0);
        for ("short", "x" x 100) {
            msgsnd($queue, pack("l! a*", 7, $_), 0) or die $!;
        }
    '
    limited build/msg/basic_send README.md 1
    finish

    printed | grep 'skipped 5 bytes: not a reading'
    printed | grep '1 of 1 readings arrived'
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
