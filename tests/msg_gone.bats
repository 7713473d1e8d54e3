#!/usr/bin/env bats

load helpers
load msg

@test "msg/gone: its card holds" {
    card msg/gone_recv.c
}

@test "msg/gone: a signal does not end the waiting, and nothing is lost" {
    interrupted() { [ "$(grep -c EINTR logs/receiver)" -eq "$1" ]; }
    start build/msg/gone_recv README.md
    for count in 1 2 3; do
        await asleep
        signal USR1
        await interrupted $count
    done
    limited build/msg/gone_send README.md
    finish
    [ "$(story | cut -d : -f 1)" = "EINTR
EINTR
EINTR
oslo #1 -3.2 C
oslo #2 -3.1 C
EIDRM
EINVAL" ]
}

@test "msg/gone: with --no-retry one signal is the end, every time" {
    for _ in 1 2 3; do
        start build/msg/gone_recv --no-retry README.md
        await asleep
        signal USR1
        run -1 finish
        printed | grep '^gone_recv: msgrcv: Interrupted system call'
    done
    build/msg/gone_send README.md || true # it had to leave the queue
}

@test "msg/gone: SA_RESTART is asked for" {
    traced build/msg/gone_recv README.md
    limited build/msg/gone_send README.md
    finish
    grep 'SIGUSR1.*SA_RESTART' log
}

@test "msg/gone: the messages that are still in it are lost with the queue" {
    start build/msg/gone_recv README.md
    stop
    run -1 limited build/msg/gone_send README.md
    [ "$output" = "gone_send: removed the queue with 2 messages in it" ]

    # Whoever does not wait in it at that moment comes too late for EIDRM.
    signal CONT
    finish
    [[ $(story) == "EINVAL: there is no queue "* ]]
}

@test "msg/gone: the key is free again, the id is not" {
    start build/msg/gone_recv README.md
    local before
    before=$(build/msg/list README.md | awk 'NR == 2 { print $2 }')
    limited build/msg/gone_send README.md
    finish
    [ "$(story | tail -n 1)" = "EINVAL: there is no queue $before" ]

    start build/msg/gone_recv README.md
    [ "$before" != "$(build/msg/list README.md | awk 'NR == 2 { print $2 }')" ]
    signal TERM
    run finish
}

@test "msg/gone: END ends it as well" {
    start build/msg/gone_recv README.md
    limited build/msg/basic_send README.md 2
    finish
    printed | grep '2 of 2 readings arrived'
    run ! in_kernel q
}

@test "msg/gone: wrong arguments get the usage line and status 2" {
    run -2 limited build/msg/gone_recv --retry README.md
    [ "$output" = "usage: gone_recv [--no-retry] FILE" ]

    run -2 limited build/msg/gone_send
    [ "$output" = "usage: gone_send FILE" ]
}
