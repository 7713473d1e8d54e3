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
    if [ "$(printf '\1\0' | od -An -td2)" -ne 1 ]; then
        skip "this machine has the network's byte order"
    fi
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
    *) skip "its card shows a 64-bit little-endian machine" ;;
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
    run -0 limited build/udp/addresses nosuch.invalid
    [[ $output == "nosuch.invalid: no address to inet_pton; "*" says: "* ]]
}

@test "udp/options: its card holds" {
    card udp/options.c
}

@test "udp/options: wrong arguments get the usage line and status 2" {
    run -2 limited build/udp/options all
    [ "$output" = "usage: options" ]
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

# lossy COUNT [OPTION]...: send readings to a slow receiver with those options.
# Sets unbroken (the last reading before the first gap), arrived, sent, dropped.
lossy() {
    start build/udp/loss_recv "${@:2}" 127.0.0.1 0
    limited build/udp/loss_send 127.0.0.1 "$(port)" "$1"
    finish
    unbroken=$(printed | sed -n '3s/#1 to #\(.*\) arrived/\1/p')
    read -r arrived _ sent _ _ _ _ _ dropped < <(printed | tail -n 1)
}

@test "udp/loss: its card holds" {
    card udp/loss_recv.c
}

@test "udp/loss: the kernel has dropped exactly what is missing" {
    lossy 1000 --rcvbuf 8192
    [ "$dropped" -gt 0 ]
    [ $((sent - arrived)) -eq "$dropped" ]
}

@test "udp/loss: a bigger buffer loses later" {
    lossy 1000 --rcvbuf 4096
    [ "$unbroken" -lt 40 ]
    lossy 1000 --rcvbuf 65536
    [ "$unbroken" -gt 40 ]
}

@test "udp/loss: a buffer that is big enough loses nothing" {
    lossy 100
    [ "$unbroken $arrived $dropped" = "100 100 0" ]
}

@test "udp/loss: the receiver skips datagrams that are no readings" {
    start build/udp/loss_recv 127.0.0.1 0
    datagram 'short'
    limited build/udp/loss_send 127.0.0.1 "$(port)" 1
    finish
    printed | grep -x 'skipped 5 bytes: not a reading'
    printed | grep -x '1 of 1 datagrams arrived, the kernel dropped 0'
}

@test "udp/loss: a sender without a receiver says so" {
    run -1 limited build/udp/loss_send 127.0.0.1 9 0
    [[ $output == "loss_send: "*": Connection refused" ]]
}

@test "udp/loss: wrong arguments get the usage line and status 2" {
    for options in "--rcvbuf 0" "--rcvbuf" "--sndbuf 1"; do
        # shellcheck disable=SC2086 # two words
        run -2 limited build/udp/loss_recv $options 127.0.0.1 0
        [ "$output" = "usage: loss_recv [--rcvbuf BYTES] ADDRESS PORT" ]
    done
    run -2 limited build/udp/loss_send 127.0.0.1 9 1000001
    [ "$output" = "usage: loss_send ADDRESS PORT COUNT" ]
}

@test "udp/stopwait: its card holds" {
    card udp/stopwait_recv.c
}

# session SENDER_OPTIONS RECEIVER_OPTIONS COUNT: run the pair.
session() {
    # shellcheck disable=SC2086 # lists of words
    {
        start build/udp/stopwait_recv $2 127.0.0.1 0
        background sender \
            build/udp/stopwait_send $1 127.0.0.1 "$(port)" "$3"
        finish sender
        finish
    }
}

@test "udp/stopwait: drops what it is told to, and delivers all the same" {
    session "--drop 3,7" "--drop-ack 5" 10

    [ "$(printed sender | grep dropped)" = "#3   --X dropped
#7   --X dropped" ]
    [ "$(printed | grep dropped)" = "  X----- ACK #5 dropped" ]
    printed | grep -x -- '-------> #5 again: discarded'
    printed | sed -n 's/-------> oslo #\([0-9]*\) .*/\1/p' | cmp - <(seq 10)
    printed | grep -x -- '-------> 10 of 10 readings arrived'
}

@test "udp/stopwait: what is lost more than once arrives as well" {
    session "--drop 1,1,1,2" "--drop-ack 2,2" 2

    [ "$(printed sender | grep -c 'no answer')" -ge 6 ]
    printed | grep -x -- '-------> 2 of 2 readings arrived'
}

@test "udp/stopwait: END may be lost, and so may its ACK" {
    session "--drop 3" "--drop-ack 3" 2

    printed sender | grep -x 'END  --X dropped'
    [ "$(printed | grep -c 'readings arrived')" -eq 1 ]
    printed | grep -x -- '  X----- ACK END dropped'
    printed | grep -x -- '-------> END again: discarded'
    printed | grep -x -- '<------- ACK END'
}

@test "udp/stopwait: without ACKs the sender repeats itself and gives up" {
    start build/udp/stopwait_recv --no-ack 127.0.0.1 0
    run -1 limited build/udp/stopwait_send 127.0.0.1 "$(port)" 10
    [ "${lines[0]}" = "#1   ------->" ]
    [[ $output == *"stopwait_send: no ACK of #1 came within 3 s" ]]
    run -1 finish

    [ "$(printed | grep -c 'oslo')" -eq 1 ]
    [ "$(printed | grep -c '#1 again: discarded')" -ge 2 ]
    printed | grep -x 'stopwait_recv: #2 did not come within 2 s'
}

@test "udp/stopwait: without a timer one loss stops both" {
    start build/udp/stopwait_recv 127.0.0.1 0
    run -1 limited \
        build/udp/stopwait_send --no-timer --drop 2 127.0.0.1 "$(port)" 10
    [[ $output == *"stopwait_send: no ACK of #2 came within 3 s" ]]
    run -1 finish

    printed | grep -x 'stopwait_recv: #2 did not come within 2 s'
}

@test "udp/stopwait: without a timer all arrives as long as nothing is lost" {
    session --no-timer "" 10
    printed | grep -x -- '-------> 10 of 10 readings arrived'
}

@test "udp/stopwait: garbage, other senders and early readings change nothing" {
    start build/udp/stopwait_recv 127.0.0.1 0
    port=$(port) perl -MSocket -e '
        socket($_, PF_INET, SOCK_DGRAM, 0) or die for my ($sender, $other);
        my $to = pack_sockaddr_in($ENV{port}, inet_aton("127.0.0.1"));
        sub reading { pack "C N n a10", 1, $_[0], 0, "oslo" }
        send($other, "garbage", 0, $to);
        send($sender, reading(1), 0, $to);
        send($other, reading(2), 0, $to);
        send($sender, reading(9), 0, $to);
        send($sender, reading(2), 0, $to);
        send($sender, pack("C N n a10", 2, 2, 0, ""), 0, $to);
    '
    finish

    [ "$(printed | tail -n +2)" = "-------> skipped 7 bytes: not a reading
-------> oslo #1 0.0 C
<------- ACK #1
-------> #2 of another sender: discarded
-------> #9 too early: discarded
-------> oslo #2 0.0 C
<------- ACK #2
-------> 2 of 2 readings arrived
<------- ACK END" ]
}

@test "udp/stopwait: a sender without a receiver says so" {
    run -1 limited build/udp/stopwait_send 127.0.0.1 9 1
    [[ $output == *": Connection refused" ]]
}

@test "udp/stopwait: wrong arguments get the usage line and status 2" {
    for options in "--drop 0" "--drop" "--drop 1,x" "--no-ack"; do
        # shellcheck disable=SC2086 # two words
        run -2 limited build/udp/stopwait_send $options 127.0.0.1 9 1
        [[ $output == "usage: stopwait_send [--drop LIST] [--no-timer] "* ]]
    done
    run -2 limited build/udp/stopwait_recv --drop-ack , 127.0.0.1 0
    [[ $output == "usage: stopwait_recv [--drop-ack LIST] [--no-ack] "* ]]
}
