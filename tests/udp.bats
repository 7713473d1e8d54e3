#!/usr/bin/env bats

# shellcheck disable=SC2016 # perl has its own variables
load helpers

# datagram BYTES [ADDRESS]: send it to the receiver, from bash itself.
datagram() {
    printf '%b' "$1" >"/dev/udp/${2-127.0.0.1}/$(port)"
}

# A reading but for its last byte.
one_byte_short='\1\0\0\0\1\0\0oslo\0\0\0\0\0'

@test "udp/basic: its card holds" {
    card udp/basic_recv.c
}

@test "udp/basic: the receiver skips datagrams that are no readings" {
    start build/udp/basic_recv 127.0.0.1 0
    datagram 'short'
    datagram "$one_byte_short"
    datagram "$one_byte_short\0\0"
    limited build/udp/basic_send 127.0.0.1 "$(port)" 1
    finish

    printed | grep 'skipped 5 bytes: not a reading'
    printed | grep 'skipped 16 bytes: not a reading'
    printed | grep 'skipped 18 bytes: not a reading'
    printed | grep '1 of 1 readings arrived'
}

@test "udp/basic: IPv6 works as IPv4 does" {
    start build/udp/basic_recv ::1 0
    printed | grep '^ready on \[::1\]:[0-9]'
    limited build/udp/basic_send ::1 "$(port)" 1
    finish

    printed | grep -x '::1: oslo #1 -3.2 C'
}

@test "udp/basic: a receiver on :: is reached by IPv4 too" {
    start build/udp/basic_recv :: 0
    limited build/udp/basic_send 127.0.0.1 "$(port)" 1
    finish

    printed | grep -x '::ffff:127.0.0.1: oslo #1 -3.2 C'
}

@test "udp/basic: a host may have a name" {
    start build/udp/basic_recv localhost 0
    limited build/udp/basic_send localhost "$(port)" 1
    finish

    printed | grep '1 of 1 readings arrived'
}

@test "udp/basic: numbers sent raw arrive wrong" {
    [ "$(printf '\1\0' | od -An -td2)" -eq 1 ] ||
        skip "it runs where the byte order is not that of networks"
    start build/udp/basic_recv 127.0.0.1 0
    limited build/udp/basic_send --raw 127.0.0.1 "$(port)" 1
    finish

    printed | grep -x '127.0.0.1: oslo #16777216 -793.7 C'
    printed | grep -x '127.0.0.1: 1 of 16777216 readings arrived'
}

@test "udp/basic: a stopped receiver goes on, and without END gives up" {
    start build/udp/basic_recv 127.0.0.1 0
    datagram 'x'
    await grep -q 'skipped 1 bytes' logs/receiver
    signal STOP
    await grep -q '^State:.T' "/proc/$(pid)/status"
    signal CONT
    datagram 'xx'
    await grep -q 'skipped 2 bytes' logs/receiver
    run -1 finish

    printed | grep 'nothing came for 2 s: END must be lost'
}

@test "udp/basic: two receivers cannot have the same port" {
    start build/udp/basic_recv 127.0.0.1 0

    run -1 limited build/udp/basic_recv 127.0.0.1 "$(port)"
    [[ $output == *"(take another port, or 0 for any free one): Address alr"* ]]
}

@test "udp/basic: the sender succeeds though nothing listens" {
    run -0 limited build/udp/basic_send 127.0.0.1 9 3
    [ -z "$output" ]
}

@test "udp/basic: what is no address is refused" {
    run -1 limited build/udp/basic_send 127.0.0.1 0 3
    [[ $output == "basic_send: 127.0.0.1 port 0: "* ]]

    run -1 limited build/udp/basic_recv 203.0.113.1 0
    [[ $output == *"Cannot assign requested address"* ]]
}

@test "udp: a port above 65535 and an unknown option are wrong arguments" {
    local lesson arguments
    while read -r lesson arguments; do
        for wrong in "${arguments/PORT/99999}" \
            "--nonsense ${arguments/PORT/9}" "-x ${arguments/PORT/9}"; do
            # shellcheck disable=SC2086 # several words
            run limited build/udp/$lesson $wrong
            [[ "$status ${lines[0]}" == "2 usage: $lesson "* ]] ||
                { echo "$lesson $wrong" && false; }
        done
    done <<'END'
basic_recv 127.0.0.1 PORT
basic_send 127.0.0.1 PORT 1
varlen_recv 127.0.0.1 PORT
varlen_send 127.0.0.1 PORT calm
loss_recv 127.0.0.1 PORT
loss_send 127.0.0.1 PORT 1
stopwait_recv 127.0.0.1 PORT
stopwait_send 127.0.0.1 PORT 1
broadcast_recv PORT
broadcast_send lo PORT 1
multicast_recv 239.255.0.1 PORT lo
multicast_send 239.255.0.1 PORT lo 1
relay 127.0.0.1 0 127.0.0.1 PORT
relay 127.0.0.1 PORT 127.0.0.1 9
radio_player 239.255.0.1 PORT lo -- cat
radio_server 239.255.0.1 PORT lo .
END
    for lesson in addresses connected local_recv local_send; do
        run -2 limited build/udp/$lesson --nonsense
        [[ $output == "usage: $lesson "* ]]
    done
}

@test "udp: a link-local address without its interface is explained" {
    for lesson in "basic_send fe80::1 9 1" "stopwait_send fe80::1 9 1" \
        "varlen_recv fe80::1 0"; do
        # shellcheck disable=SC2086 # several words
        run -1 limited build/udp/$lesson
        [[ $output == *": fe80::1: which link? Name its interface: fe80::1%"* ]]
    done
}

@test "udp/basic: wrong arguments get the usage line and status 2" {
    run -2 limited build/udp/basic_recv 127.0.0.1
    [ "$output" = "usage: basic_recv ADDRESS PORT" ]

    run -2 limited build/udp/basic_send 127.0.0.1 9400 three
    [ "$output" = "usage: basic_send [--raw] ADDRESS PORT COUNT" ]

    run -2 limited build/udp/basic_send --row 127.0.0.1 9400 3
    [ "$output" = "usage: basic_send [--raw] ADDRESS PORT COUNT" ]
}

@test "udp/layout: its card holds" {
    case $(uname -m) in
    x86_64 | aarch64) card udp/layout.c ;;
    *) skip "x86_64 and aarch64 run it, which its card shows" ;;
    esac
}

@test "udp/varlen: its card holds" {
    card udp/varlen_recv.c
}

@test "udp/varlen: a remark may be as long as there is room, and empty" {
    start build/udp/varlen_recv ::1 0
    limited build/udp/varlen_send ::1 "$(port)" 12345678 '' 123456789
    finish

    printed | grep -x 'oslo #1 -3.2 C: 12345678'
    printed | grep -x 'oslo #2 -3.1 C: '
    printed | grep -x 'skipped 26 bytes: there is room for 25'
    printed | grep -x '2 of 3 readings arrived'
}

@test "udp/varlen: without MSG_TRUNC half a remark passes for a whole one" {
    start build/udp/varlen_recv --no-trunc 127.0.0.1 0
    limited build/udp/varlen_send 127.0.0.1 "$(port)" calm 'heavy snow'
    finish

    printed | grep -x 'oslo #2 -3.1 C: heavy sn'
    printed | grep -x '2 of 2 readings arrived'
}

@test "udp/varlen: no remark gives commands to the terminal" {
    start build/udp/varlen_recv 127.0.0.1 0
    limited build/udp/varlen_send 127.0.0.1 "$(port)" $'\e[2J' '下雪'
    finish

    printed | grep -xF 'oslo #1 -3.2 C: ?[2J'
    printed | grep -xF 'oslo #2 -3.1 C: 下雪'
}

@test "udp/varlen: the receiver skips what is too short to be a reading" {
    start build/udp/varlen_recv 127.0.0.1 0
    datagram 'short'
    datagram "$one_byte_short\0"
    datagram "$one_byte_short"
    limited build/udp/varlen_send 127.0.0.1 "$(port)" calm
    finish

    printed | grep -x 'skipped 5 bytes: not a reading'
    printed | grep -x 'skipped 16 bytes: not a reading'
    printed | grep -x '2 of 1 readings arrived'
}

@test "udp/varlen: what no datagram can carry is refused" {
    local longest
    longest=$(printf '%065490d' 0)
    run -0 limited build/udp/varlen_send 127.0.0.1 9 "$longest"

    run -1 limited build/udp/varlen_send 127.0.0.1 9 "0$longest"
    [ "$output" = "varlen_send: sendmsg of 65508 bytes: Message too long" ]
}

@test "udp/varlen: wrong arguments get the usage line and status 2" {
    run -2 limited build/udp/varlen_recv 127.0.0.1
    [ "$output" = "usage: varlen_recv [--no-trunc] ADDRESS PORT" ]

    run -2 limited build/udp/varlen_send 127.0.0.1 9400
    [ "$output" = "usage: varlen_send ADDRESS PORT REMARK..." ]
}

@test "udp/connected: its card holds" {
    card udp/connected.c
}

@test "udp/connected: the same over IPv6" {
    run -0 limited build/udp/connected ::1
    [[ ${lines[0]} == "connected [::1]:"*" to [::1]:"* ]]
    [ "${lines[4]}" = "recv: Connection refused" ]
}

@test "udp/connected: wrong arguments get the usage line and status 2" {
    run -2 limited build/udp/connected
    [ "$output" = "usage: connected ADDRESS" ]
}

@test "udp/addresses: its card holds" {
    card udp/addresses.c
}

@test "udp/addresses: a name that no one has" {
    run -1 limited build/udp/addresses nosuch.invalid
    [[ $output == "nosuch.invalid: no address to inet_pton; "*" says: "* ]]
}

@test "udp/options: its card holds" {
    card udp/options.c
}

@test "udp/options: wrong arguments get the usage line and status 2" {
    run -2 limited build/udp/options all
    [ "$output" = "usage: options" ]
}
