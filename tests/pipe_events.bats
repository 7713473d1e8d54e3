#!/usr/bin/env bats

# shellcheck disable=SC2030,SC2031,SC2154 # each test has its own $parent

load helpers
load pipe

# ---- stranger ----

@test "pipe/stranger: its card holds" {
    card pipe/stranger_recv.c
}

@test "pipe/stranger: ten thousand readings arrive in order" {
    start build/pipe/stranger_recv socket
    limited build/pipe/stranger_send socket 10000
    finish
    printed | sed -n 's/^oslo #\([0-9]*\) .*/\1/p' | cmp - <(seq 10000)
    printed | grep -x '10000 of 10000 readings arrived'
    [ ! -e socket ]
}

@test "pipe/stranger --number: the number alone is a bad descriptor" {
    for _ in {1..5}; do
        start build/pipe/stranger_recv socket
        run -1 limited build/pipe/stranger_send --number socket 3
        [ "$output" = "stranger_send: write: Broken pipe" ]
        run -1 finish
        printed | grep -x \
            'stranger_recv: descriptor 100: Bad file descriptor'
        [ ! -e socket ]
    done
}

@test "pipe/stranger --proc: the number is enough to find the pipe in /proc" {
    start build/pipe/stranger_recv --proc socket
    limited build/pipe/stranger_send --number socket 3
    finish
    printed | grep -x '3 of 3 readings arrived'
}

@test "pipe/stranger: whatever else is sent is refused" {
    start build/pipe/stranger_recv socket
    limited perl -MSocket -e 'socket S, AF_UNIX, SOCK_STREAM, 0;
        connect S, pack_sockaddr_un("socket"); syswrite S, pack "l", 0'
    run -1 finish # 0 is /dev/null there, not a pipe
    printed | grep 'stranger_recv: descriptor 0: not a pipe'

    start build/pipe/stranger_recv socket
    limited perl -MSocket -e 'socket S, AF_UNIX, SOCK_STREAM, 0;
        connect S, pack_sockaddr_un("socket"); syswrite S, "abc"'
    run -1 finish
    printed | grep 'stranger_recv: the sender left without a descriptor'
}

@test "pipe/stranger: a sender that sends nothing is waited for two seconds" {
    start build/pipe/stranger_recv socket
    limited perl -MSocket -e 'socket S, AF_UNIX, SOCK_STREAM, 0;
        connect S, pack_sockaddr_un("socket"); sysread S, $_, 1'
    run -1 finish
    printed | grep 'stranger_recv: recvmsg: Interrupted system call'
    [ ! -e socket ]
}

@test "pipe/stranger: when one end is killed, the other one ends" {
    start build/pipe/stranger_recv socket
    background sender build/pipe/stranger_send socket 1000000
    await grep -q '^oslo' logs/receiver
    signal KILL
    run finish
    run -1 finish sender
    [ "$(printed sender)" = "stranger_send: write: Broken pipe" ]

    start build/pipe/stranger_recv socket
    background sender build/pipe/stranger_send socket 1000000
    await grep -q '^oslo' logs/receiver
    signal KILL sender
    run finish sender
    run -1 finish
    printed | grep 'stranger_recv: the sender left without END, after [0-9]*'
}

@test "pipe/stranger: a receiver that is stopped takes its socket along" {
    for signal in INT TERM HUP; do
        start build/pipe/stranger_recv socket
        signal "$signal"
        run finish
        [ ! -e socket ]
    done
}

@test "pipe/stranger: what a killed receiver left behind is named" {
    start build/pipe/stranger_recv socket
    signal KILL
    run finish
    run -1 limited build/pipe/stranger_recv socket
    [ "$output" = "stranger_recv: bind socket: if no receiver is running, \
remove it: Address already in use" ]
    run -1 limited build/pipe/stranger_send socket 3
    [ "$output" = "stranger_send: connect socket: is the receiver running?: \
Connection refused" ]
}

@test "pipe/stranger: wrong arguments get the usage line and status 2" {
    long=$(printf '%0108d' 0)
    refuses "stranger_recv [--proc] SOCKET" stranger_recv \
        "" "a b" "$long" "--wrong a"
    refuses "stranger_send [--number] SOCKET COUNT" stranger_send \
        "" "a" "a x" "$long 3" "--wrong a 3"
}

# ---- events ----

@test "pipe/events: its card holds, many times, on one core or two" {
    card pipe/events.c
    limited build/pipe/events >expected
    for _ in {1..15}; do
        limited build/pipe/events | cmp - expected
        limited taskset -c 0 build/pipe/events | cmp - expected
    done
}

@test "pipe/signal_race: its card holds" {
    card pipe/signal_race.c
}

@test "pipe/signal_race --poll: the signal before poll is lost, every time" {
    for _ in {1..3}; do
        run -1 limited build/pipe/signal_race --poll
        [ "$output" = \
            "signal_race: waited 1 s for SIGUSR1, which came before poll" ]
    done
}

@test "pipe/events: a child that cannot do its part is noticed" {
    run -1 limited strace -f -qq -o strace -e inject=kill:error=EPERM:when=1 \
        build/pipe/events
    [[ $output == *"Operation not permitted"* ]]
    [[ $output == *"the child ended with status 1" ]]
}

@test "pipe/events: wrong arguments get the usage line and status 2" {
    refuses "events" events 1 --wrong
    refuses "signal_race [--poll]" signal_race 1 --wrong
}

# ---- splice ----

@test "pipe/splice: its card holds" {
    card pipe/splice.c
}

@test "pipe/splice: reader and file get the same, more than a pipe holds" {
    limited build/pipe/splice copy 100000 >output
    [ "$(wc -c <copy)" = 1700017 ]
    tail -n 1 output |
        grep -x "1700017 bytes went to the reader, and into copy"
    # The same readings, by the way of a FIFO.
    start build/fifo/basic_recv readings
    # Whole readings, at most PIPE_BUF.
    dd if=copy of=readings bs=4080 status=none
    finish
    printed | sed 1d | cmp - <(head -n -1 output)
}

@test "pipe/splice: neither reads nor writes what it passes on" {
    limited strace -o trace build/pipe/splice copy 3
    grep -c '^tee(' trace
    grep -c '^splice(' trace
    run ! grep 'oslo' trace
}

@test "pipe/splice: a file that takes nothing is an error" {
    run -1 limited build/pipe/splice /dev/full 3
    [[ $output == *"splice: splice: "* ]]
    run -1 limited build/pipe/splice . 3
    [ "$output" = "splice: open .: Is a directory" ]
}

@test "pipe/splice: whichever process is killed, none stays" {
    for index in 0 1 2; do
        running 2 build/pipe/splice copy 1000000
        all_end $index 137 141 1
    done
}

@test "pipe/splice: wrong arguments get the usage line and status 2" {
    refuses "splice FILE COUNT" splice "" a "a x" "a 1 2" "--wrong a 1"
}
