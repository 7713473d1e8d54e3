#!/usr/bin/env bats
#
# Streams: whole readings, frames, half of a connection, small writes.

load helpers

here=127.0.0.1

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

@test "tcp/small: its cards hold" {
    card tcp/small_recv.c
}

@test "tcp/small: two sends wait for a delayed ACK, and no cure does" {
    start build/tcp/small_recv $here 0
    run -0 limited build/tcp/small_send $here "$(port)" 10
    finish
    awk '{ print } $1 == "two" && $3 < 20 || $1 != "two" && $(NF - 6) > 20 {
        exit 1 }' <<<"$output"
    [ "$(grep -c ' 2.0 segments a reading' <<<"$output")" -eq 2 ]
    [ "$(grep -c ' 1.0 segments a reading' <<<"$output")" -eq 2 ]
    printed | grep -x '40 readings answered'
}

@test "tcp/small: --quickack is a cure at the other end" {
    start build/tcp/small_recv --quickack $here 0
    run -0 limited build/tcp/small_send $here "$(port)" 10
    finish
    awk '{ print } $1 == "two" && $3 > 20 { exit 1 }' <<<"$output"
}

@test "tcp: an unknown option is no host name, and 99999 is no port" {
    for program in basic_recv framing_recv halfclose_server timewait_server \
        timewait_client serial_server fork_server prefork_server poll_server \
        epoll_server pass_server small_recv; do
        run -2 limited build/tcp/$program --nonsense 9400
        [[ $output == "usage: $program "* ]]
        run -2 limited build/tcp/$program $here 99999
        [[ $output == "usage: $program "* ]]
    done
    for program in basic_send framing_send halfclose_client client \
        small_send; do
        run -2 limited build/tcp/$program --nonsense 9400 1
        [[ $output == "usage: $program "* ]]
        run -2 limited build/tcp/$program $here 99999 1
        [[ $output == "usage: $program "* ]]
    done
}

@test "tcp: a port that is taken, and an address of another host, get advice" {
    start build/tcp/basic_recv $here 0
    for program in basic_recv serial_server timewait_server; do
        run -1 limited build/tcp/$program $here "$(port)"
        [[ $output == *"(take another port, or 0 for any free one): "* ]]
    done
    run -1 limited build/tcp/basic_recv 192.0.2.1 0
    [[ $output == *"(this machine has no such address): Cannot assign"* ]]
    limited build/tcp/basic_send $here "$(port)" 1
    finish
}

@test "tcp: output that cannot be written is an error" {
    start build/tcp/basic_recv $here 0
    background full bash -c 'exec build/tcp/backlog $0 1 >/dev/full' $here
    run -1 finish full
    run -1 bash -c "build/tcp/lost_ack $here >&-"
    for receiver in basic small framing; do
        run -1 limited bash -c "exec build/tcp/${receiver}_recv $here 0 >&-"
        [[ $output == *": stdout: "* ]]
    done
    limited build/tcp/basic_send $here "$(port)" 1
    finish
}

@test "tcp: a parent's ignored SIGCHLD and SIGHUP change nothing" {
    ignored=(perl -e '$SIG{CHLD} = $SIG{HUP} = "IGNORE"; exec @ARGV')
    for server in fork prefork; do
        start "${ignored[@]}" build/tcp/${server}_server --clients 2 $here 0
        signal HUP
        limited "${ignored[@]}" build/tcp/client --clients 2 $here "$(port)" 3
        finish
        printed | grep '^2 clients served'
    done
}
