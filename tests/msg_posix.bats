#!/usr/bin/env bats

load helpers
load msg

# The name that its queue has for the programs.
posix_name() {
    perl -MIPC::SysV=ftok -e \
        'printf "/ipc-%08x", ftok("README.md", ord "I")'
}

# posix_there: whether it exists; mq_open(3) says so.
posix_there() {
    run limited build/msg/posix_send README.md 1
    [ "$status" = 0 ]
}

@test "msg/posix: its card holds" {
    card msg/posix_recv.c
}

@test "msg/posix: equal priorities in order, END last, more than it holds" {
    start build/msg/posix_recv README.md
    limited build/msg/posix_send README.md 1 1 7 7 2 1 7 2
    finish
    [ "$(printed | grep -c 'priority [127]: oslo')" = 8 ]
    [ "$(printed | grep -o 'oslo #[12]')" = "oslo #1
oslo #2" ]
    [ "$(printed | grep -o 'oslo #[34]')" = "oslo #3
oslo #4" ]
    [ "$(printed | tail -n 1)" = "priority 0: 8 of 8 readings arrived" ]
}

@test "msg/posix: /dev/mqueue shows that a process is to be notified" {
    need_right unshare -im
    mkdir -p dev/mqueue
    touch dev/null
    # shellcheck disable=SC2016 # that shell's
    run -0 limited unshare -im sh -c '
        mount -t mqueue none dev/mqueue && mount --bind /dev/null dev/null &&
            mount --rbind dev /dev || exit
        build/msg/posix_recv README.md >log &
        until grep -q ready log; do :; done
        cat /dev/mqueue/*
        build/msg/posix_send README.md 1 2 3
        wait
        cat log
        ls /dev/mqueue'
    [[ ${lines[0]} =~ ^QSIZE:0\ .*SIGNO:10\ +NOTIFY_PID:[1-9] ]]
    [[ $output == *"3 of 3 readings arrived" ]] # and nothing is left
}

@test "msg/posix: with --no-unlink yesterday's messages arrive, every time" {
    for _ in 1 2 3; do
        start build/msg/posix_recv --no-unlink README.md
        limited build/msg/posix_send README.md 1 3 2
        finish
        limited build/msg/posix_send README.md 5

        start build/msg/posix_recv --no-unlink README.md
        finish
        printed | grep '^2 messages are there already'
        printed | grep '^priority 0: 1 of 1 readings arrived'

        # And without it they do not.
        limited build/msg/posix_send README.md 5
        start build/msg/posix_recv README.md
        limited build/msg/posix_send README.md 1 3 2
        finish
        printed | grep '^priority 0: 3 of 3 readings arrived'
        run ! posix_there
    done
}

@test "msg/posix: a receiver that is stopped takes its queue along" {
    for signal in INT TERM HUP; do
        start build/msg/posix_recv README.md
        signal $signal
        run -$((128 + $(kill -l $signal))) finish
        run ! posix_there
    done
    start build/msg/posix_recv README.md
    signal KILL
    run finish
    start build/msg/posix_recv README.md # starts over
    limited build/msg/posix_send README.md 1
    finish
    printed | grep '1 of 1 readings arrived'
    run ! posix_there
}

@test "msg/posix: either end ends when the other one was killed" {
    start build/msg/posix_recv README.md
    stop
    background sender build/msg/posix_send README.md 1 2 3 4 5 6 7 8
    await asleep sender
    signal KILL
    run finish
    run -1 finish sender
    printed sender | grep 'mq_timedsend: Connection timed out'

    start build/msg/posix_recv README.md # its queue is a new one
    background sender strace -qqo log -e trace=mq_timedsend \
        -e inject=mq_timedsend:signal=KILL:when=2 \
        build/msg/posix_send README.md 1 2 3
    run finish sender
    run -1 finish
    printed | grep 'posix_recv: nothing for 2 s, and no END'
}

@test "msg/posix: what is no reading is skipped" {
    start build/msg/posix_recv README.md
    limited strace -qqo log -e trace=mq_timedsend \
        -e inject=mq_timedsend:poke_enter=@arg2=00:when=1 \
        build/msg/posix_send README.md 1 2
    finish
    printed | grep 'skipped 17 bytes: not a reading'
    printed | grep '1 of 2 readings arrived'
}

@test "msg/posix: wrong arguments get the usage line and status 2" {
    run -2 limited build/msg/posix_recv
    [ "$output" = "usage: posix_recv [--no-unlink] FILE" ]
    for wrong in "" README.md "README.md 0" "README.md 32768" "README.md x"; do
        # shellcheck disable=SC2086 # a list of words
        run -2 limited build/msg/posix_send $wrong
        [ "$output" = "usage: posix_send FILE PRIORITY..., each above 0" ]
    done
    run -1 limited build/msg/posix_send README.md 1
    [[ $output == *"is the receiver running?: No such file or directory" ]]
}

@test "msg/namespace: its card holds" {
    card msg/namespace.c
}

@test "msg/namespace: one key, two queues" {
    run -0 limited build/msg/namespace README.md
    [[ $output != *"no namespace to be had"* ]] || skip "root would run it"
    [[ ${lines[1]} == "inside: key 0x49"*": No such file or directory" ]]
    [[ ${lines[2]} == "inside: now it is queue "*", with 0 messages" ]]
    run ! in_kernel q
}

@test "msg/namespace: where there is no right to one it says so, and ends" {
    run -0 limited strace -qqfo log -e trace=unshare \
        -e inject=unshare:error=EPERM build/msg/namespace README.md
    [ "${lines[1]}" = "no namespace to be had here: Operation not permitted" ]
    [ "${lines[2]}" = "outside: still 1 message" ]
    run ! in_kernel q
}
