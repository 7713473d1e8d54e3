#!/usr/bin/env bats

load helpers

here=127.0.0.1

# silent NAME: a client that connects, and says nothing until it is killed.
silent() {
    background "$1" bash -c 'read -r answer <"/dev/tcp/$0/$1"' $here "$(port)"
}

# say BYTES: what a hostile client sends to the port before it closes.
say() {
    printf '%b' "$1" >"/dev/tcp/$here/$(port)"
}

@test "tcp/basic: its card holds" {
    card tcp/basic_recv.c
}

@test "tcp/basic: over IPv6, and by name" {
    for name in ::1 localhost; do
        start build/tcp/basic_recv "$name" 0
        limited build/tcp/basic_send "$name" "$(port)" 1000
        finish
        printed | grep -x '1000 of 1000 readings arrived'
    done
}

@test "tcp/basic: the receiver skips what is no reading" {
    start build/tcp/basic_recv $here 0
    say 'seventeen bytes..'
    run -1 finish
    printed | grep -x 'skipped 17 bytes: not a reading'
    printed | grep 'END is missing'
}

@test "tcp/basic: a sender that is killed is seen to be gone" {
    start build/tcp/basic_recv $here 0
    background sender build/tcp/basic_send $here "$(port)" 1000000
    await grep -q '^oslo' logs/receiver
    signal KILL sender
    run -1 finish
    printed | grep -E 'END is missing|Connection reset by peer'
}

@test "tcp/basic: a receiver that is killed is seen to be gone" {
    start build/tcp/basic_recv $here 0
    background sender build/tcp/basic_send $here "$(port)" 1000000
    await grep -q '^oslo' logs/receiver
    signal KILL
    run -1 finish sender
    printed sender | grep -E 'Broken pipe|Connection reset by peer'
}

@test "tcp/basic: nobody listens, and a name that there is not" {
    run -1 limited build/tcp/basic_send $here 9 1
    [[ $output == *"Connection refused" ]]
    run -1 limited build/tcp/basic_send no.such.invalid 9400 1
    [[ $output == *"no.such.invalid port 9400: "* ]]
    run -2 limited build/tcp/basic_recv $here 65536
    [[ $output == "usage: basic_recv "* ]]
}

@test "tcp/framing: its card holds" {
    card tcp/framing_recv.c
}

@test "tcp/framing: a peer that sends one byte at a time changes nothing" {
    start build/tcp/framing_recv $here 0
    limited build/tcp/framing_send --dribble $here "$(port)" calm '' snow
    finish
    printed | grep -x 'oslo #3 -3.0 C: snow'
    printed | grep -x '3 of 3 readings arrived'
}

@test "tcp/framing: --naive glues readings together and tears them apart" {
    for dribble in '' --dribble; do
        start build/tcp/framing_recv --naive $here 0
        limited build/tcp/framing_send --naive $dribble $here "$(port)" \
            calm 'snow from the west' wind
        run -1 finish
        printed | grep 'oslo #1 -3.2 C: calm.*oslo.*snow'
        printed | grep 'skipped 37 bytes: not a reading'
        run ! grep -E '#2|#3' logs/receiver
    done
}

@test "tcp/framing: a length that cannot be ends it, at every length" {
    for length in '\0\0' '\0\20' '\0\72' '\377\377'; do
        start build/tcp/framing_recv $here 0
        say "$length"
        run -1 finish
        printed | grep 'this stream has no frames'
    done
}

@test "tcp/framing: a frame that is cut short is said to be" {
    start build/tcp/framing_recv $here 0
    say '\0\21\1\0'
    run -1 finish
    printed | grep 'end of file after 2 of 17 bytes'
}

@test "tcp/framing: a frame that is no reading is skipped, the next is not" {
    start build/tcp/framing_recv $here 0
    say '\0\021.................\0\021\02\0\0\0\0\0\0oslo\0\0\0\0\0\0'
    finish
    printed | grep -x 'skipped 17 bytes: not a reading'
    printed | grep -x '0 of 0 readings arrived'
}

@test "tcp/backlog: its card holds" {
    card tcp/backlog.c
}

@test "tcp/backlog: n + 1 connections complete, for any n" {
    for n in 0 1 7; do
        run -0 limited build/tcp/backlog $here $n </dev/null
        [ "$(grep -c '^client . ESTABLISHED, queue . of . *$' <<<"$output")" \
            -eq $((n + 1)) ]
        [[ $output == *"client $((n + 2)) SYN_SENT, queue $((n + 1)) of $n"* ]]
    done
}

@test "tcp/timewait: its card holds" {
    card tcp/timewait_server.c
}

@test "tcp/timewait: only where both servers set SO_REUSEADDR, it restarts" {
    for missing in '' =old =new; do
        start build/tcp/timewait_server --no-reuseaddr$missing $here 0
        limited build/tcp/timewait_client $here "$(port)"
        run -1 finish
        printed | grep 'is in TIME_WAIT towards port'
        printed | grep 'restart: bind: Address already in use'
    done
}

@test "tcp/timewait: the same over IPv6" {
    start build/tcp/timewait_server ::1 0
    limited build/tcp/timewait_client ::1 "$(port)"
    finish
    printed | grep 'is in TIME_WAIT towards port'
}

@test "tcp/halfclose: its cards hold" {
    card tcp/halfclose_server.c
}

@test "tcp/halfclose: --close leaves nobody to hear the answer" {
    start build/tcp/halfclose_server $here 0
    run -1 limited build/tcp/halfclose_client --close $here "$(port)" 60
    [[ $output == *"read the answer: Bad file descriptor"* ]]
    run -1 finish
    printed | grep 'a reset came back: the client has closed both halves'
}

@test "tcp/halfclose: a server that ends without an answer is seen to" {
    start build/tcp/halfclose_server $here 0
    say 'seventeen bytes..'
    run -1 finish
    printed | grep 'not a reading'
}

@test "tcp/serial_server: its cards hold" {
    card tcp/serial_server.c
}

@test "tcp/serial_server: a client that is slow keeps the next one waiting" {
    start build/tcp/serial_server --clients 2 $here 0
    silent first
    await grep -q 'client 1 from' logs/receiver
    background client build/tcp/client $here "$(port)" 3
    await connected 2
    [ ! -s logs/client ]
    signal KILL first
    finish client
    finish
    printed | grep -x 'client 1 left without'
}

# connected N: whether N connections to the port are complete.
connected() {
    [ "$(ss -Htn state established "( dport = :$(port) )" | wc -l)" -ge "$1" ]
}

@test "tcp/fork_server: its cards hold" {
    card tcp/fork_server.c
}

@test "tcp/fork_server: a client that is slow keeps nobody waiting" {
    start build/tcp/fork_server --clients 6 $here 0
    silent first
    await grep -q 'client 1 from' logs/receiver
    limited build/tcp/client --clients 5 $here "$(port)" 3
    signal KILL first
    finish
    printed | grep '^6 clients served, 0 rejected, 0 zombies, 0 conn'
}

@test "tcp/fork_server: --zombies leaves them lying, one for each client" {
    start build/tcp/fork_server --zombies --clients 5 $here 0
    limited build/tcp/client --clients 5 $here "$(port)" 1
    finish
    printed | grep '^5 clients served, 0 rejected, 5 zombies, 0 conn'
}

@test "tcp/fork_server: --leave-open piles connections up, none of which ends" {
    start build/tcp/fork_server --leave-open --clients 3 $here 0
    run -1 limited build/tcp/client --clients 3 $here "$(port)" 1
    [ "$(grep -c 'no end of file in 2 s' <<<"$output")" -eq 3 ]
    signal KILL
    run -137 finish
    printed | grep '^3 clients served, 0 rejected, 0 zombies, 3 conn'
}

@test "tcp/fork_server: beyond its limit clients are rejected, and told so" {
    start build/tcp/fork_server --limit 2 --clients 4 $here 0
    silent first
    silent second
    await grep -q 'client 2 from' logs/receiver
    run -1 limited build/tcp/client --clients 2 $here "$(port)" 3
    [ "$(grep -c 'rejected, the server is full' <<<"$output")" -eq 2 ]
    signal KILL first
    signal KILL second
    finish
    printed | grep '^2 clients served, 2 rejected, 0 zombies'
}

@test "tcp/fork_server: survives EMFILE, ECONNABORTED, EINTR, no fork" {
    for fault in accept:error=EMFILE accept:error=ECONNABORTED \
        accept:error=EINTR clone:error=EAGAIN; do
        if [[ -n ${SAN-} || $build == *san* ]]; then
            skip "strace and LeakSanitizer cannot trace one process together"
        fi
        start strace -o trace -e "inject=$fault:when=1" \
            build/tcp/fork_server --clients 2 $here 0
        limited build/tcp/client --clients 1 $here "$(port)" 3 || true
        limited build/tcp/client --clients 1 $here "$(port)" 3
        finish
        grep INJECTED trace
    done
}

# workers N, few_workers N: whether there are N, or at most N.
workers() {
    [ "$(pgrep -P "$(pid)" | wc -l)" -eq "$1" ]
}
few_workers() {
    [ "$(pgrep -P "$(pid)" | wc -l)" -le "$1" ]
}

@test "tcp/prefork_server: its cards hold" {
    card tcp/prefork_server.c
}

@test "tcp/prefork_server: grows to its most, and shrinks to its least" {
    start build/tcp/prefork_server --least 2 --most 5 $here 0
    limited build/tcp/client --clients 20 --pause 10 $here "$(port)" 3
    printed | grep -x '5 workers'
    run ! grep -E '^([6-9]|1.) workers' logs/receiver
    limited build/tcp/client --clients 2 $here "$(port)" 3
    await few_workers 3
    signal TERM
    finish
    printed | grep -x '22 clients served'
}

@test "tcp/prefork_server: a worker that is killed is replaced" {
    start build/tcp/prefork_server $here 0
    await grep -qx '2 workers' logs/receiver
    victim=$(pgrep -P "$(pid)" | head -n 1)
    kill -KILL "$victim"
    await grep -qx 'a worker was ended by signal 9' logs/receiver
    await workers 2
    limited build/tcp/client --clients 4 $here "$(port)" 3
    signal INT
    finish
}

@test "tcp/prefork_server: workers do not outlive a parent that is killed" {
    start build/tcp/prefork_server $here 0
    await grep -qx '2 workers' logs/receiver
    workers=$(pgrep -P "$(pid)")
    signal KILL
    run finish
    for worker in $workers; do
        await gone "$worker"
    done
}

@test "tcp/prefork_server: who is being served is served to the end" {
    start build/tcp/prefork_server $here 0
    background client build/tcp/client --pause 100 $here "$(port)" 5
    await connected 1
    signal TERM
    finish client
    finish
    printed | grep -x '1 clients served'
}
