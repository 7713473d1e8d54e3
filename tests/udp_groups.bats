#!/usr/bin/env bats
#
# To many: broadcast and multicast.

# shellcheck disable=SC2016 # perl has its own variables
load helpers

# datagram BYTES [ADDRESS]: send it to the receiver, from bash itself.
datagram() {
    printf '%b' "$1" >"/dev/udp/${2-127.0.0.1}/$(port)"
}

@test "udp/broadcast: its card holds" {
    card udp/broadcast_recv.c
}

@test "udp/broadcast: every receiver on the port gets a copy" {
    start build/udp/broadcast_recv 0
    background second build/udp/broadcast_recv "$(port)"
    await grep -q '^ready' logs/second
    limited build/udp/broadcast_send lo "$(port)" 1
    finish
    finish second

    printed | grep -x 'to 255.255.255.255: 1 of 1 readings arrived'
    cmp logs/receiver logs/second
}

@test "udp/broadcast: who is bound to one address gets no broadcast" {
    start build/udp/basic_recv 127.0.0.1 0
    limited build/udp/broadcast_send lo "$(port)" 2
    limited build/udp/basic_send 127.0.0.1 "$(port)" 1
    finish

    [ "$(printed | grep -c oslo)" -eq 1 ]
}

@test "udp/broadcast: without the option it is not permitted" {
    for count in 0 1; do
        run -1 limited build/udp/broadcast_send --no-option lo 9 $count
        [[ $output == *"sendto 127.255.255.255: Permission denied" ]]
    done
}

@test "udp/broadcast: an interface that is not there is refused" {
    run -1 limited build/udp/broadcast_send lol 9 1
    [ "$output" = "broadcast_send: lol: no interface with an IPv4 address" ]
}

@test "udp/broadcast: the receiver skips datagrams that are no readings" {
    start build/udp/broadcast_recv 0
    datagram 'short'
    limited build/udp/broadcast_send lo "$(port)" 1
    finish

    printed | grep -x 'to 127.0.0.1: skipped 5 bytes: not a reading'
    printed | grep -x 'to 255.255.255.255: 1 of 1 readings arrived'
}

@test "udp/broadcast: wrong arguments get the usage line and status 2" {
    run -2 limited build/udp/broadcast_recv 65536
    [ "$output" = "usage: broadcast_recv PORT" ]

    run -2 limited build/udp/broadcast_send lo 0 1
    [ "$output" = \
        "usage: broadcast_send [--no-option] INTERFACE PORT COUNT" ]
}

@test "udp/multicast: its card holds" {
    card udp/multicast_recv.c
}

@test "udp/multicast: two groups on one port are kept apart" {
    start build/udp/multicast_recv 239.255.0.1 0 lo
    background other build/udp/multicast_recv 239.255.0.2 "$(port)" lo
    await grep -q '^ready' logs/other
    limited build/udp/multicast_send 239.255.0.2 "$(port)" lo 2
    limited build/udp/multicast_send 239.255.0.1 "$(port)" lo 1
    finish
    finish other

    printed | grep -x '1 of 1 readings arrived'
    printed other | grep -x '2 of 2 readings arrived'
}

@test "udp/multicast: --all takes what another receiver has joined" {
    start build/udp/multicast_recv --all 239.255.0.1 0 lo
    background other build/udp/multicast_recv 239.255.0.2 "$(port)" lo
    await grep -q '^ready' logs/other
    limited build/udp/multicast_send 239.255.0.2 "$(port)" lo 2
    finish
    finish other

    printed | grep -x '2 of 2 readings arrived'
}

@test "udp/multicast: who has not joined, or has left, hears nothing" {
    for option in --no-join --leave; do
        start build/udp/multicast_recv $option 239.255.0.1 0 lo
        limited build/udp/multicast_send 239.255.0.1 "$(port)" lo 1
        run -1 finish
        printed | tail -n 1 | grep -x 'multicast_recv: nothing came for 2 s'
    done
}

@test "udp/multicast: 224.0.0.1 can be left, and still arrives" {
    start build/udp/multicast_recv --all --leave 224.0.0.1 0 lo
    limited build/udp/multicast_send 224.0.0.1 "$(port)" lo 1
    finish
    printed | grep -x 'joined and left 224.0.0.1 on lo'
    printed | grep -x '1 of 1 readings arrived'
}

@test "udp/multicast: without --all, 224.0.0.1 can be left" {
    start build/udp/multicast_recv --leave 224.0.0.1 0 lo
    limited build/udp/multicast_send 224.0.0.1 "$(port)" lo 1
    run -1 finish
    run ! grep oslo logs/receiver
}

@test "udp/multicast: the receiver skips datagrams that are no readings" {
    start build/udp/multicast_recv 239.255.0.1 0 lo
    datagram 'short'
    limited build/udp/multicast_send 239.255.0.1 "$(port)" lo 1
    finish
    printed | grep -x 'skipped 5 bytes: not a reading'
    printed | grep -x '1 of 1 readings arrived'
}

@test "udp/multicast: the readings of two senders are counted apart" {
    start build/udp/multicast_recv 239.255.0.1 0 lo
    port=$(port) perl -MSocket=:all -e '
        my $to = pack_sockaddr_in($ENV{port}, inet_aton("239.255.0.1"));
        sub open_socket {
            socket(my $s, PF_INET, SOCK_DGRAM, 0) or die;
            setsockopt($s, IPPROTO_IP, IP_MULTICAST_IF, INADDR_LOOPBACK) or die;
            return $s;
        }
        my ($first, $second) = (open_socket(), open_socket());
        sub reading { pack "C N n a10", 1, $_[0], 0, "oslo" }
        send($first, reading(1), 0, $to);
        send($second, reading(7), 0, $to);
        send($second, pack("C N n a10", 2, 1, 0, ""), 0, $to);
        send($first, pack("C N n a10", 2, 1, 0, ""), 0, $to);
    '
    finish
    [ "$(printed | tail -n +3)" = "oslo #1 0.0 C
skipped 17 bytes: from another sender
skipped 17 bytes: from another sender
1 of 1 readings arrived" ]
}

@test "udp/multicast: what is no group, or no interface, is refused" {
    run -1 limited build/udp/multicast_recv 127.0.0.1 0 lo
    [ "$output" = "multicast_recv: 127.0.0.1: not a multicast group" ]
    run -1 limited build/udp/multicast_send 127.0.0.1 9 lo 1
    [ "$output" = "multicast_send: 127.0.0.1: not a multicast group" ]
    run -1 limited build/udp/multicast_send ::1 9 lo 1
    [ "$output" = "multicast_send: ::1: not a multicast group" ]

    run -1 limited build/udp/multicast_recv 239.255.0.1 0 lol
    [ "$output" = "multicast_recv: lol: No such device" ]

    run -1 limited build/udp/multicast_send 239.255.0.1 9 lol 1
    [ "$output" = "multicast_send: lol: No such device" ]
}

@test "udp/multicast: wrong arguments get the usage line and status 2" {
    run -2 limited build/udp/multicast_recv 239.255.0.1 9400
    [[ $output == "usage: multicast_recv [--no-join|--leave] [--all] "* ]]

    for options in "--ttl 256" "--ttl" "--no-loops"; do
        # shellcheck disable=SC2086 # two words
        run -2 limited build/udp/multicast_send $options 239.255.0.1 9 lo 1
        [[ $output == "usage: multicast_send [--ttl N] [--no-loop] "* ]]
    done
}
