#!/usr/bin/env bats
#
# Datagrams between processes of one host.

# shellcheck disable=SC2016 # perl has its own variables
load helpers

@test "udp/local: its card holds" {
    card udp/local_recv.c
}

@test "udp/local: the sender's card holds" {
    start build/udp/local_recv weather
    run -0 limited build/udp/local_send weather 3
    [ "$output" = "3 of 3 readings sent" ]
    finish
}

@test "udp/local: a path is removed at the end, an abstract name has no file" {
    for name in weather @weather; do
        start build/udp/local_recv $name-$$
        limited build/udp/local_send $name-$$ 1
        finish
        printed | grep -x '1 of 1 readings arrived'
        [ ! -e weather-$$ ]
    done
}

@test "udp/local: a slow receiver loses nothing, and all is in order" {
    start build/udp/local_recv --slow weather
    run -0 limited build/udp/local_send weather 1000
    [ "$output" = "1000 of 1000 readings sent" ]
    finish
    printed | sed -n 's/.*oslo #\([0-9]*\) .*/\1/p' | cmp - <(seq 1000)
}

@test "udp/local: a sender that does not wait loses, and knows how many" {
    start build/udp/local_recv --slow weather
    run -0 limited build/udp/local_send --no-wait weather 10000
    finish
    read -r sent _ count _ <<<"$output"
    [ "$sent" -lt "$count" ]
    printed | grep -x "$sent of 10000 readings arrived"
}

@test "udp/local: a full queue holds the sender, until its time limit" {
    start build/udp/local_recv weather
    signal STOP
    run -1 limited build/udp/local_send weather 100000
    [ "$output" = "local_send: the queue was full for 2 s" ]
    signal KILL
    run finish
}

@test "udp/local: a sender that waits hears of the receiver's end" {
    start build/udp/local_recv weather
    signal STOP
    background sender build/udp/local_send weather 100000
    await asleep sender
    signal KILL
    run -1 finish sender
    printed sender | grep -x 'local_send: sendto: Connection refused'
}

@test "udp/local: a receiver ends when its sender was killed" {
    start build/udp/local_recv weather
    limited perl -MSocket -e '
        socket(my $s, PF_UNIX, SOCK_DGRAM, 0) or die;
        send($s, "short", 0, pack_sockaddr_un("weather")) or die;'
    run -1 finish
    printed | grep -x 'skipped 5 bytes: not a reading'
    printed | grep -x 'local_recv: nothing came for 2 s'
    [ ! -e weather ]
}

@test "udp/local: a signal removes the path, and what kill -9 left is no harm" {
    for number in INT TERM HUP; do
        start build/udp/local_recv weather
        signal $number
        run "-$((128 + $(kill -l $number)))" finish
        [ ! -e weather ]
    done
    start build/udp/local_recv weather
    signal KILL
    run -137 finish
    [ -S weather ]
    start build/udp/local_recv weather
    limited build/udp/local_send weather 1
    finish
}

@test "udp/local: a path that is taken, a file, and none" {
    start build/udp/local_recv weather
    run -1 limited build/udp/local_recv weather
    [ "$output" = "local_recv: bind weather: Address already in use" ]
    [ -S weather ]
    touch file
    run -1 limited build/udp/local_recv file
    [ "$output" = "local_recv: bind file: Address already in use" ]
    [ -f file ]
    run -1 limited build/udp/local_send nothing 1
    [ "$output" = "local_send: sendto: No such file or directory" ]
    run -1 limited build/udp/local_send @nothing-$$ 1
    [ "$output" = "local_send: sendto: Connection refused" ]
}

@test "udp/local: wrong arguments get the usage line and status 2" {
    local long
    long=$(printf '%0108d' 0)
    for wrong in "" "weather" "$long 1" "--fast weather 1"; do
        # shellcheck disable=SC2086 # several words
        run -2 limited build/udp/local_send $wrong
        [ "$output" = "usage: local_send [--no-wait] PATH|@NAME COUNT" ]
    done
    run -2 limited build/udp/local_recv "$long"
    [ "$output" = "usage: local_recv [--slow] PATH|@NAME" ]
    run -1 limited build/udp/local_send "${long:1}" 1
}
