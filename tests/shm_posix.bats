#!/usr/bin/env bats

load helpers
load shm

# object: the file of README.md's POSIX object.
object() {
    printf '/dev/shm/shm-49%02x%04x' $(($(stat -c %d README.md) & 0xff)) \
        $(($(stat -c %i README.md) & 0xffff))
}

# What a failed test left is not for the next one.
teardown() {
    helpers_teardown
    rm -f "$(object)"
}

setup() {
    [ -w /dev/shm ] || skip "it runs where tmpfs is mounted at /dev/shm"
}

@test "shm/posix: its card holds" {
    card shm/posix_recv.c
}

@test "shm/posix: the object is a file, and gone at the end" {
    start build/shm/posix_recv README.md
    [ "$(stat -c %a "$(object)")" = 600 ]
    limited build/shm/posix_send README.md 20
    finish
    printed | grep -x '20 of 20 readings arrived'
    [ ! -e "$(object)" ]
}

@test "shm/posix: without ftruncate there is nothing behind the mapping" {
    run -1 limited build/shm/posix_recv --no-ftruncate README.md
    [[ $output == *"SIGBUS: mapped, but behind the end of the object" ]]
    [ ! -e "$(object)" ]
}

@test "shm/posix: a signal takes the object along" {
    for signal in INT TERM HUP PIPE; do
        start build/shm/posix_recv README.md
        signal "$signal"
        run finish
        [ ! -e "$(object)" ]
    done
}

@test "shm/posix: what a killed receiver left, the next one takes over" {
    start build/shm/posix_recv README.md
    signal KILL
    run finish
    [ -e "$(object)" ]
    run -1 limited build/shm/posix_send README.md 1
    [[ $output == *"not the object of a receiver that runs" ]]
    start build/shm/posix_recv README.md
    limited build/shm/posix_send README.md 1
    finish
    [ ! -e "$(object)" ]
}

@test "shm/posix: there is one receiver, and it has one sender" {
    start build/shm/posix_recv README.md
    run -1 limited build/shm/posix_recv README.md
    [[ $output == *"in use by process $(pid)" ]]
    signal STOP
    background sender build/shm/posix_send README.md 100
    await asleep sender
    run -1 limited build/shm/posix_send README.md 1
    [[ $output == *"the receiver has a sender" ]]
    signal CONT
    finish sender
    finish
}

@test "shm/posix: either end is killed, and the other one says so" {
    start build/shm/posix_recv README.md
    signal STOP
    background sender build/shm/posix_send README.md 100
    await asleep sender
    signal KILL sender
    signal CONT
    run -1 finish
    printed | grep 'the sender has exited'

    start build/shm/posix_recv README.md
    signal STOP
    background sender build/shm/posix_send README.md 100
    await asleep sender
    signal KILL
    run -1 finish sender
    printed sender | grep 'the receiver has exited'
    rm "$(object)"
}

@test "shm/posix: another user's object is left alone, also by root" {
    need_root
    : >"$(object)"
    chown 65534 "$(object)"
    run -1 limited build/shm/posix_recv README.md
    [[ $output == *"is another user's, see /dev/shm" ]]
    run -1 limited build/shm/posix_send README.md 1
    [[ $output == *"not the object of a receiver that runs" ]]
    rm "$(object)"
}

@test "shm/sealed: its card holds" {
    card shm/sealed_recv.c
}

@test "shm/sealed: what is not sealed is cut while it is read" {
    for _ in {1..10}; do
        start build/shm/sealed_recv --unsealed README.md
        run -0 limited build/shm/sealed_send --unsealed README.md 2
        [ "$output" = "ftruncate to 0 bytes: done" ]
        run -1 finish
        printed | grep 'SIGBUS: the sender has cut it while it was read'
    done
}

@test "shm/sealed: what is not sealed is refused" {
    start build/shm/sealed_recv README.md
    run -1 limited build/shm/sealed_send --unsealed README.md 2
    [[ $output == *"the receiver has refused it, or exited" ]]
    run -1 finish
    printed | grep 'refused: it is not sealed'
}

# shellcheck disable=SC2016 # the dollars are for perl
@test "shm/sealed: a sender without a descriptor is refused" {
    start build/shm/sealed_recv README.md
    limited perl -MSocket -MIPC::SysV=ftok -e '
        socket $s, AF_UNIX, SOCK_STREAM, 0;
        connect $s, pack "S a*", AF_UNIX,
            sprintf "\0shm-%08x", ftok "README.md", ord "I" or die $!;
        syswrite $s, "o"; sysread $s, $byte, 1;'
    run -1 finish
    printed | grep 'no descriptor came: Bad message'
}

@test "shm/sealed: a sender that is killed is noticed" {
    need_right strace -o strace
    for call in sendmsg ftruncate; do
        start build/shm/sealed_recv README.md
        killed_in $call 1 build/shm/sealed_send README.md 2
        run -1 finish
        printed | grep -E 'no descriptor came|the sender has exited'
    done
}

@test "shm/sealed: there is one receiver, and without it no sender" {
    run -1 limited build/shm/sealed_send README.md 2
    [[ $output == *"is the receiver running?: Connection refused" ]]
    start build/shm/sealed_recv README.md
    run -1 limited build/shm/sealed_recv README.md
    [[ $output == *"is a receiver running?: Address already in use" ]]
    signal TERM
    run finish
}
